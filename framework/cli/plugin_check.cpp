#include "framework/cli/plugin_check.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "framework/cli/output.hpp"
#include "framework/cli/run_profiles.hpp"
#include "framework/sys/subprocess.hpp"

namespace certctl::cli {
namespace fs = std::filesystem;
namespace {

constexpr const char* kName = "certctl-plugin-check";
constexpr std::size_t kMostOutput = 4 * 1024 * 1024;

// Beside this program (build directory), or where the package puts it. Never from PATH (P13).
fs::path checker() {
  const fs::path own = fs::read_symlink("/proc/self/exe").parent_path();
  for (const fs::path& place : {own / kName, own.parent_path() / "lib/certctl" / kName})
    if (::access(place.c_str(), X_OK) == 0) return place;
  throw Failure::never("not-installed", std::string("the conformance suites (") + kName + ") are not installed",
                       "apt-get install certctl-dev");
}

void add_path(std::vector<std::string>& words, const char* option, const std::string& value) {
  if (value.empty()) return;
  words.emplace_back(option);
  words.push_back(fs::absolute(value).string());
}

}  // namespace

int check_plugin(const Program& program, const PluginCheck& check) {
  const registry::PluginInfo info = registry::Registry::check(check.path);
  sys::ProcessRequest request;
  request.command.arguments = {checker().string()};
  add_path(request.command.arguments, "--options", check.options);
  add_path(request.command.arguments, "--fixture", check.fixture);
  add_path(request.command.arguments, "--ca", check.ca);
  if (program.options().json) request.command.arguments.emplace_back("--json");
  request.command.arguments.push_back(info.path);
  request.environment = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/", "LANG=C"};
  request.timeout = std::chrono::seconds(check.timeout);
  request.output_limit = kMostOutput;
  request.error_limit = kMostOutput;
  const sys::ProcessResult result = sys::run_process(request);
  print(result.output);
  std::fputs(result.errors.c_str(), stderr);
  if (result.exit_status >= 0 && result.exit_status <= 2 && !result.timed_out) return result.exit_status;
  throw RunFailure(Error{"plugin-failed",
                         info.name + " ended the conformance suite: " + sys::describe_end(result),
                         "the rule after the last line above did it",
                         RetryClass::never,
                         {}});
}

}  // namespace certctl::cli
