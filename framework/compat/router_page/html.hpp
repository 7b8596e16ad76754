// HTML by pieces. All text goes through escaped(): it may come from a certificate, a CA, or a form.
#pragma once

#include <string>
#include <string_view>

namespace certctl::router_page {

// For text and for attributes in double quotes. What is no UTF-8, and characters that turn text around, are shown as
// escapes; line feeds stay.
[[nodiscard]] std::string escaped(std::string_view text);

enum class Tab : int { global, status, licenses, none };

// A whole page; `content` is HTML. `refresh`: seconds after which the browser goes to the page
// Status; 0: never.
[[nodiscard]] std::string whole_page(Tab tab, std::string_view title, std::string_view content, int refresh = 0);

[[nodiscard]] std::string_view style_sheet() noexcept;

}  // namespace certctl::router_page
