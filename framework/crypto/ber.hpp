// Reads ASN.1 structure without building objects: what a message claims is known before OpenSSL is asked to act on it.
// BER is accepted (indefinite lengths, constructed strings), because Apple and Bouncy Castle send it; trailing bytes
// are not. All functions throw Failure("malformed-message") on bad input; spans point into the caller's buffer.
#pragma once

#include <certctl/types.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace certctl::crypto {

using BytesView = std::span<const std::uint8_t>;

inline constexpr std::uint8_t kTagInteger = 0x02;
inline constexpr std::uint8_t kTagBitString = 0x03;
inline constexpr std::uint8_t kTagOctetString = 0x04;
inline constexpr std::uint8_t kTagNull = 0x05;
inline constexpr std::uint8_t kTagOid = 0x06;
inline constexpr std::uint8_t kTagSequence = 0x30;
inline constexpr std::uint8_t kTagSet = 0x31;

// One element. `identifier` is its first octet: class, constructed bit, low tag number.
struct BerElement {
  std::uint8_t identifier = 0;
  bool indefinite = false;
  BytesView whole;    // header, content and (indefinite) end-of-contents
  BytesView content;  // without header and end-of-contents
  [[nodiscard]] bool constructed() const noexcept { return (identifier & 0x20U) != 0; }
};

// Walks the elements that stand one after the other in a buffer.
class BerReader {
 public:
  explicit BerReader(BytesView input) : rest_(input) {}
  explicit BerReader(const BerElement& parent) : rest_(parent.content) {}

  [[nodiscard]] bool done() const noexcept { return rest_.empty(); }
  [[nodiscard]] BytesView rest() const noexcept { return rest_; }
  BerElement next();
  // The next element, which must have this identifier octet. `what` names it in the failure.
  BerElement expect(std::uint8_t identifier, std::string_view what);
  // The next element if it has this identifier octet.
  std::optional<BerElement> accept(std::uint8_t identifier);
  // Fails unless everything has been read.
  void finish(std::string_view what) const;

 private:
  BytesView rest_;
};

// The single element that fills the whole buffer.
BerElement read_whole(BytesView input, std::uint8_t identifier, std::string_view what);

// An OBJECT IDENTIFIER's content octets as dotted text.
std::string oid_text(BytesView content);
// The algorithm OID of an AlgorithmIdentifier; `parameters` gets the rest (null content when absent).
std::string algorithm_oid(const BerElement& algorithm_identifier, std::optional<BerElement>* parameters = nullptr);
// A small non-negative INTEGER; fails above 2^31-1.
std::int64_t small_integer(BytesView content);
// The value of an OCTET STRING, primitive or constructed; `identifier` may be a context tag (implicit tagging).
Bytes octets(const BerElement& element);

[[noreturn]] void malformed(std::string_view what);

}  // namespace certctl::crypto
