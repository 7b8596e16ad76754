// A program that runs beside a test: a service, a client. It is ended by its number when the object goes.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace certctl::contract {

class BackgroundProgram {
 public:
  // The program is looked for in PATH and the system directories; it gets the environment of the test and what
  // `environment` adds ("NAME=value"), no input, and its output goes to the file `output`. Throws std::runtime_error
  // with the package to install (`package`) when there is no such program.
  BackgroundProgram(std::vector<std::string> arguments, const std::filesystem::path& output, const std::string& package,
                    const std::vector<std::string>& environment = {});
  // TERM, and ten seconds later KILL.
  ~BackgroundProgram();
  BackgroundProgram(const BackgroundProgram&) = delete;
  BackgroundProgram& operator=(const BackgroundProgram&) = delete;

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  [[nodiscard]] bool is_alive();
  // What it has written until now.
  [[nodiscard]] std::string output() const;
  void end();

 private:
  std::filesystem::path output_;
  pid_t pid_ = -1;
};

// The path of a program of the system. Throws std::runtime_error that says which package has it.
[[nodiscard]] std::filesystem::path program_path(const std::string& name, const std::string& package);

// Waits until it holds; false when it does not within the time, which is generous: machines may be slow.
[[nodiscard]] bool soon(const std::function<bool()>& holds, std::chrono::seconds limit = std::chrono::seconds{60});

}  // namespace certctl::contract
