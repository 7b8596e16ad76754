#include "framework/registry/executable.hpp"

#include "framework/registry/trusted_path.hpp"
#include "framework/sdk/exec/exec_plugin.hpp"

namespace certctl::registry {

std::string executable_file_name(Kind kind, std::string_view name) {
  return std::string(file_word(kind)) + "_" + std::string(name);
}

std::optional<std::pair<Kind, std::string>> parse_executable_file_name(std::string_view file_name) {
  std::string word;
  std::string name;
  if (!exec::is_exec_file_name(std::string(file_name), word, name)) return std::nullopt;
  for (const Kind kind : kAllKinds)
    if (file_word(kind) == word) return std::pair(kind, name);
  return std::nullopt;
}

Plugin load_executable(const std::string& path) {
  const auto expected = parse_executable_file_name(std::string_view(path).substr(path.rfind('/') + 1));
  if (!expected) {
    throw Failure::never("plugin-name", "its file name is not of the form <kind>_<name>",
                         "executables are called enroller_…, distributor_… or hook_…, in lower case");
  }
  const std::string canonical = trusted_path(path, Leaf::file);
  const auto described = exec::ExecPlugin::load(canonical);
  const auto kind = kind_of_number(static_cast<std::uint32_t>(described->kind()));
  if (kind != expected->first || described->name() != expected->second) {
    throw Failure::never("plugin-name", "it calls itself " + std::string(title(*kind)) + " '" + described->name() + "'",
                         "its file must be called " + executable_file_name(*kind, described->name()));
  }
  Plugin plugin;
  plugin.info = {
      *kind, described->name(), described->version(), described->summary(), canonical, described->options(), described};
  plugin.create = [described](const Options& options, Host& host, Error& error) {
    return exec::create(described, options, host, error);
  };
  plugin.destroy = exec::destroyer(described->kind());
  return plugin;
}

}  // namespace certctl::registry
