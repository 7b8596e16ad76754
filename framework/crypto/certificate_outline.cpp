#include "framework/crypto/certificate_outline.hpp"

#include "framework/crypto/asn1_time.hpp"
#include "framework/crypto/ber.hpp"
#include "framework/crypto/der.hpp"

#include <algorithm>
#include <array>

namespace certctl::crypto {
namespace {

constexpr std::uint8_t kTagBoolean = 0x01;
constexpr std::uint8_t kTagVersion = 0xA0;
constexpr std::uint8_t kTagExtensions = 0xA3;

// Reads elements of definite and shortest length only; the first that is none makes all that follow fail.
class StrictReader {
 public:
  explicit StrictReader(BytesView input) : rest_(input) {}

  [[nodiscard]] bool at(std::uint8_t identifier) const { return !rest_.empty() && rest_[0] == identifier; }
  [[nodiscard]] bool done() const { return good_ && rest_.empty(); }
  [[nodiscard]] bool good() const { return good_; }

  // The content; `whole`, where it is asked for, with the header.
  BytesView take(std::uint8_t identifier, BytesView* whole = nullptr) {
    if (!good_ || rest_.size() < 2 || rest_[0] != identifier) return fail();
    std::size_t header = 2;
    std::size_t size = rest_[1];
    if (size >= 0x80U) {
      const std::size_t octets = size & 0x7FU;
      if (octets == 0 || octets > 3 || rest_.size() < 2 + octets || rest_[2] == 0) return fail();
      size = 0;
      for (std::size_t i = 0; i < octets; ++i) size = (size << 8U) | rest_[2 + i];
      if (size < 0x80U) return fail();
      header += octets;
    }
    if (size > rest_.size() - header) return fail();
    const BytesView content = rest_.subspan(header, size);
    if (whole != nullptr) *whole = rest_.first(header + size);
    rest_ = rest_.subspan(header + size);
    return content;
  }

 private:
  BytesView fail() {
    good_ = false;
    return {};
  }

  BytesView rest_;
  bool good_ = true;
};

bool is_oid(BytesView content) {
  if (content.empty() || (content.back() & 0x80U) != 0) return false;
  for (std::size_t i = 0; i < content.size(); ++i)
    if (content[i] == 0x80U && (i == 0 || (content[i - 1] & 0x80U) == 0)) return false;
  return true;
}

bool is_natural_number(BytesView content) {
  if (content.empty() || (content[0] & 0x80U) != 0) return false;
  return content.size() == 1 || content[0] != 0 || (content[1] & 0x80U) != 0;
}

// Whole octets only.
bool is_bit_string(BytesView content) {
  return content.size() > 1 && content[0] == 0;
}

bool is_algorithm(BytesView content) {
  StrictReader reader(content);
  if (!is_oid(reader.take(kTagOid))) return false;
  if (reader.at(kTagNull)) return reader.take(kTagNull).empty() && reader.done();
  if (reader.at(kTagOid)) return is_oid(reader.take(kTagOid)) && reader.done();
  return reader.done();
}

bool is_public_key(BytesView content) {
  StrictReader reader(content);
  return is_algorithm(reader.take(kTagSequence)) && is_bit_string(reader.take(kTagBitString)) && reader.done();
}

// One attribute in each relative name, each of them ASCII text.
bool is_name(BytesView content) {
  StrictReader names(content);
  while (!names.done()) {
    StrictReader set(names.take(kTagSet));
    StrictReader attribute(set.take(kTagSequence));
    if (!names.good() || !set.done() || !is_oid(attribute.take(kTagOid))) return false;
    constexpr std::array kStrings{kTagUtf8String, kTagPrintableString, kTagIa5String};
    const auto* const tag = std::find_if(kStrings.begin(), kStrings.end(), [&](auto one) { return attribute.at(one); });
    if (tag == kStrings.end()) return false;
    const BytesView text = attribute.take(*tag);
    if (!attribute.done() || std::any_of(text.begin(), text.end(), [](std::uint8_t c) { return c >= 0x80U; }))
      return false;
  }
  return names.done();
}

bool are_extensions(BytesView content) {
  StrictReader outer(content);
  StrictReader list(outer.take(kTagSequence));
  if (!outer.done()) return false;
  while (!list.done()) {
    StrictReader extension(list.take(kTagSequence));
    if (!list.good() || !is_oid(extension.take(kTagOid))) return false;
    if (extension.at(kTagBoolean)) {
      const BytesView critical = extension.take(kTagBoolean);
      if (critical.size() != 1 || critical[0] != 0xFFU) return false;
    }
    (void)extension.take(kTagOctetString);
    if (!extension.done()) return false;
  }
  return true;
}

std::optional<std::int64_t> take_time(StrictReader& reader) {
  const std::uint8_t tag = reader.at(kTagUtcTime) ? kTagUtcTime : kTagGeneralizedTime;
  const BytesView text = reader.take(tag);
  return reader.good() ? plain_time_seconds(text, tag == kTagGeneralizedTime) : std::nullopt;
}

}  // namespace

std::optional<CertificateOutline> outline_certificate(BytesView der) noexcept {
  StrictReader file(der);
  StrictReader certificate(file.take(kTagSequence));
  StrictReader body(certificate.take(kTagSequence));
  const BytesView algorithm = certificate.take(kTagSequence);
  const BytesView signature = certificate.take(kTagBitString);
  if (!file.done() || !certificate.done() || !is_algorithm(algorithm) || !is_bit_string(signature)) return std::nullopt;

  if (body.at(kTagVersion)) {
    StrictReader version(body.take(kTagVersion));
    const BytesView number = version.take(kTagInteger);
    if (!version.done() || number.size() != 1 || number[0] > 2) return std::nullopt;
  }
  CertificateOutline found;
  found.serial = body.take(kTagInteger);
  if (!is_natural_number(found.serial) || !is_algorithm(body.take(kTagSequence))) return std::nullopt;
  if (!is_name(body.take(kTagSequence, &found.issuer)) || !body.good()) return std::nullopt;
  StrictReader validity(body.take(kTagSequence));
  const auto begin = take_time(validity);
  const auto end = take_time(validity);
  if (!begin || !end || !validity.done()) return std::nullopt;
  found.not_before = *begin;
  found.not_after = *end;
  if (!is_name(body.take(kTagSequence, &found.subject)) || !body.good()) return std::nullopt;
  if (!is_public_key(body.take(kTagSequence, &found.public_key))) return std::nullopt;
  if (body.at(kTagExtensions) && !are_extensions(body.take(kTagExtensions))) return std::nullopt;
  if (!body.done()) return std::nullopt;
  return found;
}

}  // namespace certctl::crypto
