#include "framework/config/settings_reader.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "framework/config/option_reader.hpp"
#include "framework/config/profile_reader.hpp"

namespace certctl::config {
namespace {

namespace fs = std::filesystem;

void read_schema(const Node& root, Report& report) {
  const Entry* entry = root.find("schema");
  if (entry == nullptr) {
    report.error(root.mark(), "missing-key", "schema is missing", "write schema: 1");
    return;
  }
  const auto number = read_integer(entry->value, 1, INT64_MAX, "schema", report);
  if (number && *number != 1)
    report.error(entry->value.mark(), "schema-unknown",
                 "this file has schema " + std::to_string(*number) + ", and this certctl knows schema 1",
                 "use a newer certctl");
}

// Files *.yaml of the directory, by name. Hidden files and other endings are left alone.
std::vector<std::string> list_directory(const std::string& directory, const Mark& mark, Report& report) {
  std::vector<std::string> files;
  struct stat status {};
  if (::stat(directory.c_str(), &status) == 0 && (status.st_mode & S_IWOTH) != 0) {
    report.error(
        mark, "unsafe-directory",
        "profiles: every user can put files into " + quote(directory) + ", which are run with certctl's rights",
        "chmod o-w " + directory);
    return files;
  }
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (name.empty() || name[0] == '.') continue;
    const std::string ending = it->path().extension().string();
    if (ending == ".yaml") files.push_back(it->path().string());
    if (ending == ".yml" || ending == ".json")
      report.warning({it->path().string(), 0, 0}, "file-ignored", "this file is not read", "call it *.yaml");
  }
  if (error)
    report.error(mark, "directory-unreadable",
                 "profiles: the directory " + quote(directory) + " cannot be read: " + error.message(),
                 "make it, or correct `profiles`");
  std::sort(files.begin(), files.end());
  return files;
}

void read_profiles(const Node& root, const std::string& file, SettingsFile& result, Report& report) {
  const Entry* entry = root.find("profiles");
  if (entry == nullptr) {
    result.profiles_directory = absolute_beside(kDefaultProfiles, file);
    result.profile_files = list_directory(result.profiles_directory, root.mark(), report);
    return;
  }
  if (!entry->value.is_sequence()) {
    if (const auto path = read_path(entry->value, "profiles", report)) {
      result.profiles_directory = *path;
      result.profile_files = list_directory(*path, entry->value.mark(), report);
    }
    return;
  }
  for (const Node& item : entry->value.items) {
    if (auto path = read_path(item, "profiles: an entry", report)) result.profile_files.push_back(std::move(*path));
  }
}

void read_plugins(const Node& root, SettingsFile& result, Report& report) {
  const Entry* entry = root.find("plugins");
  if (entry == nullptr) {
    result.settings.plugin_directories = {kDefaultPlugins};
    return;
  }
  const auto read_one = [&](const Node& node) {
    if (auto path = read_path(node, "plugins: an entry", report))
      result.settings.plugin_directories.push_back(std::move(*path));
  };
  if (entry->value.is_sequence()) {
    for (const Node& item : entry->value.items) read_one(item);
  } else {
    read_one(entry->value);
  }
}

void read_defaults(const Node& root, SettingsFile& result, Report& report) {
  const Entry* entry = root.find("defaults");
  if (entry == nullptr || entry->value.is_null()) return;
  if (!entry->value.is_map()) {
    report.error(entry->value.mark(), "wrong-type",
                 std::string("defaults must be a map, and is ") + kind_word(entry->value.kind));
    return;
  }
  std::vector<std::string> known(std::begin(kProfileKeys), std::end(kProfileKeys));
  known.erase(std::remove(known.begin(), known.end(), "profile"), known.end());
  if (check_keys(entry->value, known, "in defaults", report)) result.defaults = entry->value;
}

}  // namespace

SettingsFile read_settings(const Node& root, const std::string& file, Report& report) {
  SettingsFile result;
  Settings& settings = result.settings;
  settings.file = file;
  settings.state = kDefaultState;
  if (!root.is_map()) {
    report.error(root.mark(), "wrong-type",
                 root.is_null() ? std::string("the file is empty")
                                : std::string("certctl.yaml must be a map, and is ") + kind_word(root.kind),
                 "write at least schema: 1");
    return result;
  }
  check_keys(root, {std::begin(kSettingsKeys), std::end(kSettingsKeys)}, "", report);
  read_schema(root, report);
  if (const Entry* entry = root.find("state")) settings.state = read_path(entry->value, "state", report).value_or("");
  if (const Entry* entry = root.find("locks")) settings.locks = read_path(entry->value, "locks", report).value_or("");
  if (const Entry* entry = root.find("allow_volatile"))
    settings.allow_volatile = read_boolean(entry->value, "allow_volatile", report).value_or(false);
  if (const Entry* entry = root.find("clock")) {
    const auto word = read_choice(entry->value, {"check", "ignore"}, "clock", report);
    if (word && *word == "ignore") settings.clock = ClockPolicy::ignore;
  }
  if (const Entry* entry = root.find("jobs"))
    settings.jobs = static_cast<int>(read_integer(entry->value, 1, kMaxJobs, "jobs", report).value_or(1));
  if (const Entry* entry = root.find("device_serial")) result.device_serial = DeviceSerial::read(*entry, report);
  read_profiles(root, file, result, report);
  read_plugins(root, result, report);
  read_defaults(root, result, report);
  return result;
}

}  // namespace certctl::config
