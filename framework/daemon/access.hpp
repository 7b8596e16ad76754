// What the page may ask for. Root's own clients may everything.
#pragma once

#include <certctl/result.hpp>

#include <optional>
#include <string_view>

#include "framework/daemon/request.hpp"

namespace certctl::daemon {

// How far the page's user may go; each includes those before.
enum class PagePower : int {
  look,  // state, plans, certificates
  act,   // renew, deliver, verify, rollback, release, reload
  edit,  // profiles and settings: what these say is run as root
};

[[nodiscard]] std::optional<PagePower> page_power(std::string_view word) noexcept;
[[nodiscard]] const char* page_power_word(PagePower power) noexcept;

// What is asked before anybody has logged in.
[[nodiscard]] bool needs_no_session(Verb verb) noexcept;
// Nothing, or why the page may not (page-may-not).
[[nodiscard]] std::optional<Error> refusal(Verb verb, PagePower power);

}  // namespace certctl::daemon
