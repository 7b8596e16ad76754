#include "framework/crypto/der.hpp"

#include <certctl/result.hpp>

#include <algorithm>
#include <charconv>
#include <string>

namespace certctl::crypto {

Bytes der_element(std::uint8_t identifier, BytesView content) {
  Bytes out;
  out.reserve(content.size() + 6);
  out.push_back(identifier);
  if (content.size() < 0x80) {
    out.push_back(static_cast<std::uint8_t>(content.size()));
  } else {
    Bytes length;
    for (std::size_t rest = content.size(); rest != 0; rest >>= 8U)
      length.push_back(static_cast<std::uint8_t>(rest & 0xFFU));
    out.push_back(static_cast<std::uint8_t>(0x80U | length.size()));
    out.insert(out.end(), length.rbegin(), length.rend());
  }
  out.insert(out.end(), content.begin(), content.end());
  return out;
}

Bytes der_sequence(std::initializer_list<BytesView> elements) {
  Bytes content;
  for (const BytesView element : elements) content.insert(content.end(), element.begin(), element.end());
  return der_element(kTagSequence, content);
}

Bytes der_set_of(std::vector<Bytes> elements) {
  // X.690 §11.6: ascending, shorter encodings padded with zero octets. No encoding is a prefix of another, so the
  // plain lexicographic order is the same.
  std::sort(elements.begin(), elements.end());
  Bytes content;
  for (const Bytes& element : elements) content.insert(content.end(), element.begin(), element.end());
  return der_element(kTagSet, content);
}

Bytes der_integer(BytesView value) {
  while (value.size() > 1 &&
         ((value[0] == 0x00 && (value[1] & 0x80U) == 0) || (value[0] == 0xFF && (value[1] & 0x80U) != 0)))
    value = value.subspan(1);
  static constexpr std::uint8_t kZero[] = {0};
  if (value.empty()) value = kZero;
  return der_element(kTagInteger, value);
}

Bytes der_oid(std::string_view dotted) {
  std::vector<std::uint64_t> arcs;
  const char* at = dotted.data();
  const char* const end = at + dotted.size();
  for (;;) {
    std::uint64_t arc = 0;
    const auto [next, error] = std::from_chars(at, end, arc);
    if (error != std::errc{} || (next != end && *next != '.'))
      throw Failure::never("internal", "not an object identifier: " + std::string(dotted));
    arcs.push_back(arc);
    if (next == end) break;
    at = next + 1;
  }
  if (arcs.size() < 2 || arcs[0] > 2 || (arcs[0] < 2 && arcs[1] > 39))
    throw Failure::never("internal", "not an object identifier: " + std::string(dotted));
  arcs[1] += arcs[0] * 40;
  Bytes content;
  for (std::size_t i = 1; i < arcs.size(); ++i) {
    Bytes reversed{static_cast<std::uint8_t>(arcs[i] & 0x7FU)};
    for (std::uint64_t rest = arcs[i] >> 7U; rest != 0; rest >>= 7U)
      reversed.push_back(static_cast<std::uint8_t>(0x80U | (rest & 0x7FU)));
    content.insert(content.end(), reversed.rbegin(), reversed.rend());
  }
  return der_element(kTagOid, content);
}

bool is_printable_string(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(" '()+,-./:=?").find(c) != std::string_view::npos;
  });
}

}  // namespace certctl::crypto
