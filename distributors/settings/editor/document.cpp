#include "distributors/settings/editor/document.hpp"

#include <certctl/result.hpp>

#include <algorithm>

#include "distributors/settings/editor/pem_lines.hpp"

namespace certctl::settings {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::string_view kPemBegin = "-----BEGIN";

bool is_name_byte(char c, bool first) noexcept {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || (!first && c >= '0' && c <= '9');
}

// One line of the text: [begin, end) without its line break, `next` behind it.
struct Line {
  std::size_t begin;
  std::size_t end;
  std::size_t next;
};

Line line_at(std::string_view text, std::size_t begin) noexcept {
  const std::size_t feed = text.find('\n', begin);
  Line line{begin, feed == std::string_view::npos ? text.size() : feed,
            feed == std::string_view::npos ? text.size() : feed + 1};
  if (line.end > begin && text[line.end - 1] == '\r') --line.end;
  return line;
}

// The mark that closes a quote which opened before `begin`; npos: none up to `end`.
std::size_t closing_mark(std::string_view text, std::size_t begin, std::size_t end, char mark) noexcept {
  for (std::size_t i = begin; i < end; ++i) {
    if (text[i] == mark) return i;
    if (text[i] == '\\' && mark == '"') ++i;  // a shell's escape in double quotes
  }
  return std::string_view::npos;
}

// What may follow a closed quote without belonging to the value.
bool may_follow(char c) noexcept {
  return c == ' ' || c == '\t' || c == ';';
}

bool ends_cleanly(std::string_view text, std::size_t at) noexcept {
  return at == text.size() || text[at] == '\n' || text[at] == '\r' || may_follow(text[at]);
}

// Where a quoted PEM text over several lines ends; npos: its quote never closes. What is no PEM ends the search, so
// that a quote somebody forgot does not swallow the settings after it.
std::size_t end_of_pem(std::string_view text, const Line& first, std::size_t value_begin) {
  const char mark = text[value_begin];
  PemLines lines;
  if (!lines.accept(text.substr(value_begin + 1, first.end - value_begin - 1))) return std::string_view::npos;
  for (std::size_t at = first.next; at < text.size();) {
    const Line line = line_at(text, at);
    const std::size_t mark_at = closing_mark(text, line.begin, line.end, mark);
    if (mark_at == std::string_view::npos) {
      if (!lines.accept(text.substr(line.begin, line.end - line.begin))) return std::string_view::npos;
      at = line.next;
      continue;
    }
    const bool closes = lines.accept(text.substr(line.begin, mark_at - line.begin)) && lines.complete();
    return closes ? mark_at : std::string_view::npos;
  }
  return std::string_view::npos;
}

}  // namespace

bool is_variable_name(std::string_view text) noexcept {
  if (text.empty()) return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (!is_name_byte(text[i], i == 0)) return false;
  return true;
}

Document::Document(Secret text) : text_(std::move(text)) {
  if (text_.reveal().size() > kMaxFileBytes) {
    throw Failure::never("too-large", "the settings file is larger than " + std::to_string(kMaxFileBytes) + " bytes",
                         "this is no settings file; look at the path");
  }
  if (text_.reveal().find('\0') != std::string::npos) {
    throw Failure::never("settings-binary", "the settings file has NUL bytes in it",
                         "this is no settings file, or it was damaged; restore it");
  }
  parse();
}

void Document::parse() {
  const std::string_view text = text_.reveal();
  std::size_t at = text.substr(0, kByteOrderMark.size()) == kByteOrderMark ? kByteOrderMark.size() : 0;
  for (std::size_t number = 1; at < text.size(); ++number) {
    Line line = line_at(text, at);
    std::size_t name_end = at;
    while (name_end < line.end && is_name_byte(text[name_end], name_end == at)) ++name_end;
    if (name_end == at || name_end == line.end || text[name_end] != '=') {
      at = line.next;
      continue;
    }
    Assignment found;
    found.name = text.substr(at, name_end - at);
    found.line = number;
    found.line_begin = at;
    found.value_begin = name_end + 1;
    found.value_end = line.end;
    const char mark = found.value_begin < line.end ? text[found.value_begin] : '\0';
    if (mark == '"' || mark == '\'') {
      const std::size_t closing = closing_mark(text, found.value_begin + 1, line.end, mark);
      if (closing != std::string_view::npos) {
        if (closing + 1 == line.end || may_follow(text[closing + 1])) found.value_end = closing + 1;
      } else if (text.substr(found.value_begin, line.end - found.value_begin).find(kPemBegin) !=
                 std::string_view::npos) {
        const std::size_t end = end_of_pem(text, line, found.value_begin);
        if (end == std::string_view::npos || !ends_cleanly(text, end + 1)) {
          found.unterminated = true;
        } else {
          number += static_cast<std::size_t>(std::count(text.begin() + static_cast<std::ptrdiff_t>(found.value_begin),
                                                        text.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
          found.value_end = end + 1;
          line = line_at(text, found.value_end);
          line.begin = at;
        }
      }
    }
    found.has_tail = found.value_end != line.end;
    found.line_end = line.next;
    at = line.next;
    assignments_.push_back(std::move(found));
  }
}

std::vector<const Assignment*> Document::find(std::string_view name) const {
  std::vector<const Assignment*> found;
  for (const Assignment& assignment : assignments_)
    if (assignment.name == name) found.push_back(&assignment);
  return found;
}

std::string_view Document::raw(const Assignment& assignment) const noexcept {
  return std::string_view(text()).substr(assignment.value_begin, assignment.value_end - assignment.value_begin);
}

std::string_view Document::line_break(const Assignment& assignment) const noexcept {
  const std::string_view whole = text();
  const std::string_view end = whole.substr(assignment.value_end, assignment.line_end - assignment.value_end);
  if (end.ends_with("\r\n") || end.ends_with('\r')) return "\r\n";
  return end.ends_with('\n') ? "\n" : last_line_break();
}

std::string_view Document::last_line_break() const noexcept {
  const std::string_view whole = text();
  if (whole.ends_with('\r')) return "\r\n";  // half of one
  const std::size_t feed = whole.rfind('\n');
  return feed != std::string_view::npos && feed > 0 && whole[feed - 1] == '\r' ? "\r\n" : "\n";
}

std::string_view Document::missing_line_break() const noexcept {
  const std::string_view whole = text();
  if (whole.empty() || whole.ends_with('\n')) return {};
  return whole.ends_with('\r') ? "\n" : last_line_break();
}

}  // namespace certctl::settings
