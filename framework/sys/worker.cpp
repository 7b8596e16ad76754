#include "framework/sys/worker.hpp"

#include <certctl/result.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace certctl::sys {
namespace {

[[noreturn]] void no_process(const char* what, int error) {
  throw Failure("fork-failed", std::string("cannot start a process (") + what + "): " + std::strerror(error),
                "is memory or the number of processes exhausted?");
}

void write_whole(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(descriptor, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;  // nobody listens any more; the work goes on
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

}  // namespace

Worker::Worker(const std::function<void()>& prepare, const Body& body) {
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) no_process("pipe", errno);
  pipe_ = sys::FileDescriptor(ends[0]);
  sys::FileDescriptor writing(ends[1]);
  process_ = ::fork();
  if (process_ < 0) no_process("fork", errno);
  if (process_ == 0) {
    pipe_.close();
    prepare();
    body([&](std::string_view line) {
      std::string text(line);
      text += '\n';
      write_whole(writing.get(), text);
    });
    ::_exit(0);  // no destructors: what they would touch is the first process's
  }
  ::fcntl(pipe_.get(), F_SETFL, O_NONBLOCK);
}

std::vector<std::string> Worker::read_lines() {
  std::vector<std::string> lines;
  std::array<char, 65536> chunk{};
  while (!at_end_) {
    const ssize_t count = ::read(pipe_.get(), chunk.data(), chunk.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) break;
    if (count <= 0) {
      at_end_ = true;
      pipe_.close();  // else poll() says at once, again and again, that its end is there, until the process is gone
      break;
    }
    buffer_.append(chunk.data(), static_cast<std::size_t>(count));
    std::size_t begin = 0;
    for (std::size_t end; (end = buffer_.find('\n', begin)) != std::string::npos; begin = end + 1)
      lines.push_back(buffer_.substr(begin, end - begin));
    buffer_.erase(0, begin);
    if (buffer_.size() > kMaxLine) buffer_.clear();
  }
  return lines;
}

bool Worker::ended() {
  if (!reaped_) {
    int status = 0;
    const pid_t done = ::waitpid(process_, &status, WNOHANG);
    if (done == 0) return false;
    reaped_ = true;
    if (done == process_ && WIFSIGNALED(status)) problem_ = "ended by signal " + std::to_string(WTERMSIG(status));
    if (done == process_ && WIFEXITED(status) && WEXITSTATUS(status) != 0)
      problem_ = "exit status " + std::to_string(WEXITSTATUS(status));
  }
  // A program that the work has started may hold the pipe open; nothing of ours comes any more.
  return true;
}

void Worker::signal(int number) const noexcept {
  if (!reaped_ && process_ > 0) ::kill(process_, number);
}

}  // namespace certctl::sys
