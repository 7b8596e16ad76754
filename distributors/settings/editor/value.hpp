// How a PEM text is written as the value of a settings file, in both directions. Pure functions.
#pragma once

#include <certctl/types.hpp>

#include <string>
#include <string_view>

namespace certctl::settings {

enum class Encoding : int {
  base64_line,  // base64 of the whole PEM text, on one line
  pem_quoted,   // the PEM text as it is, in quotes, over several lines
  pem_escaped,  // the PEM text on one line, with \n for its line breaks
};

enum class Quote : int { none, single_mark, double_mark };

// Everything about a value that is not its content.
struct Form {
  Encoding encoding = Encoding::base64_line;
  Quote quote = Quote::none;
  bool final_line_break = true;   // the PEM text ends with one
  std::string line_break = "\n";  // of pem_quoted: "\n" or "\r\n"
  friend bool operator==(const Form&, const Form&) = default;
};

enum class Content : int {
  empty,  // nothing, or blanks
  pem,    // at least one PEM block
  other,  // anything else
};

struct Decoded {
  Content content = Content::empty;
  Form form;   // pem: all of it; empty and other: the quotes
  Secret pem;  // Content::pem: line breaks are LF, one at the end
};

// `raw`: as Document::raw() gives it.
[[nodiscard]] Decoded decode(std::string_view raw);

// Precondition: `pem` is empty or a PEM text with LF line breaks and one at its end. Empty gives an empty value.
// decode(encode(pem, form)) gives `pem` and `form` again, but for pem_quoted without quotes, which gets double ones.
[[nodiscard]] Secret encode(std::string_view pem, const Form& form);

}  // namespace certctl::settings
