// Any text as what an executable says, and any values as what it is told.
#include <cstddef>
#include <cstdint>

#include "framework/sdk/exec/exec_plugin.hpp"
#include "framework/sdk/exec/lines.hpp"
#include "framework/sys/printable.hpp"
#include "tests/fuzz/require.hpp"

using namespace certctl;
using fuzz::accepts;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = fuzz::text_of(data, size);
  accepts([&] {
    exec::Lines lines = exec::Lines::parse(text);
    for (const auto& [key, value] : lines.in_order()) {
      const auto& name = key;
      accepts([&] { (void)lines.flag(name, true); });
      accepts([&] { require(lines.number(name).value_or(0) >= 0, "a number is not negative"); });
      require(!lines.all(name).empty(), "what is there is found");
    }
    lines.reject_rest();  // everything was asked for
  });
  exec::LineWriter writer;
  writer.add("key", text);
  exec::Lines back = exec::Lines::parse(writer.text());
  // NUL is told as \0, which only an executable's own tools turn back.
  require(text.find('\0') != std::string::npos || fuzz::planted(back.text("key")) == text, "a value comes back");
  accepts([&] {
    const auto plugin = exec::ExecPlugin::parse("/x/hook_x", text);
    require(plugin->timeout() > std::chrono::seconds{0}, "a time limit is one");
    require(sys::printable(plugin->summary()) == plugin->summary(), "a summary is one clean line");
    for (const OptionSpec& option : plugin->options()) require(*option.name != '\0', "an option has a name");
  });
  return 0;
}
