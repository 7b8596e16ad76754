#include "framework/crypto/oid.hpp"

#include <charconv>
#include <cstdint>
#include <limits>

namespace certctl::crypto {

bool is_oid(std::string_view text) noexcept {
  std::uint64_t top = 0;
  std::size_t arcs = 0;
  std::size_t octets = 0;
  while (true) {
    const std::size_t dot = text.find('.');
    const std::string_view digits = text.substr(0, dot);
    std::uint64_t arc = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), arc);
    if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) return false;
    if (digits.size() > 1 && digits.front() == '0') return false;
    if (arc > std::numeric_limits<std::uint64_t>::max() / 256) return false;
    if (arcs == 0 && arc > 2) return false;
    if (arcs == 0) top = arc;
    if (arcs == 1 && top < 2 && arc > 39) return false;
    ++arcs;
    for (octets += 1; arc > 0x7F; arc >>= 7U) ++octets;
    if (octets > 64) return false;
    if (dot == std::string_view::npos) return arcs >= 2;
    text.remove_prefix(dot + 1);
  }
}

}  // namespace certctl::crypto
