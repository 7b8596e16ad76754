#include "framework/sys/service_process.hpp"

#include <certctl/result.hpp>

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>

#include "framework/sys/atomic_file.hpp"
#include "framework/sys/printable.hpp"
#include "framework/sys/system_error.hpp"

namespace certctl::sys {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxPidFile = 4096;
constexpr std::size_t kShownName = 60;

Failure not_running(const std::string& name, const std::string& why) {
  return Failure("not-running", name + " is not running: " + why,
                 "start it, or correct the profile if its pid file is elsewhere");
}

// The first word of the file; nothing when it is no process number.
std::optional<pid_t> number_in(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return std::nullopt;
  text = text.substr(begin, text.find_first_of(" \t\r\n", begin) - begin);
  pid_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end != text.data() + text.size() || number <= 1) return std::nullopt;
  return number;
}

std::string directory_of(pid_t id) {
  return "/proc/" + std::to_string(id);
}

// /proc/PID/comm; empty when there is no such process.
std::string command_of(pid_t id) {
  std::ifstream stream(directory_of(id) + "/comm");
  std::string name;
  std::getline(stream, name);
  return name;
}

// What it runs, by path if we may see that, else by name. A package update leaves " (deleted)" behind the path; in
// another mount namespace, or under an emulator, the path is another one.
bool runs(pid_t id, const std::string& program) {
  std::error_code error;
  const fs::path wanted = fs::weakly_canonical(program, error);
  std::string path = fs::read_symlink(directory_of(id) + "/exe", error).string();
  constexpr std::string_view kDeleted = " (deleted)";
  if (path.ends_with(kDeleted)) path.resize(path.size() - kDeleted.size());
  if (!path.empty() && path == wanted.string()) return true;
  return command_of(id) == fs::path(program).filename().string().substr(0, 15);  // TASK_COMM_LEN
}

// Whether a signal does what the program wants: it has a handler, or holds the signal back until it has one, as a
// program does that executes itself anew.
bool takes(pid_t id, int number) {
  std::ifstream stream(directory_of(id) + "/status");
  for (std::string line; std::getline(stream, line);) {
    constexpr std::string_view kHeldBack = "SigBlk:\t", kCaught = "SigCgt:\t";
    if (!line.starts_with(kHeldBack) && !line.starts_with(kCaught)) continue;
    std::uint64_t mask = 0;
    const char* const begin = line.data() + kCaught.size();
    const bool read = std::from_chars(begin, line.data() + line.size(), mask, 16).ec == std::errc();
    if (read && ((mask >> (number - 1)) & 1U) != 0) return true;
  }
  return false;
}

}  // namespace

ServiceProcess ServiceProcess::find(const std::string& pid_file, const std::string& program) {
  ServiceProcess process;
  process.name_ = fs::path(program).filename().string();
  process.pid_file_ = pid_file;
  const auto text = read_file_if_exists(pid_file, kMaxPidFile);
  if (!text) throw not_running(process.name_, "there is no " + pid_file);
  const auto id = number_in(*text);
  if (!id) throw not_running(process.name_, "no process number in " + pid_file);
  process.id_ = *id;
  const std::string which = "process " + std::to_string(*id) + " of " + pid_file;
  const int handle = static_cast<int>(::syscall(SYS_pidfd_open, *id, 0));
  if (handle < 0 && errno == ESRCH) throw not_running(process.name_, "no " + which);
  if (handle >= 0) process.handle_ = FileDescriptor(handle);
  const std::string command = command_of(*id);
  if (command.empty()) throw not_running(process.name_, "no " + which);
  if (!runs(*id, program)) {
    throw Failure("another-process",
                  which + " is not " + process.name_ + " but " + printable_start(command, kShownName),
                  "start " + process.name_ + ", or correct the profile if its pid file is elsewhere");
  }
  return process;
}

void ServiceProcess::signal(int number) const {
  const std::string which = name_ + " (process " + std::to_string(id_) + " of " + pid_file_ + ")";
  if (!takes(id_, number)) {
    if (command_of(id_).empty()) throw not_running(name_, "no process " + std::to_string(id_) + " of " + pid_file_);
    throw Failure("signal-not-caught", which + " has no handler for signal " + std::to_string(number),
                  "it is not the main process, or does not reload in the way that it is started");
  }
  const long sent =
      handle_.is_open() ? ::syscall(SYS_pidfd_send_signal, handle_.get(), number, nullptr, 0) : ::kill(id_, number);
  if (sent == 0) return;
  const int error = errno;
  if (error == ESRCH) throw not_running(name_, "no process " + std::to_string(id_) + " of " + pid_file_);
  throw Failure("signal-not-sent", system_failure("cannot signal " + which, error).error().message,
                "run certctl as root, or as the user of the service");
}

}  // namespace certctl::sys
