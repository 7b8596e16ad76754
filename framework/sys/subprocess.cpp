#include "framework/sys/subprocess.hpp"

#include <certctl/result.hpp>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "framework/sys/atomic_file.hpp"
#include "framework/sys/file_descriptor.hpp"
#include "framework/sys/printable.hpp"
#include "framework/sys/supervisor.hpp"
#include "framework/sys/system_error.hpp"

namespace certctl::sys {
namespace {

using Steady = std::chrono::steady_clock;

constexpr const char* kCode = "command-not-started";
constexpr const char* kShell = "/bin/sh";
constexpr std::chrono::milliseconds kMargin{10'000};  // that the supervisor may be late

std::vector<std::string> words_of(const Command& command) {
  if (command.empty()) throw Failure::never(kCode, "the command is empty");
  for (const auto& word : command.arguments) {
    if (word.find('\0') != std::string::npos) throw Failure::never(kCode, "the command has a NUL character");
  }
  if (!command.shell) return command.arguments;
  // The shell would take a leading - or + for options.
  return {kShell, "-c",
          (command.arguments[0].starts_with('-') || command.arguments[0].starts_with('+') ? " " : "") +
              command.arguments[0]};
}

bool is_program(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && ::access(path.c_str(), X_OK) == 0;
}

// As a shell looks for it, in the PATH that the command gets.
std::string find_program(const std::string& name, const std::vector<std::string>& environment) {
  if (name.find('/') != std::string::npos) return name;
  std::string_view path;
  for (const auto& entry : environment) {
    if (entry.starts_with("PATH=")) path = std::string_view(entry).substr(5);
  }
  while (!path.empty()) {
    const std::size_t end = std::min(path.find(':'), path.size());
    std::string candidate = std::string(path.substr(0, end)) + "/" + name;
    if (end > 0 && is_program(candidate)) return candidate;
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  throw Failure::never(kCode, "'" + printable_start(name, 100) + "' is in no directory of PATH",
                       "install it, or give its whole path");
}

// What execve() would not say: which part is missing.
Failure start_failure(const std::string& program, const ProcessRequest& request, const Report& report) {
  const std::string name = "'" + printable_start(program, 200) + "'";
  const int error = report.value;
  if (report.kind == Report::no_directory) {
    return Failure::never(kCode, system_failure("cannot enter the directory " + request.directory, error).what());
  }
  if (report.kind == Report::no_process)
    return {kCode, system_failure("cannot start a process for " + name, error).what()};
  switch (error) {
    case ENOENT: {
      struct stat status {};
      if (::stat(program.c_str(), &status) != 0) {
        return Failure::never(kCode, name + " does not exist", "mend the path of the command");
      }
      std::string interpreter;
      try {
        const std::string text = read_file(program, 1U << 20U);
        if (text.starts_with("#!")) interpreter = text.substr(2, std::min<std::size_t>(text.find('\n'), 200) - 2);
      } catch (const Failure&) {
        // A large program; its dynamic linker is missing.
      }
      if (interpreter.empty()) {
        return Failure::never(kCode, name + " needs a dynamic linker that is not there",
                              "install a build of it for this system");
      }
      return Failure::never(
          kCode, name + " needs the interpreter '" + printable_start(interpreter, 100) + "', which does not exist",
          "mend the first line of the script (lines must not end in CR), or install the interpreter");
    }
    case EACCES:
    case EPERM:
      return Failure::never(
          kCode, name + " may not be executed",
          "it, and its interpreter, must be files with the x bit (chmod +x), on a file system that is "
          "not mounted noexec");
    case ENOEXEC:
      return Failure::never(kCode, name + " is neither a program for this machine nor a script with a #! line",
                            "give the script a first line like #!/bin/sh");
    case ETXTBSY: return {kCode, name + " is being written", "wait until it is whole"};
    case E2BIG: return Failure::never(kCode, name + " would get too many or too long arguments");
    default: return {kCode, system_failure("cannot execute " + name, error).what()};
  }
}

FileDescriptor memory_file(const char* name) {
  const int number = ::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (number < 0) throw Failure(kCode, system_failure("cannot make a file in memory", errno).what());
  return FileDescriptor(number);
}

FileDescriptor open_null() {
  const int number = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (number < 0) throw Failure(kCode, system_failure("cannot open /dev/null", errno).what());
  return FileDescriptor(number);
}

FileDescriptor open_input(const std::string& input) {
  if (input.empty()) return open_null();
  FileDescriptor file = memory_file("certctl-input");
  for (std::size_t at = 0; at < input.size();) {
    const ssize_t written = ::write(file.get(), input.data() + at, input.size() - at);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw Failure(kCode, system_failure("cannot write the command's input", errno).what());
    at += static_cast<std::size_t>(written);
  }
  (void)::lseek(file.get(), 0, SEEK_SET);
  return file;
}

FileDescriptor open_output(std::size_t limit) {
  if (limit == 0) return open_null();
  FileDescriptor file = memory_file("certctl-output");
  // Several writers, or one that opens it again by its name in /proc, must not overwrite one another.
  (void)::fcntl(file.get(), F_SETFL, O_APPEND);
  return file;
}

// Returns the end of the output and whether there was more before it.
bool take_output(int file, std::size_t limit, std::string& output) {
  struct stat status {};
  if (limit == 0 || ::fstat(file, &status) != 0) return false;
  const auto size = static_cast<std::size_t>(status.st_size);
  const std::size_t from = size > limit ? size - limit : 0;
  output.resize(size - from);
  std::size_t got_all = 0;
  while (got_all < output.size()) {
    const ssize_t got =
        ::pread(file, output.data() + got_all, output.size() - got_all, static_cast<off_t>(from + got_all));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    got_all += static_cast<std::size_t>(got);
  }
  output.resize(got_all);
  // A daemon that the command started may hold it open for years: it gets an error when it writes, and no memory.
  (void)!::ftruncate(file, 0);
  (void)::fcntl(file, F_ADD_SEALS, F_SEAL_GROW);
  return from > 0;
}

// One report, or nothing when the supervisor was ended or is far too late.
bool read_report(int pipe, Steady::time_point until, Report& report) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Steady::now()).count();
    struct pollfd wait {
      pipe, POLLIN, 0
    };
    const int ready = ::poll(&wait, 1, static_cast<int>(std::clamp<long long>(left, 0, 1'000'000)));
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0 && Steady::now() < until) continue;
    if (ready <= 0) return false;
    const ssize_t got = ::read(pipe, &report, sizeof report);
    if (got < 0 && errno == EINTR) continue;
    return got == sizeof report;
  }
}

