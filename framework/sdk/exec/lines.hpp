// The lines that travel between the bridge and an executable: key=value, one each.
#pragma once

#include <certctl/types.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace certctl::exec {

// What the executable reads from its standard input.
class LineWriter {
 public:
  // Line breaks, NUL and backslashes in the value are escaped (\n \r \0 \\), as `printf %b` undoes them. Failure
  // exec-value for a key that has "=" or a line break.
  void add(std::string_view key, std::string_view value);
  void add_flag(std::string_view key, bool value) { add(key, value ? "true" : "false"); }
  void add_number(std::string_view key, long long value) { add(key, std::to_string(value)); }
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  std::string text_;
};

// What it wrote to its standard output.
class Lines {
 public:
  Lines() = default;
  // Failure exec-malformed: a line without "=", or a key that is not of [a-z0-9_.]+.
  [[nodiscard]] static Lines parse(std::string_view text);

  // Each of these takes the key for known; reject_rest() refuses what nobody asked for.
  [[nodiscard]] std::optional<std::string> optional(const std::string& key);
  [[nodiscard]] std::string text(const std::string& key) { return optional(key).value_or(std::string()); }
  [[nodiscard]] std::vector<std::string> all(const std::string& key);
  // Failures exec-malformed: not "true" or "false"; not a number of at least 0.
  [[nodiscard]] bool flag(const std::string& key, bool fallback);
  [[nodiscard]] std::optional<long long> number(const std::string& key);
  // Failure exec-malformed, naming the first line that no call above asked for: a mistyped key must not pass unseen.
  void reject_rest() const;

  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& in_order() const noexcept { return lines_; }

 private:
  std::vector<std::pair<std::string, std::string>> lines_;
  std::vector<bool> asked_;
};

}  // namespace certctl::exec
