// A settings file as assignments: NAME=value lines that start at column 0, read by two kinds of readers (a shell that
// sources the file, and one that splits lines). Bytes in, places out; no I/O.
//
// Threads: a Document is a value; const members may be called from several threads. The text is wiped when it goes: it
// holds private keys.
#pragma once

#include <certctl/types.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace certctl::settings {

inline constexpr std::size_t kMaxFileBytes = 4U << 20U;

// What a shell takes as the name of a variable.
[[nodiscard]] bool is_variable_name(std::string_view text) noexcept;

// One assignment; offsets into the text.
struct Assignment {
  std::string name;
  std::size_t line = 0;         // number of its first line, from 1
  std::size_t line_begin = 0;   // of the name
  std::size_t value_begin = 0;  // of the raw value, quotes included
  std::size_t value_end = 0;    // one past it
  std::size_t line_end = 0;     // one past the value's last line, its line break included
  bool has_tail = false;        // something stands between a quoted value and the end of its line: "; export NAME"
  bool unterminated = false;    // a PEM text in quotes that never close: taken as ending with its first line
};

class Document {
 public:
  // Failures (RetryClass::never): settings-binary (a NUL byte), too-large.
  explicit Document(Secret text);
  explicit Document(std::string text) : Document(Secret(std::move(text))) {}

  [[nodiscard]] const std::string& text() const noexcept { return text_.reveal(); }
  [[nodiscard]] const std::vector<Assignment>& assignments() const noexcept { return assignments_; }
  // All occurrences of the name, case-sensitive, in the file's order.
  [[nodiscard]] std::vector<const Assignment*> find(std::string_view name) const;
  [[nodiscard]] std::string_view raw(const Assignment& assignment) const noexcept;
  // Of the line on which the value ends; of the file's last line break when that has none; else "\n". A lone CR at the
  // end of the file counts as "\r\n".
  [[nodiscard]] std::string_view line_break(const Assignment& assignment) const noexcept;
  // Of the last line that has one; else "\n".
  [[nodiscard]] std::string_view last_line_break() const noexcept;
  // What a new last line needs before it: nothing when the last line is closed; "\n" behind a lone CR, which becomes
  // part of the line break; else last_line_break().
  [[nodiscard]] std::string_view missing_line_break() const noexcept;

 private:
  void parse();
  Secret text_;
  std::vector<Assignment> assignments_;
};

}  // namespace certctl::settings
