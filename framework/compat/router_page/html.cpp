#include "framework/compat/router_page/html.hpp"

#include "framework/sys/printable.hpp"

namespace certctl::router_page {
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

std::string link(const char* target, const char* label, bool current) {
  return std::string("<a href=\"") + target + "\"" + (current ? " class=\"current\" aria-current=\"page\"" : "") + ">" +
         label + "</a>";
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

std::string whole_page(Tab tab, std::string_view title, std::string_view content, int refresh) {
  std::string page =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  if (refresh > 0)
    page += "<meta http-equiv=\"refresh\" content=\"" + std::to_string(refresh) + "; url=index.cgi?page=status\">\n";
  page +=
      "<title>SCEP Client: " + escaped(title) + "</title>\n<link rel=\"stylesheet\" href=\"index.cgi?page=style\">\n";
  page += "</head>\n<body>\n<header><h1>SCEP Client</h1></header>\n<nav aria-label=\"SCEP Client\">\n";
  page += "<h2>Configuration</h2>" + link("index.cgi?page=global", "Global", tab == Tab::global) + "\n";
  page += "<h2>Information</h2>" + link("index.cgi?page=status", "Status", tab == Tab::status) + "\n";
  page += link("index.cgi?page=licenses", "Licenses", tab == Tab::licenses) + "\n";
  page +=
      "<h2>Administration</h2>" + link("/", "Return", false) + "\n</nav>\n<main>\n<h2>" + escaped(title) + "</h2>\n";
  page += content;
  return page + "</main>\n</body>\n</html>\n";
}

std::string_view style_sheet() noexcept {
  return R"(* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 68rem; padding: 0 1rem 2rem; color: #222; background: #fff;
  font: 15px/1.45 "Helvetica Neue", Arial, sans-serif;
  display: grid; grid-template-columns: 11rem 1fr; column-gap: 1.5rem; }
header { grid-column: 1 / -1; border-bottom: 3px solid #00539b; margin-bottom: 1rem; }
h1 { font-size: 1.4rem; margin: .8rem 0 .5rem; color: #00539b; }
nav h2 { font-size: .8rem; margin: 0 0 .2rem; padding: .25rem .5rem; background: #00539b; color: #fff; }
nav a { display: block; padding: .3rem .5rem; color: #00539b; text-decoration: none; }
nav a:hover, nav a:focus { text-decoration: underline; }
nav a + h2 { margin-top: .8rem; }
nav a.current { font-weight: bold; background: #e6eef6; }
main > h2 { font-size: 1.1rem; margin: 0 0 .8rem; }
fieldset { border: 1px solid #b8c4d0; margin: 0 0 1rem; padding: .6rem 1rem .8rem; min-width: 0; }
legend { font-weight: bold; padding: 0 .4rem; }
.row { display: grid; grid-template-columns: 13rem 1fr; gap: .2rem 1rem; align-items: start; margin: .35rem 0; }
.row > label { padding-top: .3rem; }
.check { margin: .35rem 0; }
.check input { margin: 0 .5rem 0 0; }
input[type=text], textarea { width: 100%; padding: .3rem .4rem; border: 1px solid #8a97a5; font: inherit; }
input.short { width: 8rem; }
textarea { font-family: monospace; font-size: .9rem; min-height: 4.5rem; resize: vertical; }
.note { color: #555; font-size: .87rem; margin-left: .5rem; }
.row .note { margin-left: .5rem; }
.row .below { display: block; margin-left: 0; }
input[aria-invalid], textarea[aria-invalid] { border-color: #b00020; background: #fff4f4; }
.problem { display: block; color: #b00020; font-size: .9rem; }
.box { border: 1px solid #b8c4d0; border-left-width: 5px; padding: .6rem .9rem; margin: 0 0 1rem; }
.box p { margin: .2rem 0; }
.good { border-left-color: #2e7d32; background: #f1f8f1; }
.bad { border-left-color: #b00020; background: #fff4f4; }
pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; font: 14px/1.5 monospace; }
table { border-collapse: collapse; width: 100%; margin-bottom: 1rem; table-layout: fixed; }
th, td { text-align: left; vertical-align: top; padding: .3rem .5rem; border-bottom: 1px solid #dde3e9; overflow-wrap: anywhere; }
th { width: 13rem; font-weight: normal; color: #444; }
thead th { font-weight: bold; }
button { padding: .4rem 1.6rem; font: inherit; color: #fff; background: #00539b; border: 1px solid #003f77; cursor: pointer; }
button:hover, button:focus { background: #003f77; }
@media (max-width: 45rem) {
  body { display: block; }
  nav { margin-bottom: 1rem; }
  .row { grid-template-columns: 1fr; }
  th { width: 8rem; }
}
)";
}

}  // namespace certctl::router_page
