#include "framework/crypto/key.hpp"

#include "framework/crypto/digest.hpp"
#include "framework/crypto/error_fence.hpp"
#include "framework/crypto/ossl_ptr.hpp"
#include "framework/crypto/pem.hpp"
#include "framework/crypto/rsa_key.hpp"

#include <certctl/result.hpp>

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <array>

namespace certctl::crypto {
namespace {

constexpr std::string_view kHintPem = "give an unencrypted key in PEM: PKCS #8, or traditional RSA or EC";

struct CurveName {
  std::string_view nist;
  std::string_view openssl;
};
constexpr std::array kCurveNames{CurveName{"P-256", "prime256v1"}, CurveName{"P-384", "secp384r1"},
                                 CurveName{"P-521", "secp521r1"}};

// OpenSSL would ask on the terminal.
int refuse_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

Secret pem_of(const evp_pkey_st* key, bool traditional) {
  const ErrorFence fence;
  const BioPtr bio(BIO_new(BIO_s_mem()));
  const int done = !bio          ? 0
                   : traditional ? PEM_write_bio_PrivateKey_traditional(bio.get(), const_cast<EVP_PKEY*>(key), nullptr,
                                                                        nullptr, 0, nullptr, nullptr)
                                 : PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  char* data = nullptr;
  const long size = bio ? BIO_get_mem_data(bio.get(), &data) : 0;
  if (done != 1 || size <= 0)
    throw Failure::never("key-not-exportable", "the private key cannot be written as PEM: " + first_openssl_error());
  return Secret(std::string(data, static_cast<std::size_t>(size)));  // OpenSSL wipes its own copy
}

EvpPkeyPtr generate_rsa(int bits) {
  if (bits < 2048 || bits > 8192)
    throw Failure::never("key-unsupported", "no RSA keys of " + std::to_string(bits) + " bits are made",
                         "choose 2048 to 8192 bits");
  return EvpPkeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", static_cast<std::size_t>(bits)));
}

EvpPkeyPtr generate_ec(const std::string& curve) {
  for (const CurveName& known : kCurveNames) {
    if (known.nist == curve) return EvpPkeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", known.nist.data()));
  }
  throw Failure::never("key-unsupported", "no EC keys on the curve '" + curve + "' are made",
                       "choose P-256, P-384 or P-521");
}

// Is the text's first key in PKCS #8, not encrypted?
bool first_is_pkcs8(std::string_view pem) {
  constexpr std::string_view kEnd = "PRIVATE KEY-----";
  constexpr std::string_view kBegin = "-----BEGIN ";
  const auto end = pem.find(kEnd);
  return end != std::string_view::npos && pem.substr(0, end).ends_with(kBegin);
}

// PKCS #8 names the key's algorithm outside of the key, so that OpenSSL need not try all of its decoders. Empty when
// that fails.
EvpPkeyPtr read_pkcs8(BIO* text, bool& asked) {
  const Pkcs8Ptr info(PEM_read_bio_PKCS8_PRIV_KEY_INFO(text, nullptr, &refuse_passphrase, &asked));
  if (!info) return {};
  if (EvpPkeyPtr key = rsa_key_from_pkcs8(*info)) return key;
  return EvpPkeyPtr(EVP_PKCS82PKEY(info.get()));
}

}  // namespace

Key::Key(evp_pkey_st* owned) : key_(owned, &EVP_PKEY_free) {}

Key Key::from_pem(std::string_view pem) {
  const ErrorFence fence;
  if (pem.size() > kMaxPemBytes)
    throw Failure::never("key-unreadable", "the private key's text is too large", std::string(kHintPem));
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  bool asked = false;
  EvpPkeyPtr key;
  if (bio && first_is_pkcs8(pem)) key = read_pkcs8(bio.get(), asked);
  if (bio && !key && !asked && BIO_reset(bio.get()) == 1)
    key.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, &refuse_passphrase, &asked));
  if (asked)
    throw Failure::never("key-unreadable", "the private key is encrypted with a passphrase", std::string(kHintPem));
  if (!key) throw Failure::never("key-unreadable", "no private key can be read from the text", std::string(kHintPem));
  return Key(key.release());
}

