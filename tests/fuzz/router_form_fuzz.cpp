// Any bytes as a posted form: it is read or refused, and no value of it gets out of the page that shows it again.
#include <cstddef>
#include <cstdint>
#include <string>

#include "framework/compat/router_page/pages.hpp"
#include "framework/page/form.hpp"
#include "framework/page/guard.hpp"
#include "framework/page/html.hpp"
#include "tests/fuzz/require.hpp"

using namespace certctl;
using namespace certctl::page;
using namespace certctl::router_page;
using fuzz::require;

namespace {

std::size_t count_of(const std::string& text, char c) {
  std::size_t count = 0;
  for (const char other : text) count += other == c ? 1 : 0;
  return count;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  (void)host_is_ours(text, "router", {"router.example"});
  Request request;
  request.host = "192.168.1.1";
  request.origin = text;
  if (same_site(request)) require(text.find("192.168.1.1") != std::string::npos, "an origin of ours names us");

  std::string safe = escaped(text);
  if (fuzz::planted_bug) safe += '<';
  require(safe.find_first_of("<>\"'") == std::string::npos, "markup is escaped");

  const auto form = parse_form(text);
  if (!form) return 0;
  require(form->size() <= kMostFields, "a form has no more fields than are allowed");
  // The page has as many tags and quotes as with empty fields, whatever is in them.
  GlobalPage page;
  GlobalPage empty;
  for (const auto& item : router_app::items()) {
    if (item.kind == router_app::ItemKind::flag) continue;
    page.values[item.name] = field(*form, item.name);
  }
  const std::string html = global_page(page);
  const std::string bare = global_page(empty);
  require(count_of(html, '<') == count_of(bare, '<') && count_of(html, '"') == count_of(bare, '"'),
          "a value stays inside of its field");
  return 0;
}
