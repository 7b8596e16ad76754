#include "framework/crypto/public_half.hpp"

#include "framework/crypto/ber.hpp"
#include "framework/crypto/der.hpp"
#include "framework/crypto/pem.hpp"

#include <certctl/result.hpp>

#include <openssl/crypto.h>

#include <algorithm>

namespace certctl::crypto {
namespace {

constexpr std::uint8_t kTagPoint = 0xA1;
constexpr std::uint8_t kTagParameters = 0xA0;
constexpr std::string_view kRsa = "1.2.840.113549.1.1.1";
constexpr std::string_view kEc = "1.2.840.10045.2.1";

struct Wiped {
  Bytes bytes;
  ~Wiped() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
};

Bytes joined(std::initializer_list<BytesView> parts) {
  Bytes all;
  for (const BytesView part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

Bytes bit_string(BytesView octets) {
  static constexpr std::uint8_t kNoUnusedBits[] = {0};
  return der_element(kTagBitString, joined({kNoUnusedBits, octets}));
}

// RFC 8017 A.1.2: version, n, e, and six numbers more.
std::optional<Bytes> of_rsa(BytesView key) {
  BerReader reader(read_whole(key, kTagSequence, "RSAPrivateKey"));
  if (small_integer(reader.expect(kTagInteger, "version").content) != 0) return std::nullopt;
  Bytes modulus_and_exponent;
  for (int i = 0; i < 8; ++i) {
    const BerElement number = reader.expect(kTagInteger, "number");
    if (number.content.empty() || (number.content.front() & 0x80U) != 0) return std::nullopt;
    if (i < 2) modulus_and_exponent.insert(modulus_and_exponent.end(), number.whole.begin(), number.whole.end());
  }
  if (!reader.done()) return std::nullopt;
  const Bytes algorithm = der_sequence({der_oid(kRsa), der_element(kTagNull, {})});
  return der_sequence({algorithm, bit_string(der_element(kTagSequence, modulus_and_exponent))});
}

// RFC 5915 §3. The curve stands outside, in the PKCS #8 structure.
std::optional<Bytes> of_ec(BytesView key, BytesView algorithm) {
  BerReader reader(read_whole(key, kTagSequence, "ECPrivateKey"));
  if (small_integer(reader.expect(kTagInteger, "version").content) != 1) return std::nullopt;
  (void)reader.expect(kTagOctetString, "number");
  (void)reader.accept(kTagParameters);
  const auto point = reader.accept(kTagPoint);
  if (!point || !reader.done()) return std::nullopt;
  return der_sequence({algorithm, read_whole(point->content, kTagBitString, "point").whole});
}

// RFC 5958 §2, without attributes.
std::optional<Bytes> of_pkcs8(BytesView info) {
  BerReader reader(read_whole(info, kTagSequence, "PrivateKeyInfo"));
  if (small_integer(reader.expect(kTagInteger, "version").content) != 0) return std::nullopt;
  const BerElement algorithm = reader.expect(kTagSequence, "algorithm");
  const BytesView key = reader.expect(kTagOctetString, "key").content;
  if (!reader.done()) return std::nullopt;
  const std::string oid = algorithm_oid(algorithm);
  if (oid == kRsa) return of_rsa(key);
  return oid == kEc ? of_ec(key, algorithm.whole) : std::nullopt;
}

}  // namespace

std::optional<Bytes> public_half(std::string_view pem) {
  try {
    for (const PemBlock& block : split_pem(pem)) {
      if (!block.label.ends_with("PRIVATE KEY")) continue;
      if (block.encrypted) return std::nullopt;
      const Wiped der{pem_decode(block)};
      if (block.label == "PRIVATE KEY") return of_pkcs8(der.bytes);
      return block.label == "RSA PRIVATE KEY" ? of_rsa(der.bytes) : std::nullopt;
    }
  } catch (const Failure&) {
    // Whoever makes the key says what is wrong with it.
  }
  return std::nullopt;
}

}  // namespace certctl::crypto
