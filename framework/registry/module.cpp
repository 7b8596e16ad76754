#include "framework/registry/module.hpp"

#include <dlfcn.h>

#include "framework/crypto/error_fence.hpp"
#include "framework/registry/descriptor_check.hpp"
#include "framework/registry/elf_file.hpp"
#include "framework/registry/trusted_path.hpp"

namespace certctl::registry {
namespace {

constexpr std::string_view kSuffix = ".so";

// The loader's words, without the path in front that the caller names anyway.
std::string loader_error(const std::string& path) {
  const char* const problem = ::dlerror();
  std::string text = problem != nullptr ? problem : "unknown cause";
  if (text.starts_with(path + ": ")) text.erase(0, path.size() + 2);
  return text;
}

// RTLD_NOW: a missing symbol shows here and not in the middle of a delivery. RTLD_NODELETE: code, strings and types of
// a plugin stay, whoever still points to them.
const certctl_descriptor& load(const std::string& path) {
  const crypto::ErrorFence fence;  // initialisers run
  void* const handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (handle == nullptr) {
    throw Failure::never("plugin-unloadable", "it cannot be loaded: " + loader_error(path),
                         "install what it needs, or rebuild it for this system");
  }
  void* const symbol = ::dlsym(handle, "certctl_plugin_v1");
  if (symbol == nullptr) {
    throw Failure::never("plugin-malformed", "it does not export certctl_plugin_v1",
                         "build it with certctl_add_plugin()");
  }
  return *static_cast<const certctl_descriptor*>(symbol);
}

}  // namespace

std::string module_file_name(Kind kind, std::string_view name) {
  return std::string(file_word(kind)) + "_" + std::string(name) + std::string(kSuffix);
}

std::optional<std::pair<Kind, std::string>> parse_module_file_name(std::string_view file_name) {
  if (!file_name.ends_with(kSuffix)) return std::nullopt;
  file_name.remove_suffix(kSuffix.size());
  for (const Kind kind : kAllKinds) {
    const std::string_view word = file_word(kind);
    if (!file_name.starts_with(word) || file_name.substr(word.size(), 1) != "_") continue;
    const std::string_view name = file_name.substr(word.size() + 1);
    if (is_plugin_name(name)) return std::pair(kind, std::string(name));
  }
  return std::nullopt;
}

Error wrong_file_name() {
  return {"plugin-name", "its file name is not of the form <kind>_<name>.so",
          "kinds are enroller, store, key, distributor and hook; names are lower case", RetryClass::never,
          std::chrono::seconds{0}};
}

Plugin load_module(const std::string& path) {
  const auto expected = parse_module_file_name(std::string_view(path).substr(path.rfind('/') + 1));
  if (!expected) throw Failure(wrong_file_name());
  const std::string canonical = trusted_path(path, Leaf::file);

  // With these bytes the check of the descriptor would refuse the plugin: better before its initialisers run.
  const DescriptorHead head = read_descriptor_head(canonical);
  check_head(head.magic, head.struct_size, head.kind, head.build);
  if (head.kind != static_cast<std::uint32_t>(expected->first)) {
    throw Failure::never("plugin-name",
                         "it is a " + std::string(title(*kind_of_number(head.kind))) + ", its file name says " +
                             std::string(title(expected->first)),
                         "a plugin's file is called <kind>_<name>.so");
  }

  Plugin plugin = checked_plugin(load(canonical), canonical);
  if (plugin.info.kind != expected->first || plugin.info.name != expected->second) {
    throw Failure::never("plugin-name",
                         "it calls itself " + std::string(title(plugin.info.kind)) + " '" + plugin.info.name + "'",
                         "its file must be called " + module_file_name(plugin.info.kind, plugin.info.name));
  }
  return plugin;
}

}  // namespace certctl::registry
