// Any text as the settings file of the router app: it is read, its mistakes have a place, and what is written back is
// read back. Touches no file.
#include <cstddef>
#include <cstdint>
#include <string>

#include "framework/compat/router_app/module_settings.hpp"
#include "framework/compat/router_app/settings_text.hpp"
#include "framework/config/text_check.hpp"
#include "tests/fuzz/require.hpp"

using namespace certctl;
using namespace certctl::router_app;
using fuzz::require;

namespace {}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const ModuleSettings settings = read_module_settings(text, "settings");
  for (const auto& diagnostic : settings.diagnostics) {
    const std::string shown = config::format(diagnostic);
    require(config::is_plain_text(shown) && shown.find('\n') == std::string::npos, "a message is one line of text");
  }
  require(settings.values.size() == items().size(), "every item has a value");
  const SettingsText parsed = parse_settings(text, "settings");
  for (std::size_t i = 0; i < parsed.settings.size(); ++i) {
    const Setting& setting = parsed.settings[i];
    require(setting.begin < setting.end && setting.end <= text.size(), "a setting is in the text");
    require(i == 0 || parsed.settings[i - 1].end <= setting.begin, "settings follow one another");
    require(setting.value.size() <= kLongestValue + 1, "a value is not longer than is allowed");
  }
  if (!settings.usable()) return 0;
  const std::string written = module_settings_text(text, settings.values);
  if (written.size() > kLongestSettingsFile) return 0;
  ModuleSettings again = read_module_settings(written, "settings");
  if (fuzz::planted_bug) again.values.begin()->second += "x";
  require(again.usable() && again.values == settings.values, "what is written is read back");
  require(module_settings_text(written, again.values) == written, "writing the same changes nothing");
  return 0;
}
