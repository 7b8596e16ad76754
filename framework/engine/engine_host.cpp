#include "framework/engine/engine_host.hpp"

#include <cstdlib>
#include <filesystem>

#include "framework/sys/atomic_file.hpp"
#include "framework/sys/lock.hpp"
#include "framework/sys/printable.hpp"
#include "framework/sys/shown_output.hpp"
#include "framework/sys/subprocess.hpp"

namespace certctl::engine {
namespace {

constexpr std::size_t kLongestSecret = 64 * 1024;
constexpr std::size_t kLongestOutput = 4 * 1024;
// A certctl tool inside a script says here that it failed, whatever the script's exit code (design 6a).
constexpr const char* kFailureReport = "failed";
constexpr std::size_t kLongestReport = 1024;

std::string joined(const std::vector<std::string>& pems) {
  std::string all;
  for (const auto& pem : pems) all += pem;
  return all;
}

// The router app's tools first, then those beside this program, wherever it is installed.
std::string script_path() {
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  std::string path = "PATH=/opt/scepClient/bin:";
  if (!error && program.is_absolute()) path += program.parent_path().string() + ":";
  return path + "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
}

// The tool's words, unless the script let them through itself.
void add_report(std::string& output, const std::string& path) {
  try {
    // Any script can write it, so it is shown as its output is.
    const std::string report =
        sys::shown_output(sys::read_file(path, kLongestReport, sys::Links::refuse), kLongestReport);
    if (!report.empty() && output.find(report) == std::string::npos) output += (output.empty() ? "" : "; ") + report;
  } catch (const Failure&) {
    // That it is there is what counts.
  }
}

}  // namespace

EngineHost::EngineHost(const Context& context, std::string profile, const StateDirectory* state, std::string use,
                       std::function<bool()> clock_trusted)
    : context_(context),
      profile_(std::move(profile)),
      state_(state),
      use_(std::move(use)),
      clock_trusted_(std::move(clock_trusted)) {}

TimePoint EngineHost::now() const noexcept {
  return context_.clock();
}

bool EngineHost::clock_trusted() const noexcept {
  return clock_trusted_ ? clock_trusted_() : true;
}

void EngineHost::log(LogLevel level, std::string_view line) noexcept {
  (void)guarded([&] { context_.log(level, profile_, sys::printable(line)); });
}

Result<std::string> EngineHost::work_directory() noexcept {
  return guarded([&] {
    if (state_ == nullptr) throw Failure::never("internal", "there is no profile at work");
    return state_->work_directory(use_);
  });
}

Result<CommandOutcome> EngineHost::run(const Command& command, const Credential* credential,
                                       std::chrono::seconds timeout) noexcept {
  return guarded([&] { return run_command(command, credential, timeout); });
}

CommandOutcome EngineHost::run_command(const Command& command, const Credential* credential,
                                       std::chrono::seconds timeout) {
  if (command.empty()) throw Failure::never("internal", "an empty command");
  if (state_ == nullptr) throw Failure::never("internal", "there is no profile at work");
  const std::string event = state_->event_directory();
  sys::make_private_directory(event);
  sys::replace_file(event + "/event.json",
                    event_json_.empty()
                        ? "{\"schema\": 1, \"event\": \"" + event_name_ + "\", \"profile\": \"" + profile_ + "\"}\n"
                        : event_json_,
                    0600);
  sys::remove_file(event + "/" + kFailureReport);
  if (credential != nullptr) {
    sys::replace_file(event + "/cert.pem", credential->certificate_pem, 0600);
    sys::replace_file(event + "/chain.pem", joined(credential->chain_pem), 0600);
  } else {
    sys::remove_file(event + "/cert.pem");
    sys::remove_file(event + "/chain.pem");
  }

  sys::ProcessRequest request;
  request.command = command;
  request.timeout = timeout;
  request.output_limit = kLongestOutput;
  const char* home = std::getenv("HOME");
  const char* lang = std::getenv("LANG");
  request.environment = {script_path(),
                         std::string("HOME=") + (home != nullptr ? home : "/"),
                         std::string("LANG=") + (lang != nullptr ? lang : "C"),
                         "CERTCTL_EVENT=" + event_name_,
                         "CERTCTL_PROFILE=" + profile_,
                         "CERTCTL_EVENT_DIR=" + event};
  request.environment.push_back(sys::held_locks_variable(state_->lock_tokens()));
  request.environment.push_back("CERTCTL_LOCKS=" + context_.locks_directory);
  if (credential != nullptr && !credential->directory.empty()) {
    request.environment.push_back("CERTCTL_GENERATION_DIR=" + credential->directory);
    request.environment.push_back("CERTCTL_CERT=" + credential->directory + "/crt");
    request.environment.push_back("CERTCTL_KEY=" + credential->directory + "/key");
  }
  const sys::ProcessResult result = sys::run_process(request);

  CommandOutcome outcome;
  outcome.exit_status = result.exit_status;
  outcome.signal = result.signal;
  outcome.timed_out = result.timed_out;
  outcome.output = sys::shown_output(result.output, kLongestOutput);
  std::error_code error;
  outcome.reported_failure =
      std::filesystem::exists(std::filesystem::symlink_status(event + "/" + kFailureReport, error));
  if (outcome.reported_failure) add_report(outcome.output, event + "/" + kFailureReport);
  return outcome;
}

Result<Secret> EngineHost::read_secret(const SecretSource& source) noexcept {
  return guarded([&] {
    if (source.file.empty()) return source.inline_text;
    try {
      std::string text = sys::read_file(source.file, kLongestSecret);
      if (!text.empty() && text.back() == '\n') text.pop_back();
      return Secret(std::move(text));
    } catch (const Failure& failure) {
      throw Failure::never("secret-unreadable",
                           "the secret in " + source.file + " can't be read: " + failure.error().message,
                           "mend the file or its path in the profile");
    }
  });
}

Result<void> EngineHost::checkpoint(const std::string& token, Checkpoint state,
                                    const std::string& transaction_id) noexcept {
  return guarded([&] {
    if (!checkpoint_) throw Failure::never("internal", "a checkpoint outside of a request");
    checkpoint_(token, state, transaction_id);
  });
}

}  // namespace certctl::engine
