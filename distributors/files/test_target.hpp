// What the tests of `files` share.
#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <initializer_list>
#include <string>
#include <utility>

#include "framework/sys/subprocess.hpp"
#include "tests/contract/credentials.hpp"
#include "tests/contract/distributor_suite.hpp"

namespace files_test {

using namespace certctl;
using namespace certctl::contract;
namespace fs = std::filesystem;

inline Made<DistributorApi> plugin_files(std::initializer_list<std::pair<std::string, OptionValue>> given, Host& host) {
  return instance<DistributorApi>("files", given, host);
}

inline const Credential& two() {
  static const Credential made = test_credential("two");
  return made;
}

inline std::string path(const fs::path& file) {
  return file.string();
}

inline void deliver(DistributorApi& plugin, const Credential& credential) {
  plugin.install(credential, plugin.prepare(credential, nullptr).value()).value();
}

inline unsigned mode_of(const fs::path& file) {
  struct stat status {};
  return ::lstat(file.c_str(), &status) == 0 ? static_cast<unsigned>(status.st_mode & 07777U) : 0U;
}

inline struct stat status_of(const fs::path& file) {
  struct stat status {};
  if (::lstat(file.c_str(), &status) != 0) throw std::runtime_error("cannot look at " + file.string());
  return status;
}

inline std::size_t entries(const fs::path& directory) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory), fs::directory_iterator()));
}

inline std::string shell(const std::string& text, const fs::path& directory) {
  sys::ProcessRequest request;
  request.command = {true, {text}};
  request.environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin"};
  request.directory = directory.string();
  request.output_limit = 1U << 16U;
  const auto result = sys::run_process(request);
  return result.succeeded() ? result.output : "failed: " + result.output;
}

}  // namespace files_test
