#include "tests/contract/background_program.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace certctl::contract {
namespace fs = std::filesystem;

fs::path program_path(const std::string& name, const std::string& package) {
  const char* const given = std::getenv("PATH");
  std::istringstream directories(std::string(given == nullptr ? "" : given) + ":/usr/sbin:/usr/bin:/sbin:/bin");
  for (std::string directory; std::getline(directories, directory, ':');) {
    const fs::path path = fs::path(directory) / name;
    if (path.is_absolute() && ::access(path.c_str(), X_OK) == 0) return path;
  }
  throw std::runtime_error("this test needs the program " + name + " (apt-get install " + package + ")");
}

BackgroundProgram::BackgroundProgram(std::vector<std::string> arguments, const fs::path& output,
                                     const std::string& package, const std::vector<std::string>& environment)
    : output_(output) {
  const std::string program =
      arguments.at(0).starts_with('/') ? arguments[0] : program_path(arguments[0], package).string();
  std::vector<char*> words;
  for (std::string& argument : arguments) words.push_back(argument.data());
  words.push_back(nullptr);
  std::vector<char*> variables;
  for (const std::string& variable : environment) variables.push_back(const_cast<char*>(variable.c_str()));
  for (char** variable = ::environ; *variable != nullptr; ++variable) variables.push_back(*variable);
  variables.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("cannot start " + program);
  if (pid_ > 0) return;
  const int input = ::open("/dev/null", O_RDONLY);
  const int written = ::open(output_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ::dup2(input, 0);
  ::dup2(written, 1);
  ::dup2(written, 2);
  ::execve(program.c_str(), words.data(), variables.data());
  ::_exit(99);
}

BackgroundProgram::~BackgroundProgram() {
  end();
}

bool BackgroundProgram::is_alive() {
  if (pid_ > 0 && ::waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = -1;
  return pid_ > 0;
}

std::string BackgroundProgram::output() const {
  std::ifstream stream(output_, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

void BackgroundProgram::end() {
  if (!is_alive()) return;
  ::kill(pid_, SIGTERM);
  if (!soon([&] { return !is_alive(); }, std::chrono::seconds{10})) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
}

bool soon(const std::function<bool()>& holds, std::chrono::seconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
  return true;
}

}  // namespace certctl::contract
