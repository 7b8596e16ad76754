// certctl.yaml: a tree becomes Settings, the list of profile files, the defaults and the source of the serial number.
#pragma once

#include <string>
#include <vector>

#include "framework/config/device_serial.hpp"
#include "framework/config/report.hpp"

namespace certctl::config {

struct SettingsFile {
  Settings settings;
  std::string profiles_directory;          // absolute; empty: the profiles are a list
  std::vector<std::string> profile_files;  // absolute, in the order of their names; those of a list as listed
  Node defaults;                           // a map, or null
  DeviceSerial device_serial;
};

// What is wrong goes to the report.
[[nodiscard]] SettingsFile read_settings(const Node& root, const std::string& file, Report& report);

inline constexpr const char* kSettingsKeys[] = {"schema", "state", "profiles",      "plugins", "allow_volatile",
                                                "clock",  "locks", "device_serial", "jobs",    "defaults"};
inline constexpr const char* kDefaultState = "/var/lib/certctl";
inline constexpr const char* kDefaultPlugins = "/usr/lib/certctl/plugins";
inline constexpr const char* kDefaultProfiles = "profiles.d";
inline constexpr int kMaxJobs = 256;

}  // namespace certctl::config
