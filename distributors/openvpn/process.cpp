#include "distributors/openvpn/process.hpp"

#include <certctl/result.hpp>

#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <set>
#include <sstream>
#include <system_error>

#include "framework/sys/atomic_file.hpp"
#include "framework/sys/printable.hpp"

namespace certctl::openvpn {
namespace {

constexpr std::size_t kProcFileBytes = 64U << 10U;
constexpr std::uint64_t kReadsAll = (1U << 1U) | (1U << 2U);  // CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH

Failure not_running(const std::string& why) {
  return Failure("service-not-running", "openvpn is not running: " + why,
                 "start it, or correct `pid` (openvpn writes that file with --writepid)");
}

std::string proc_file(pid_t pid, const char* name) {
  // Such files have no size: read_file() takes what there is.
  return sys::read_file("/proc/" + std::to_string(pid) + "/" + name, kProcFileBytes);
}

struct Rights {
  uid_t user = 0;
  std::set<gid_t> groups;
  bool reads_all = false;
};

// As of the files that it opens: the last column of Uid and Gid.
Rights rights_of(pid_t pid) {
  Rights rights;
  std::istringstream lines(proc_file(pid, "status"));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name;
    words >> name;
    std::uint64_t real = 0, effective = 0, saved = 0, files = 0;
    if (name == "Uid:" && words >> real >> effective >> saved >> files) rights.user = static_cast<uid_t>(files);
    if (name == "Gid:" && words >> real >> effective >> saved >> files) rights.groups.insert(static_cast<gid_t>(files));
    if (name == "Groups:")
      for (gid_t group = 0; words >> group;) rights.groups.insert(group);
    if (name == "CapEff:" && words >> std::hex >> real) rights.reads_all = (real & kReadsAll) != 0;
  }
  return rights;
}

bool allowed(const std::string& path, const Rights& rights, unsigned right) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return false;
  if (status.st_uid == rights.user) return (status.st_mode & (right << 6U)) != 0;
  if (rights.groups.contains(status.st_gid)) return (status.st_mode & (right << 3U)) != 0;
  return (status.st_mode & right) != 0;
}

}  // namespace

Process Process::of_pid_file(const std::string& path) {
  const auto text = sys::read_file_if_exists(path, 64);
  if (!text) throw not_running("there is no pid file " + path);
  int number = 0;
  const auto [end, problem] = std::from_chars(text->data(), text->data() + text->size(), number);
  const std::string_view rest(end, text->size() - static_cast<std::size_t>(end - text->data()));
  if (problem != std::errc() || number <= 1 || rest.find_first_not_of(" \r\n\t") != std::string_view::npos) {
    throw Failure::never("bad-option", path + " holds no process number", "name the pid file of openvpn with `pid`");
  }
  const std::string who = "process " + std::to_string(number) + " of " + path;
  Process process;
  process.pid_ = number;
  process.handle_ = sys::FileDescriptor(static_cast<int>(::syscall(SYS_pidfd_open, process.pid_, 0)));
  if (!process.handle_.is_open()) throw not_running("there is no " + who);
  std::string command;
  try {
    command = proc_file(process.pid_, "comm");
  } catch (const Failure&) {
    throw not_running(who + " ends right now");
  }
  while (command.ends_with('\n')) command.pop_back();
  if (command != "openvpn") throw not_running(who + " is another program (" + sys::printable(command) + ")");
  return process;
}

bool Process::can_read(const std::string& path) const {
  const Rights rights = rights_of(pid_);
  if (rights.reads_all) return true;
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    if (!allowed(path.substr(0, slash), rights, 1)) return false;
  }
  return allowed(path, rights, 4);
}

void Process::send(int signal) const {
  if (::syscall(SYS_pidfd_send_signal, handle_.get(), signal, nullptr, 0) == 0) return;
  if (errno == ESRCH) throw not_running("process " + std::to_string(pid_) + " has just ended");
  throw Failure(
      "reload-failed",
      "cannot signal openvpn, process " + std::to_string(pid_) + ": " + std::generic_category().message(errno),
      "run as root, or as the user of openvpn");
}

bool Process::ends_within(std::chrono::milliseconds time) const {
  pollfd one{handle_.get(), POLLIN, 0};
  const auto deadline = std::chrono::steady_clock::now() + time;
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    const int ready = ::poll(&one, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

}  // namespace certctl::openvpn
