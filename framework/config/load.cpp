#include "framework/config/load.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "framework/config/merge.hpp"
#include "framework/config/profile_reader.hpp"
#include "framework/config/settings_reader.hpp"
#include "framework/config/source_file.hpp"

namespace certctl::config {
namespace {

constexpr const char* kDefaultSettingsFile = "/etc/certctl/certctl.yaml";

void append(std::vector<Diagnostic>& to, std::vector<Diagnostic>&& from) {
  std::move(from.begin(), from.end(), std::back_inserter(to));
}

struct Work {
  Loaded& loaded;
  const SettingsFile& settings;
  const PluginCatalog& catalog;
  const SerialSource& serial;
  const Proposal* proposal;
};

void load_profile(const Work& work, const std::string& file, const std::string& name) {
  Report report(name, file);
  if (!is_profile_name(name))
    report.error({file, 0, 0}, "bad-name", "a profile cannot be called " + quote(name),
                 "use up to 63 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit");
  SourceFile source = read_source(file, work.proposal);
  for (Diagnostic& d : source.diagnostics) d.profile = name;
  append(work.loaded.diagnostics, std::move(source.diagnostics));
  std::optional<Profile> profile;
  if (source.root) {
    const Node root = merge_defaults(std::move(*source.root), work.settings.defaults);
    profile = read_profile(root, name, file, work.catalog, work.serial, report);
  }
  const bool good = profile && !report.failed();
  append(work.loaded.diagnostics, report.take_diagnostics());
  work.loaded.effective[name] = report.take_values();
  if (good) {
    work.loaded.profiles.push_back(std::move(*profile));
  } else {
    work.loaded.broken.push_back(name);
  }
}

// Two files of one name would share a state directory: none of them is used.
void load_profiles(const Work& work) {
  std::map<std::string, std::vector<std::string>> files;
  for (const std::string& file : work.settings.profile_files) {
    auto& same_name = files[std::filesystem::path(file).stem().string()];
    if (std::find(same_name.begin(), same_name.end(), file) == same_name.end()) same_name.push_back(file);
  }
  for (const auto& [name, same_name] : files) {
    if (same_name.size() == 1) {
      load_profile(work, same_name.front(), name);
      continue;
    }
    for (std::size_t i = 1; i < same_name.size(); ++i)
      work.loaded.diagnostics.push_back({{same_name[i], 0, 0},
                                         Severity::error,
                                         "repeated-name",
                                         "there are two profiles " + quote(name),
                                         "the other is " + same_name.front(),
                                         name});
    work.loaded.broken.push_back(name);
  }
}

// What no profile takes of `defaults` is judged too, as far as it says something.
void check_defaults(const Work& work) {
  const Node& defaults = work.settings.defaults;
  if (!defaults.is_map()) return;
  Report report({}, work.loaded.settings.file);
  (void)read_profile(
      defaults, "defaults", work.loaded.settings.file, work.catalog, [] { return std::string("0"); }, report);
  for (Diagnostic& d : report.take_diagnostics()) {
    if (d.code.rfind("missing-", 0) != 0) work.loaded.diagnostics.push_back(std::move(d));
  }
}

}  // namespace

const Profile* Loaded::find(const std::string& name) const noexcept {
  const auto it = std::find_if(profiles.begin(), profiles.end(), [&](const Profile& p) { return p.name == name; });
  return it == profiles.end() ? nullptr : &*it;
}

std::string settings_path(const std::string& option) {
  std::string path = option;
  if (path.empty()) {
    const char* variable = std::getenv("CERTCTL_CONFIG");
    path = variable != nullptr && *variable != '\0' ? variable : kDefaultSettingsFile;
  }
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  return error ? path : absolute.lexically_normal().string();
}

Loaded load(const std::string& settings_file, const OpenCatalog& open_catalog, const Proposal* proposal) {
  Loaded loaded;
  loaded.settings.file = settings_file;
  loaded.sources.push_back(settings_file);
  Report report({}, settings_file);
  SourceFile source = read_source(settings_file, proposal);
  if (!source.root && !source.diagnostics.empty() && source.diagnostics.back().mark.line == 0) {
    const Diagnostic& why = source.diagnostics.back();
    throw Failure::never("config-unreadable", settings_file + ": " + why.message, why.hint);
  }
  append(loaded.diagnostics, std::move(source.diagnostics));
  SettingsFile settings;
  if (source.root) {
    settings = read_settings(*source.root, settings_file, report);
    append(loaded.diagnostics, report.take_diagnostics());
    loaded.settings = settings.settings;
    if (proposal != nullptr && std::filesystem::path(proposal->path).parent_path() == settings.profiles_directory &&
        std::find(settings.profile_files.begin(), settings.profile_files.end(), proposal->path) ==
            settings.profile_files.end())
      settings.profile_files.push_back(proposal->path);
    loaded.profiles_directory = settings.profiles_directory;
    if (!settings.profiles_directory.empty()) loaded.sources.push_back(settings.profiles_directory);
    loaded.sources.insert(loaded.sources.end(), settings.profile_files.begin(), settings.profile_files.end());
  }
  loaded.usable = !has_errors(loaded.diagnostics);
  if (loaded.usable) {
    const PluginCatalog& catalog = open_catalog(loaded.settings);
    const SerialSource serial = [&settings] { return settings.device_serial.get(); };
    const Work work{loaded, settings, catalog, serial, proposal};
    load_profiles(work);
    check_defaults(work);
  }
  sort_and_unify(loaded.diagnostics);
  return loaded;
}

void require_usable(const Loaded& loaded) {
  if (loaded.usable) return;
  for (const Diagnostic& d : loaded.diagnostics) {
    if (d.severity == Severity::error) throw Failure::never("config-invalid", format(d), "see `certctl lint`");
  }
  throw Failure::never("config-invalid", "certctl.yaml is invalid");
}

}  // namespace certctl::config
