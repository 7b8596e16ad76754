// The items of the router app: their names in the settings file, their labels on the page, and what may stand in them.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace certctl::router_app {

inline constexpr std::string_view kPrefix = "MOD_SCEPCLIENT_";

enum class ItemKind : int { flag, number, line, script };

struct Item {
  const char* name;   // in the settings file, after kPrefix; in the form as it is
  const char* label;  // on the page
  const char* note;   // beside the field; may be empty
  ItemKind kind;
  const char* initial;  // when the settings file has no such line
  int least, most;      // number: its range; line, script: the least and most characters
};

[[nodiscard]] std::span<const Item> items() noexcept;

// The values of all items by name, as text.
using Values = std::map<std::string, std::string, std::less<>>;
[[nodiscard]] Values initial_values();

struct ItemProblem {
  const Item* item = nullptr;
  std::string message;  // lower case, no full stop, safe to show
  bool fatal = true;
};

// Every value is judged, all of them together too. Values of unknown names are not looked at.
[[nodiscard]] std::vector<ItemProblem> check_values(const Values& values);
[[nodiscard]] bool usable(const std::vector<ItemProblem>& problems) noexcept;

// The value as the program takes it. Precondition: usable().
[[nodiscard]] bool flag(const Values& values, std::string_view name);
[[nodiscard]] int number(const Values& values, std::string_view name);
[[nodiscard]] const std::string& text(const Values& values, std::string_view name);

}  // namespace certctl::router_app
