#include "framework/page/html.hpp"

#include "framework/sys/printable.hpp"

namespace certctl::page {
namespace {

std::string safe_lines(std::string_view text) {
  std::string result;
  for (;;) {
    const std::size_t end = text.find('\n');
    result += sys::printable(text.substr(0, end));
    if (end == std::string_view::npos) return result;
    result += '\n';
    text.remove_prefix(end + 1);
  }
}

std::string anchor(const Link& link) {
  return "<a href=\"" + escaped(link.target) + "\"" + (link.current ? " class=\"current\" aria-current=\"page\"" : "") +
         ">" + escaped(link.label) + "</a>\n";
}

const char* tone_class(Tone tone) noexcept {
  switch (tone) {
    case Tone::good: return "box good";
    case Tone::bad: return "box bad";
    case Tone::warning: return "box warning";
    default: return "box";
  }
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : safe_lines(text)) {
    switch (c) {
      case '&': result += "&amp;"; break;
      case '<': result += "&lt;"; break;
      case '>': result += "&gt;"; break;
      case '"': result += "&quot;"; break;
      case '\'': result += "&#39;"; break;
      default: result += c;
    }
  }
  return result;
}

std::string url_part(std::string_view text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    if (plain) {
      result += c;
      continue;
    }
    const auto octet = static_cast<unsigned char>(c);
    result += '%';
    result += kDigits[octet >> 4U];
    result += kDigits[octet & 15U];
  }
  return result;
}

std::string whole_page(const Frame& frame, std::string_view title, std::string_view content, const Refresh& refresh) {
  std::string page =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n";
  if (refresh.seconds > 0)
    page += "<meta http-equiv=\"refresh\" content=\"" + std::to_string(refresh.seconds) +
            "; url=" + escaped(refresh.target) + "\">\n";
  const std::string site = escaped(frame.site);
  page += "<title>" + site + ": " + escaped(title) + "</title>\n<link rel=\"stylesheet\" href=\"" +
          escaped(frame.style) + "\">\n</head>\n<body>\n<a class=\"skip\" href=\"#content\">To the content</a>\n" +
          "<header><h1>" + site + "</h1></header>\n<nav aria-label=\"" + site + "\">\n";
  for (const Section& section : frame.navigation) {
    page += "<h2>" + escaped(section.heading) + "</h2>\n";
    for (const Link& link : section.links) page += anchor(link);
  }
  page += frame.footer + "</nav>\n<main id=\"content\">\n<h2>" + escaped(title) + "</h2>\n";
  page += content;
  return page + "</main>\n</body>\n</html>\n";
}

std::string box(const std::vector<std::string>& lines, Tone tone) {
  if (lines.empty()) return {};
  std::string html = std::string("<div class=\"") + tone_class(tone) + "\" role=\"status\">";
  for (const std::string& line : lines)
    if (!line.empty()) html += "<p>" + escaped(line) + "</p>";
  return html + "</div>\n";
}

std::string table(const std::vector<std::pair<std::string, std::string>>& rows) {
  std::string html = "<table class=\"facts\"><tbody>\n";
  for (const auto& [label, text] : rows)
    html += "<tr><th scope=\"row\">" + escaped(label) + "</th><td>" + escaped(text) + "</td></tr>\n";
  return html + "</tbody></table>\n";
}

std::string details(std::string_view summary, std::string_view text) {
  return "<details><summary>" + escaped(summary) + "</summary><pre>" + escaped(text) + "</pre></details>\n";
}

std::string hidden_field(std::string_view name, std::string_view value) {
  return "<input type=\"hidden\" name=\"" + escaped(name) + "\" value=\"" + escaped(value) + "\">\n";
}

}  // namespace certctl::page
