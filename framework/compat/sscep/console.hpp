// What people and scripts see. Every line begins with the program's name as it was called, a colon and a blank, and is
// written at once, also through a pipe.
#pragma once

#include <string>
#include <string_view>

namespace certctl::sscep {

class Console {
 public:
  explicit Console(std::string program) : program_(std::move(program)) {}

  void set_level(bool verbose, bool debug) {
    verbose_ = verbose;
    debug_ = debug;
  }
  [[nodiscard]] bool is_verbose() const noexcept { return verbose_; }

  void say(std::string_view line) const;      // standard output
  void problem(std::string_view line) const;  // standard error
  void verbose(std::string_view line) const;  // standard output, with -v
  void detail(std::string_view line) const;   // the same, indented, without the program's name
  void debug(std::string_view line) const;    // standard output, with -d
  void debug_pem(std::string_view pem) const;
  // Standard output, without the program's name: usage, and a blank line.
  static void plain(std::string_view text);

 private:
  std::string program_;
  bool verbose_ = false;
  bool debug_ = false;
};

}  // namespace certctl::sscep
