// What configuration needs to know about plugins: their names and their option tables. The program hands in an adaptor
// over the registry; tests a fake.
#pragma once

#include <certctl/abi.h>

#include <certctl/options.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace certctl::config {

// The numbers are those of abi.h.
enum class PluginKind : int {
  enroller = CERTCTL_KIND_ENROLLER,
  store = CERTCTL_KIND_STORE,
  key_provider = CERTCTL_KIND_KEY_PROVIDER,
  distributor = CERTCTL_KIND_DISTRIBUTOR,
  hook = CERTCTL_KIND_HOOK,
};
inline constexpr PluginKind kPluginKinds[] = {PluginKind::enroller, PluginKind::store, PluginKind::key_provider,
                                              PluginKind::distributor, PluginKind::hook};
// "enroller", "store", "key provider", "distributor", "hook"
[[nodiscard]] const char* kind_word(PluginKind kind) noexcept;

struct PluginDescription {
  std::string name;
  PluginKind kind = PluginKind::enroller;
  std::string version;
  std::string summary;
  std::span<const OptionSpec> options;  // borrowed; lives as long as the catalog
};

class PluginCatalog {
 public:
  PluginCatalog() = default;
  PluginCatalog(const PluginCatalog&) = delete;
  PluginCatalog& operator=(const PluginCatalog&) = delete;
  virtual ~PluginCatalog() = default;

  // Borrowed, until the catalog ends; null when there is no usable plugin of that kind and name.
  [[nodiscard]] virtual const PluginDescription* find(PluginKind kind, std::string_view name) const = 0;
  // All usable ones of a kind, sorted by name.
  [[nodiscard]] virtual std::vector<const PluginDescription*> all(PluginKind kind) const = 0;
  // Why a plugin of that name was found and not taken; empty when none of that name was found at all.
  [[nodiscard]] virtual std::string refusal(PluginKind kind, std::string_view name) const = 0;
};

}  // namespace certctl::config
