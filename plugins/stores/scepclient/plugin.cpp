#include "plugins/stores/scepclient/store.hpp"

#include <certctl/plugin.hpp>

CERTCTL_PLUGIN(certctl::Store, certctl::scepclient::ScepclientStore, "scepclient", "1.0",
               "pairs named by serial, latest.key and latest.crt: the directory of the router app SCEP Client",
               certctl::scepclient::kOptions);
