#include "enrollers/est/protocol/multipart.hpp"

#include "enrollers/est/protocol/words.hpp"

#include <certctl/result.hpp>

#include <algorithm>

namespace certctl::est {
namespace {

constexpr std::size_t kMaxParts = 8;
constexpr std::size_t kMaxBoundary = 70;  // RFC 2046 §5.1.1
constexpr std::size_t kMaxPartHeaders = 4096;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool starts_with_word(std::string_view text, std::string_view word) {
  return text.size() >= word.size() &&
         std::equal(word.begin(), word.end(), text.begin(), [](char a, char b) { return a == lower(b); });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

std::string boundary_of(std::string_view content_type) {
  if (!is_type(content_type, kTypeMultipart)) crypto::malformed("not multipart/mixed");
  std::string_view rest = content_type;
  while (true) {
    const std::size_t semicolon = rest.find(';');
    if (semicolon == std::string_view::npos) crypto::malformed("multipart without a boundary");
    rest = trimmed(rest.substr(semicolon + 1));
    if (!starts_with_word(rest, "boundary=")) continue;
    rest.remove_prefix(std::string_view("boundary=").size());
    std::string boundary;
    if (rest.starts_with('"')) {
      const std::size_t end = rest.find('"', 1);
      if (end == std::string_view::npos) crypto::malformed("multipart with half a boundary");
      boundary = rest.substr(1, end - 1);
    } else {
      boundary = trimmed(rest.substr(0, rest.find(';')));
    }
    if (boundary.empty() || boundary.size() > kMaxBoundary)
      crypto::malformed("multipart with a boundary of a wrong length");
    return boundary;
  }
}

// A part's text begins with its headers, or with the empty line when it has none.
Part read_part(std::string_view text) {
  Part part;
  std::size_t headers = 0;
  while (true) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) crypto::malformed("a part without an empty line after its headers");
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(end + 1);
    headers += end + 1;
    if (headers > kMaxPartHeaders) crypto::malformed("a part with too long headers");
    if (line.empty()) break;
    if (starts_with_word(line, "content-type:"))
      part.content_type = trimmed(line.substr(std::string_view("content-type:").size()));
  }
  part.body.assign(text.begin(), text.end());
  return part;
}

}  // namespace

std::vector<Part> parse_multipart(std::string_view content_type, crypto::BytesView body) {
  const std::string delimiter = "--" + boundary_of(content_type);
  const std::string_view text(reinterpret_cast<const char*>(body.data()), body.size());
  std::vector<Part> parts;
  std::size_t begin = std::string_view::npos;  // of the part that is open
  for (std::size_t line = 0; line < text.size();) {
    const std::size_t end = std::min(text.find('\n', line), text.size());
    const std::string_view whole = text.substr(line, end - line);
    const std::size_t next = std::min(end + 1, text.size());
    if (whole.starts_with(delimiter)) {
      const std::string_view after = trimmed(whole.substr(delimiter.size()));
      if (after.empty() || after == "--") {
        if (begin != std::string_view::npos) {
          // The line break before a boundary belongs to it.
          std::string_view part = text.substr(begin, line > begin ? line - begin - 1 : 0);
          if (part.ends_with('\r')) part.remove_suffix(1);
          if (parts.size() == kMaxParts) crypto::malformed("more than " + std::to_string(kMaxParts) + " parts");
          parts.push_back(read_part(part));
        }
        if (after == "--") return parts;
        begin = next;
      }
    }
    line = next;
    if (end == text.size()) break;
  }
  crypto::malformed("multipart without its last boundary");
}

Multipart build_multipart(const std::vector<Part>& parts, std::string_view boundary) {
  std::string text;
  const std::string delimiter = "--" + std::string(boundary);
  for (const Part& part : parts) {
    text += delimiter + "\r\nContent-Type: " + part.content_type + "\r\nContent-Transfer-Encoding: base64\r\n\r\n";
    text.append(part.body.begin(), part.body.end());
    text += "\r\n";
  }
  text += delimiter + "--\r\n";
  return {std::string(kTypeMultipart) + "; boundary=" + std::string(boundary), Bytes(text.begin(), text.end())};
}

}  // namespace certctl::est