pid_t fork_supervisor(const Launch& launch) {
  // With signals blocked no handler of certctl runs in the new process.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t supervisor = ::_Fork();
  if (supervisor == 0) supervise(launch);
  const int error = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (supervisor < 0) throw Failure(kCode, system_failure("cannot start a process", error).what());
  return supervisor;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (auto& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

}  // namespace

ProcessResult run_process(const ProcessRequest& request) {
  std::vector<std::string> words = words_of(request.command);
  std::vector<std::string> variables = request.environment;
  const std::string program = find_program(words[0], variables);
  const std::vector<char*> arguments = pointers(words);
  const std::vector<char*> environment = pointers(variables);
  const FileDescriptor input = open_input(request.input);
  const FileDescriptor output = open_output(request.output_limit);
  const FileDescriptor own_errors = request.error_limit > 0 ? open_output(request.error_limit) : FileDescriptor();
  const int errors = own_errors.is_open() ? own_errors.get() : output.get();
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw Failure(kCode, system_failure("cannot make a pipe", errno).what());
  const FileDescriptor reading(ends[0]);
  FileDescriptor writing(ends[1]);

  const auto begin = Steady::now();
  const pid_t supervisor = fork_supervisor(
      {program.c_str(), arguments.data(), environment.data(), request.directory.c_str(), request.file_mask, input.get(),
       output.get(), errors, writing.get(), request.output_limit, request.error_limit,
       static_cast<long>(request.timeout.count()), static_cast<long>(request.grace.count())});
  writing.close();
  Report report{};
  const bool reported = read_report(
      reading.get(), begin + request.timeout + request.grace + std::chrono::milliseconds{kKillMs} + kMargin, report);
  if (!reported) ::kill(supervisor, SIGKILL);
  while (::waitpid(supervisor, nullptr, 0) < 0 && errno == EINTR) {
  }
  if (!reported) {
    throw Failure("command-lost", "the process that watched '" + printable_start(words[0], 200) +
                                      "' was ended by somebody; how the command ended is not known");
  }

  ProcessResult result;
  switch (report.kind) {
    case Report::exited: result.exit_status = report.value; break;
    case Report::signalled: result.signal = report.value; break;
    case Report::timed_out:
      result.timed_out = true;
      result.signal = report.value;
      break;
    default: throw start_failure(program, request, report);
  }
  result.output_cut = take_output(output.get(), request.output_limit, result.output);
  if (own_errors.is_open()) take_output(own_errors.get(), request.error_limit, result.errors);
  return result;
}

std::string describe_end(const ProcessResult& result) {
  if (result.timed_out) return "not finished in time";
  if (result.signal != 0) return "ended by signal " + std::to_string(result.signal);
  return "exit status " + std::to_string(result.exit_status);
}

}  // namespace certctl::sys
