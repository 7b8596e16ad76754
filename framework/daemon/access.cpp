#include "framework/daemon/access.hpp"

#include <array>
#include <utility>

namespace certctl::daemon {
namespace {

constexpr std::array<std::pair<const char*, PagePower>, 3> kWords{
    {{"look", PagePower::look}, {"act", PagePower::act}, {"edit", PagePower::edit}}};

PagePower needed(Verb verb) noexcept {
  switch (verb) {
    case Verb::configuration:  // may hold secrets
    case Verb::lint:
    case Verb::save:
    case Verb::router_settings:
    case Verb::save_router_settings: return PagePower::edit;
    default: return changes_something(verb) ? PagePower::act : PagePower::look;
  }
}

}  // namespace

std::optional<PagePower> page_power(std::string_view word) noexcept {
  for (const auto& [name, power] : kWords)
    if (word == name) return power;
  return std::nullopt;
}

const char* page_power_word(PagePower power) noexcept {
  return kWords[static_cast<std::size_t>(power)].first;
}

bool needs_no_session(Verb verb) noexcept {
  return verb == Verb::page || verb == Verb::login || verb == Verb::metrics;
}

std::optional<Error> refusal(Verb verb, PagePower power) {
  const PagePower wanted = needed(verb);
  if (wanted <= power) return std::nullopt;
  return Failure::never("page-may-not",
                        wanted == PagePower::edit ? "the page may not read or change files"
                                                  : "the page may only look, and start nothing",
                        std::string("`certctl serve --page-may ") + page_power_word(wanted) + "` lets it")
      .error();
}

}  // namespace certctl::daemon
