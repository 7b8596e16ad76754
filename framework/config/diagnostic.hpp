// What is wrong with a configuration, at which place.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "framework/config/profile.hpp"

namespace certctl::config {

enum class Severity : int { error, warning };

struct Diagnostic {
  Mark mark;
  Severity severity = Severity::error;
  std::string code;     // stable, for programs: "unknown-key"
  std::string message;  // lower case, no full stop; control characters of what it quotes are escaped
  std::string hint;     // what to do; may be empty
  std::string profile;  // the profile it belongs to; empty: the program's settings
};

// "FILE:LINE:COLUMN: error: MESSAGE (HINT)", one line. Without a line: "FILE: error: …".
[[nodiscard]] std::string format(const Diagnostic& diagnostic);
// "FILE:LINE", or "FILE".
[[nodiscard]] std::string format(const Mark& mark);

[[nodiscard]] bool has_errors(const std::vector<Diagnostic>& diagnostics) noexcept;
// By file, line, column; the same thing said twice about one place is kept once.
void sort_and_unify(std::vector<Diagnostic>& diagnostics);

// The candidate that `word` is most likely a slip of, or "" when none is near enough.
[[nodiscard]] std::string nearest(std::string_view word, const std::vector<std::string>& candidates);
// Text of a configuration, quoted for a message: 'text', shortened to about 60 octets, control characters escaped.
[[nodiscard]] std::string quote(std::string_view text);

}  // namespace certctl::config
