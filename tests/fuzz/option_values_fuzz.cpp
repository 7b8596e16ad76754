// Any text as the value of an option: a number with a unit, an address with a port.
#include <cstddef>
#include <cstdint>

#include "framework/config/units.hpp"
#include "framework/sys/clock.hpp"
#include "framework/sys/host_port.hpp"
#include "tests/fuzz/require.hpp"

using namespace certctl;
using fuzz::accepts;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = fuzz::text_of(data, size);
  accepts([&] {
    const auto duration = config::parse_duration(text);
    require(duration >= std::chrono::seconds{0}, "a duration is not negative");
    std::string written = config::duration_text(duration);
    if (fuzz::planted_bug) written = "1" + written;
    require(config::parse_duration(written) == duration, "a duration comes back");
  });
  accepts([&] {
    const std::int64_t bytes = config::parse_size(text);
    require(bytes >= 0 && config::parse_size(config::size_text(bytes)) == bytes, "a size comes back");
  });
  accepts([&] { require(std::to_string(config::parse_integer(text)) == text, "an integer comes back"); });
  accepts([&] { (void)config::parse_threshold(text); });
  accepts([&] {
    const sys::HostPort address = sys::host_port_from(text);
    require(!address.host.empty() && address.port != 0, "an address has a host and a port");
    require(text.find(address.host) != std::string::npos, "the host stands in the text");
  });
  if (sys::is_server_name(text))
    require(text.find_first_of(" /\r\n\"'<>:") == std::string::npos, "a name that can be sent is plain");
  (void)sys::parse_time(text);
  return 0;
}
