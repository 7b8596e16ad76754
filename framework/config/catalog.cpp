#include "framework/config/catalog.hpp"

namespace certctl::config {

const char* kind_word(PluginKind kind) noexcept {
  switch (kind) {
    case PluginKind::enroller: return "enroller";
    case PluginKind::store: return "store";
    case PluginKind::key_provider: return "key provider";
    case PluginKind::distributor: return "distributor";
    case PluginKind::hook: return "hook";
  }
  return "plugin";
}

}  // namespace certctl::config
