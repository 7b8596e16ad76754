// Any JSON as what the engine says of a profile: it is shown, and has no markup of its own.
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "framework/daemon/web/profile_view.hpp"
#include "framework/page/html.hpp"
#include "tests/fuzz/require.hpp"

using namespace certctl;

namespace {

// Every "<" begins a tag of ours.
bool only_our_tags(const std::string& html) {
  static constexpr const char* kTags[] = {"a",      "section", "h3",    "span", "ul",   "li",  "p",
                                          "strong", "svg",     "title", "rect", "line", "div", "table",
                                          "thead",  "tbody",   "tr",    "th",   "td"};
  for (std::size_t at = html.find('<'); at != std::string::npos; at = html.find('<', at + 1)) {
    std::size_t begin = at + 1;
    if (begin < html.size() && html[begin] == '/') ++begin;
    const std::string tag = html.substr(begin, html.find_first_of(" >", begin) - begin);
    bool ours = false;
    for (const char* known : kTags) ours = ours || tag == known;
    if (!ours) return false;
  }
  return html.find("\n<script") == std::string::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto object = nlohmann::json::parse(data, data + size, nullptr, false);
  if (object.is_discarded()) return 0;
  constexpr std::int64_t kNow = 1800000000;
  std::string html = web::profile_card(object, kNow, true) + web::targets_table(object, kNow);
  if (fuzz::planted_bug) html += "<" + web::text_at(object, "subject");
  fuzz::require(only_our_tags(html), "no markup but ours");
  return 0;
}