Key Key::from_pem_asking(const Secret& pem) {
  const ErrorFence fence;
  const std::string& text = pem.reveal();
  if (text.size() > kMaxPemBytes) throw Failure::never("key-unreadable", "the private key's text is too large");
  const BioPtr bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  // Without a callback OpenSSL itself asks on /dev/tty.
  EvpPkeyPtr key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr) : nullptr);
  if (!key) throw Failure::never("key-unreadable", "no private key can be read: " + first_openssl_error());
  return Key(key.release());
}

Key Key::from_der(BytesView der) {
  const ErrorFence fence;
  const unsigned char* at = der.data();
  EvpPkeyPtr key(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(der.size())));
  if (!key) throw Failure::never("key-unreadable", "no private key can be read from the bytes");
  return Key(key.release());
}

Key Key::generate(const KeySpec& spec) {
  const ErrorFence fence;
  EvpPkeyPtr key = spec.type == KeyType::rsa ? generate_rsa(spec.bits) : generate_ec(spec.curve);
  if (!key) throw Failure("key-failed", "cannot make a key: " + first_openssl_error());
  return Key(key.release());
}

Key Key::from_borrowed(evp_pkey_st* key) {
  if (key == nullptr || EVP_PKEY_up_ref(key) != 1) throw Failure::never("internal", "a key handle is empty");
  return Key(key);
}

Key Key::from_spki(BytesView der) {
  const ErrorFence fence;
  const unsigned char* at = der.data();
  EvpPkeyPtr key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  if (!key || at != der.data() + der.size())
    throw Failure::never("key-unreadable", "the public key cannot be read: " + first_openssl_error());
  return Key(key.release());
}

KeyHandle Key::handle() const {
  if (EVP_PKEY_up_ref(key_.get()) != 1) throw Failure("internal", "no more references to a key");
  return {key_.get(), [](evp_pkey_st* key) noexcept { EVP_PKEY_free(key); }};
}

PublicKeyType Key::type() const noexcept {
  switch (EVP_PKEY_get_base_id(key_.get())) {
    case EVP_PKEY_RSA: return PublicKeyType::rsa;
    case EVP_PKEY_EC: return PublicKeyType::ec;
    default: return PublicKeyType::other;
  }
}

int Key::bits() const noexcept {
  return EVP_PKEY_get_bits(key_.get());
}

std::string Key::curve() const {
  const ErrorFence fence;
  std::array<char, 80> name{};
  std::size_t size = 0;
  if (type() != PublicKeyType::ec || EVP_PKEY_get_group_name(key_.get(), name.data(), name.size(), &size) != 1)
    return {};
  for (const CurveName& known : kCurveNames)
    if (known.openssl == name.data()) return std::string(known.nist);
  return name.data();
}

std::string Key::description() const {
  if (type() == PublicKeyType::rsa) return "rsa " + std::to_string(bits());
  if (type() == PublicKeyType::ec) return "ec " + (curve().empty() ? "with its own parameters" : curve());
  const char* name = EVP_PKEY_get0_type_name(key_.get());
  return name != nullptr ? name : "unknown";
}

Secret Key::to_pem_pkcs8() const {
  return pem_of(key_.get(), false);
}
Secret Key::to_pem_traditional() const {
  return pem_of(key_.get(), type() != PublicKeyType::other);
}

bool Key::same_public_key(const Key& other) const {
  const ErrorFence fence;
  return EVP_PKEY_eq(key_.get(), other.key_.get()) == 1;
}

Bytes Key::spki_der() const {
  const ErrorFence fence;
  Bytes der = encoded(&i2d_PUBKEY, key_.get());
  if (der.empty()) throw Failure("key-unreadable", "the public key cannot be encoded: " + first_openssl_error());
  return der;
}

std::string Key::public_fingerprint() const {
  return sha256_hex(spki_der());
}

}  // namespace certctl::crypto
