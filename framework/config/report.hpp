// Where the readers of one profile put what they find: diagnostics, and every value with its origin.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "framework/config/load.hpp"
#include "framework/config/tree.hpp"

namespace certctl::config {

class Report {
 public:
  // `own_file`: values with marks of another file come from `defaults`.
  Report(std::string profile, std::string own_file) : profile_(std::move(profile)), own_file_(std::move(own_file)) {
    values_.reserve(32);  // what most profiles have: growing was a twentieth of a plan
  }

  void error(const Mark& mark, std::string code, std::string message, std::string hint = {}) {
    failed_ = true;
    add(mark, Severity::error, std::move(code), std::move(message), std::move(hint));
  }
  void warning(const Mark& mark, std::string code, std::string message, std::string hint = {}) {
    add(mark, Severity::warning, std::move(code), std::move(message), std::move(hint));
  }
  void value(std::string path, std::string text, const Mark& key) {
    values_.push_back({std::move(path), std::move(text),
                       key.file.empty()        ? Origin::builtin
                       : key.file == own_file_ ? Origin::file
                                               : Origin::defaults,
                       key});
  }

  [[nodiscard]] bool failed() const noexcept { return failed_; }
  [[nodiscard]] const std::string& own_file() const noexcept { return own_file_; }
  [[nodiscard]] std::vector<Diagnostic> take_diagnostics() { return std::move(diagnostics_); }
  [[nodiscard]] std::vector<EffectiveValue> take_values() { return std::move(values_); }

 private:
  void add(const Mark& mark, Severity severity, std::string code, std::string message, std::string hint) {
    diagnostics_.push_back({mark, severity, std::move(code), std::move(message), std::move(hint), profile_});
  }

  std::string profile_;
  std::string own_file_;
  std::vector<Diagnostic> diagnostics_;
  std::vector<EffectiveValue> values_;
  bool failed_ = false;
};

// Says which keys of a map are unknown, with the nearest known one; true when all are known. `where`: "in `key`".
bool check_keys(const Node& map, const std::vector<std::string>& known, const std::string& where, Report& report);

[[nodiscard]] std::string joined(const std::vector<std::string>& words);  // "a, b, c"
// "did you mean 'x'?", or what is known; for hints.
[[nodiscard]] std::string suggestion(std::string_view word, const std::vector<std::string>& known);

}  // namespace certctl::config
