#include "framework/crypto/ber.hpp"

#include <certctl/result.hpp>

#include <limits>

namespace certctl::crypto {
namespace {

// Deeper nesting than any certificate or CMS message has; OpenSSL's own limit is 30.
constexpr int kMaxDepth = 32;

struct Header {
  std::uint8_t identifier;
  bool indefinite;
  std::size_t header_size;
  std::size_t content_size;  // of a definite length
};

Header read_header(BytesView input) {
  std::size_t at = 0;
  const auto octet = [&]() -> std::uint8_t {
    if (at >= input.size()) malformed("element is cut off");
    return input[at++];
  };
  Header header{octet(), false, 0, 0};
  if ((header.identifier & 0x1FU) == 0x1FU) {  // tag number in further octets
    int more = 0;
    while ((octet() & 0x80U) != 0) {
      if (++more > 4) malformed("tag number is too large");
    }
  }
  const std::uint8_t first = octet();
  if (first < 0x80U) {
    header.content_size = first;
  } else if (first == 0x80U) {
    if ((header.identifier & 0x20U) == 0) malformed("primitive element has an indefinite length");
    header.indefinite = true;
  } else {
    const unsigned count = first & 0x7FU;
    if (count > 4) malformed("length is too large");
    std::uint64_t length = 0;
    for (unsigned i = 0; i < count; ++i) length = (length << 8U) | octet();
    header.content_size = static_cast<std::size_t>(length);
  }
  header.header_size = at;
  if (!header.indefinite && header.content_size > input.size() - at) malformed("element is cut off");
  return header;
}

// Size of the content of an indefinite-length element, up to its end-of-contents octets.
std::size_t indefinite_content(BytesView input, int depth) {
  if (depth > kMaxDepth) malformed("elements are nested too deeply");
  std::size_t at = 0;
  for (;;) {
    const BytesView rest = input.subspan(at);
    if (rest.size() < 2) malformed("end of contents is missing");
    if (rest[0] == 0 && rest[1] == 0) return at;
    const Header header = read_header(rest);
    at += header.header_size;
    at += header.indefinite ? indefinite_content(input.subspan(at), depth + 1) + 2 : header.content_size;
  }
}

void append_octets(const BerElement& element, Bytes& out, int depth) {
  if (!element.constructed()) {
    out.insert(out.end(), element.content.begin(), element.content.end());
    return;
  }
  if (depth > 4) malformed("octet string is nested too deeply");
  BerReader parts(element);
  while (!parts.done()) {
    const BerElement part = parts.next();
    if ((part.identifier & ~0x20U) != kTagOctetString) malformed("octet string has a part of another type");
    append_octets(part, out, depth + 1);
  }
}

}  // namespace

void malformed(std::string_view what) {
  throw Failure("malformed-message", "not valid ASN.1: " + std::string(what));
}

BerElement BerReader::next() {
  const Header header = read_header(rest_);
  BerElement element;
  element.identifier = header.identifier;
  element.indefinite = header.indefinite;
  const BytesView after = rest_.subspan(header.header_size);
  const std::size_t size = header.indefinite ? indefinite_content(after, 1) : header.content_size;
  element.content = after.first(size);
  element.whole = rest_.first(header.header_size + size + (header.indefinite ? 2 : 0));
  rest_ = rest_.subspan(element.whole.size());
  return element;
}

BerElement BerReader::expect(std::uint8_t identifier, std::string_view what) {
  if (rest_.empty()) malformed(std::string(what) + " is missing");
  if (rest_[0] != identifier) malformed(std::string(what) + " has another type");
  return next();
}

std::optional<BerElement> BerReader::accept(std::uint8_t identifier) {
  if (rest_.empty() || rest_[0] != identifier) return std::nullopt;
  return next();
}

void BerReader::finish(std::string_view what) const {
  if (!rest_.empty()) malformed("bytes after the end of " + std::string(what));
}

BerElement read_whole(BytesView input, std::uint8_t identifier, std::string_view what) {
  BerReader reader(input);
  const BerElement element = reader.expect(identifier, what);
  reader.finish(what);
  return element;
}

std::string oid_text(BytesView content) {
  if (content.empty() || content.size() > 64) malformed("object identifier has a wrong size");
  std::string text;
  std::uint64_t arc = 0;
  bool first = true;
  for (std::size_t i = 0; i < content.size(); ++i) {
    if (arc > (std::numeric_limits<std::uint64_t>::max() >> 7U)) malformed("object identifier has a huge arc");
    arc = (arc << 7U) | (content[i] & 0x7FU);
    if ((content[i] & 0x80U) != 0) {
      if (i + 1 == content.size()) malformed("object identifier is cut off");
      continue;
    }
    if (first) {
      const std::uint64_t top = arc < 40 ? 0 : (arc < 80 ? 1 : 2);
      text = std::to_string(top) + "." + std::to_string(arc - top * 40);
      first = false;
    } else {
      text += "." + std::to_string(arc);
    }
    arc = 0;
  }
  return text;
}

std::string algorithm_oid(const BerElement& algorithm_identifier, std::optional<BerElement>* parameters) {
  BerReader reader(algorithm_identifier);
  std::string oid = oid_text(reader.expect(kTagOid, "algorithm").content);
  if (parameters != nullptr) {
    parameters->reset();
    if (!reader.done()) *parameters = reader.next();
  }
  return oid;
}

std::int64_t small_integer(BytesView content) {
  if (content.empty() || content.size() > 5 || (content[0] & 0x80U) != 0) malformed("number is out of range");
  std::int64_t value = 0;
  for (const std::uint8_t octet : content) value = (value << 8U) | octet;
  if (value > std::numeric_limits<std::int32_t>::max()) malformed("number is out of range");
  return value;
}

Bytes octets(const BerElement& element) {
  Bytes out;
  append_octets(element, out, 0);
  return out;
}

}  // namespace certctl::crypto
