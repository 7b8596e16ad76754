// The pages as HTML. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "framework/compat/router_page/module.hpp"

namespace certctl::router_page {

struct GlobalPage {
  router_app::Values values;
  std::vector<router_app::ItemProblem> problems;  // beside their fields
  std::vector<std::string> notices;               // above the form, as something that is wrong
  std::string token;
};
// The value of an item as the form's field sent it: without what belongs to the browser ("\r\n" of a text area) and to
// the typist (blanks around a number). A box that is not ticked is not sent.
[[nodiscard]] std::string value_of_field(const router_app::Item& item, const std::string& sent);

// The form of the items, sent to `action`; `hidden_fields` is HTML.
[[nodiscard]] std::string settings_form(const GlobalPage& page, std::string_view action,
                                        std::string_view hidden_fields);
[[nodiscard]] std::string global_page(const GlobalPage& page);

[[nodiscard]] std::string status_page(const StatusFacts& facts, const std::string& notice, bool notice_is_good,
                                      bool check_started = false);
[[nodiscard]] std::string licenses_page(const std::vector<License>& licenses);
// A page that only says why there is none.
[[nodiscard]] std::string refusal_page(const std::string& why, const std::string& what_to_do);

}  // namespace certctl::router_page
