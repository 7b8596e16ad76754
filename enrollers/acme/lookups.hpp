// What the server is asked beside certificates: when to renew (RFC 9773), and to revoke (RFC 8555 §7.6).
#pragma once

#include "enrollers/acme/client.hpp"
#include "enrollers/acme/protocol/messages.hpp"

#include <certctl/enroller.hpp>

namespace certctl::acme {

// RFC 9773 §4.2: between these the server wants the certificate to be renewed. Fails with "unsupported" (never) where
// the server or the profile knows nothing of it, and as Client::get().
[[nodiscard]] RenewalWindow suggested_window(const Settings& settings, Client& client, const Credential& current,
                                             Host& host);

void revoke_current(const Settings& settings, Client& client, const EnrollRequest& request, int reason, Host& host);

}  // namespace certctl::acme
