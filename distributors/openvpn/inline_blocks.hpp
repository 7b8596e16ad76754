// Files inside of an OpenVPN configuration: <cert> … </cert>. Text to text, no I/O; what is not asked for stays as it
// is, byte for byte.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace certctl::openvpn {

struct Block {
  std::string tag;              // "cert"
  std::size_t begin = 0;        // of its first line, "<cert>"
  std::size_t content = 0;      // after that line
  std::size_t content_end = 0;  // of the line "</cert>"
  std::size_t end = 0;          // after that line
};

class Configuration {
 public:
  // Failure configuration-malformed (never): a block without its end.
  explicit Configuration(std::string text);

  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  // "\n", or "\r\n" when its first line ends so.
  [[nodiscard]] const std::string& line_break() const noexcept { return line_break_; }
  // Nothing: there is no such block. Failure configuration-ambiguous (never): there are several.
  [[nodiscard]] std::optional<std::string_view> content(std::string_view tag) const;
  // A line outside of blocks begins with this word.
  [[nodiscard]] bool has_directive(std::string_view word) const;

  // Puts `content` into the block. Precondition: it is there, once.
  void replace(std::string_view tag, std::string_view content);
  // Puts a block at the end; returns what it had to add before it, so that it begins on a line of its own.
  std::string append(std::string_view tag, std::string_view content);
  // Takes a block away, with `before` if that stands before it.
  void remove(std::string_view tag, std::string_view before);

 private:
  void read();
  [[nodiscard]] const Block* find(std::string_view tag) const;

  std::string text_;
  std::string line_break_ = "\n";
  std::vector<Block> blocks_;
  std::vector<std::string> directives_;
};

}  // namespace certctl::openvpn
