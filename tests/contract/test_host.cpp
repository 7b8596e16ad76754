#include "tests/contract/test_host.hpp"

#include <certctl/plugin.hpp>

#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "framework/sys/shown_output.hpp"
#include "framework/sys/subprocess.hpp"

namespace certctl::contract {
namespace fs = std::filesystem;
namespace {

std::string joined(const std::vector<std::string>& pems) {
  std::string all;
  for (const auto& pem : pems) all += pem;
  return all;
}

// With the environment and the files that the engine gives to scripts.
CommandOutcome really_run(HostState& state, const Command& command, const Credential* credential,
                          std::chrono::seconds timeout) {
  const fs::path event = state.scratch.path() / "event";
  fs::remove_all(event);
  state.scratch.write("event/event.json", state.event_json);
  fs::permissions(event, fs::perms::owner_all);
  sys::ProcessRequest request;
  request.command = command;
  request.timeout = timeout;
  request.environment = {"PATH=/opt/scepClient/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                         "HOME=/",
                         "LANG=C",
                         "CERTCTL_EVENT=" + state.event,
                         "CERTCTL_PROFILE=" + state.profile,
                         "CERTCTL_EVENT_DIR=" + event.string()};
  if (credential != nullptr) {
    state.scratch.write("event/cert.pem", credential->certificate_pem);
    state.scratch.write("event/chain.pem", joined(credential->chain_pem));
    if (!credential->directory.empty()) {
      request.environment.push_back("CERTCTL_GENERATION_DIR=" + credential->directory);
      request.environment.push_back("CERTCTL_CERT=" + credential->directory + "/crt");
      request.environment.push_back("CERTCTL_KEY=" + credential->directory + "/key");
    }
  }
  const sys::ProcessResult result = sys::run_process(request);
  CommandOutcome outcome;
  outcome.exit_status = result.exit_status;
  outcome.signal = result.signal;
  outcome.timed_out = result.timed_out;
  outcome.reported_failure = fs::exists(event / "failed");
  outcome.output = sys::shown_output(result.output, 4096);
  return outcome;
}

}  // namespace

Scratch::Scratch(Where where) {
  const fs::path base = where == Where::memory && fs::is_directory("/dev/shm") ? "/dev/shm" : fs::temp_directory_path();
  std::string name = (base / "certctl-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed for " + name);
  path_ = fs::canonical(name);
}

Scratch::~Scratch() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

fs::path Scratch::write(const std::string& name, std::string_view content, unsigned mode) const {
  const fs::path file = path_ / name;
  fs::create_directories(file.parent_path());
  std::ofstream stream(file, std::ios::binary | std::ios::trunc);
  stream.write(content.data(), static_cast<std::streamsize>(content.size()));
  stream.close();
  if (!stream || ::chmod(file.c_str(), mode) != 0) throw std::runtime_error("cannot write " + file.string());
  return file;
}

std::string Scratch::read(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw std::runtime_error("cannot read " + file.string());
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

bool HostState::logged(std::string_view part) const {
  for (const auto& [level, line] : log)
    if (line.find(part) != std::string::npos) return true;
  return false;
}

namespace host_part {

Result<std::string> work_directory(const HostState& state) noexcept {
  return guarded([&] {
    const fs::path directory = state.scratch.path() / "work";
    fs::create_directory(directory);
    fs::permissions(directory, fs::perms::owner_all);
    return directory.string();
  });
}

Result<CommandOutcome> run(HostState& state, const Command& command, const Credential* credential,
                           std::chrono::seconds timeout) noexcept {
  return guarded([&] {
    state.calls.push_back({command, credential != nullptr, credential ? credential->directory : "", timeout});
    return state.script ? state.script(state.calls.back()) : really_run(state, command, credential, timeout);
  });
}

Result<Secret> read_secret(const SecretSource& source) noexcept {
  return guarded([&] {
    if (source.file.empty()) return source.inline_text;
    std::ifstream stream(source.file, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    if (!stream) throw Failure::never("secret-unreadable", "cannot read secret file " + source.file);
    if (!text.empty() && text.back() == '\n') text.pop_back();
    return Secret(std::move(text));
  });
}

void log(HostState& state, LogLevel level, std::string_view line) noexcept {
  state.log.emplace_back(level, line);
}

}  // namespace host_part

Result<void> TestEnrollHost::checkpoint(const std::string& token, Checkpoint state,
                                        const std::string& transaction_id) noexcept {
  return guarded([&] {
    const Kept kept{token, state, transaction_id};
    if (on_checkpoint) on_checkpoint(kept).value();
    checkpoints.push_back(kept);
  });
}

}  // namespace certctl::contract
