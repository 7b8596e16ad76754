// Tells, line by line, whether a text can still be PEM.
#pragma once

#include <string_view>

namespace certctl::settings {

class PemLines {
 public:
  // False: with this line (no line break) the text is no PEM any more. Blanks at its ends do not matter. Between blocks
  // any line may stand that is no assignment.
  [[nodiscard]] bool accept(std::string_view line) noexcept;
  // No block is open.
  [[nodiscard]] bool complete() const noexcept { return !in_block_; }

 private:
  bool in_block_ = false;
  bool in_headers_ = false;
};

}  // namespace certctl::settings
