// HTML by pieces. All text goes through escaped(): it may come from a certificate, a CA, or a form.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace certctl::page {

// For text and for attributes in double quotes. What is no UTF-8, and characters that turn text around, are shown as
// escapes; line feeds stay.
[[nodiscard]] std::string escaped(std::string_view text);

// The text as one part of a path or of a query (RFC 3986 §2.1).
[[nodiscard]] std::string url_part(std::string_view text);

struct Link {
  std::string target;  // a URL of ours
  std::string label;   // text
  bool current = false;
};
struct Section {
  std::string heading;
  std::vector<Link> links;
};

// What stands around every page of one site.
struct Frame {
  std::string site;   // its name
  std::string style;  // where style_sheet() is
  std::vector<Section> navigation;
  std::string footer;  // HTML below the navigation; may be empty
};

struct Refresh {
  int seconds = 0;  // 0: never
  std::string target;
};

// A whole page; `content` is HTML, `title` text.
[[nodiscard]] std::string whole_page(const Frame& frame, std::string_view title, std::string_view content,
                                     const Refresh& refresh = {});

[[nodiscard]] std::string_view style_sheet() noexcept;

enum class Tone : int { plain, good, bad, warning };

// A box of paragraphs; nothing when there are no lines.
[[nodiscard]] std::string box(const std::vector<std::string>& lines, Tone tone);
// Label and text, a row each.
[[nodiscard]] std::string table(const std::vector<std::pair<std::string, std::string>>& rows);
// What can be opened.
[[nodiscard]] std::string details(std::string_view summary, std::string_view text);
[[nodiscard]] std::string hidden_field(std::string_view name, std::string_view value);

}  // namespace certctl::page
