#include "framework/compat/router_page/module.hpp"

#include <certctl/result.hpp>

#include <algorithm>
#include <filesystem>

#include "framework/compat/router_app/generated_profile.hpp"
#include "framework/compat/router_app/module_settings.hpp"
#include "framework/compat/router_app/settings_text.hpp"
#include "framework/compat/router_page/status_json.hpp"
#include "framework/sys/atomic_file.hpp"
#include "framework/sys/subprocess.hpp"

namespace certctl::router_page {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestStatus = 1U << 20U;
constexpr std::size_t kLongestLicense = 256U << 10U;
constexpr std::size_t kMostLicenses = 50;
constexpr std::chrono::seconds kLongestRestart{60};
constexpr std::chrono::seconds kLongestStatusRun{30};

}  // namespace

Module::Module(std::string directory, std::string configuration, std::string store)
    : directory_(std::move(directory)),
      configuration_(configuration.empty() ? directory_ + "/etc/certctl.yaml" : std::move(configuration)),
      store_(std::move(store)) {}

Module::Settings Module::settings() const {
  Settings result;
  const auto text = sys::read_file_if_exists(settings_path(), router_app::kLongestSettingsFile);
  auto read = router_app::read_module_settings(text.value_or(""), settings_path());
  result.values = std::move(read.values);
  for (const auto& diagnostic : read.diagnostics) result.problems.push_back(config::format(diagnostic));
  return result;
}

void Module::save(const router_app::Values& values) const {
  router_app::save_module_settings(settings_path(), values);
}

bool Module::restart() const {
  sys::ProcessRequest request;
  request.command = {false, {directory_ + "/etc/init", "restart"}};
  request.environment = {"PATH=" + directory_ + "/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                         "HOME=/", "CERTCTL_CONFIG=" + configuration_, "SCEPCLIENT_STORE=" + store_};
  request.timeout = kLongestRestart;
  request.output_limit = 0;
  try {
    return sys::run_process(request).succeeded();
  } catch (const Failure&) {
    return false;
  }
}

std::optional<std::string> Module::certctl(const std::vector<std::string>& words, std::string& problem) const {
  sys::ProcessRequest request;
  request.command = {false, {directory_ + "/bin/certctl", "--config", configuration_, "--quiet", "--json"}};
  request.command.arguments.insert(request.command.arguments.end(), words.begin(), words.end());
  request.environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/", "SCEPCLIENT_STORE=" + store_};
  request.timeout = kLongestStatusRun;
  request.output_limit = kLongestStatus;
  request.error_limit = 4096;
  try {
    const auto result = sys::run_process(request);
    if (!result.errors.empty()) problem = result.errors;
    if (result.succeeded() || (!result.timed_out && result.signal == 0 && !result.output.empty())) return result.output;
    if (problem.empty()) problem = "certctl status: " + sys::describe_end(result);
  } catch (const Failure& failure) {
    problem = failure.error().message;
  }
  return std::nullopt;
}

StatusFacts Module::status() const {
  StatusFacts facts;
  if (const auto lines = certctl({"status", "--router-app"}, facts.problem)) read_lines(*lines, facts);
  if (const auto all = certctl({"status"}, facts.problem)) read_profiles(*all, facts);
  facts.authorities = router_app::authorities_in(store_);
  const auto wanted = settings().values;
  facts.trusts_first = facts.authorities.empty() && router_app::flag(wanted, "ENABLED") &&
                       router_app::text(wanted, "CA_FINGERPRINT").empty();
  return facts;
}

std::vector<License> Module::licenses() const {
  std::vector<License> all;
  std::error_code error;
  for (fs::directory_iterator it(directory_ + "/licenses", error), end; !error && it != end; it.increment(error)) {
    if (all.size() == kMostLicenses) break;
    try {
      all.push_back({it->path().stem().string(), sys::read_file(it->path().string(), kLongestLicense)});
    } catch (const Failure&) {
      all.push_back({it->path().stem().string(), "cannot be read"});
    }
  }
  std::sort(all.begin(), all.end(), [](const License& left, const License& right) { return left.name < right.name; });
  return all;
}

}  // namespace certctl::router_page
