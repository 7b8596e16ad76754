#include "framework/crypto/raw_signature.hpp"

#include "framework/crypto/error_fence.hpp"
#include "framework/crypto/ossl_ptr.hpp"

#include <certctl/result.hpp>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/hmac.h>

#include <array>

namespace certctl::crypto {
namespace {

using EcdsaSignaturePtr = OsslPtr<ECDSA_SIG, &ECDSA_SIG_free>;

struct Curve {
  const char* name;
  int octets;
  const EVP_MD* (*digest)();
};
constexpr std::array kCurves = {Curve{"P-256", 32, &EVP_sha256}, Curve{"P-384", 48, &EVP_sha384},
                                Curve{"P-521", 66, &EVP_sha512}};

[[noreturn]] void unsupported(const Key& key) {
  throw Failure::never("key-unsupported", "a key of this kind signs no JSON: " + key.description(),
                       "RSA, P-256, P-384 and P-521 do");
}

const Curve& curve_of(const Key& key) {
  for (const Curve& one : kCurves)
    if (key.curve() == one.name) return one;
  unsupported(key);
}

// `octets` 0: as many as it needs.
Bytes number_of(const Key& key, const char* parameter, int octets) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key.get(), parameter, &number) != 1)
    throw Failure::never("key-unsupported", "the public half of the key cannot be read: " + first_openssl_error());
  const BignumPtr owner(number);
  Bytes out(static_cast<std::size_t>(octets == 0 ? BN_num_bytes(number) : octets));
  if (BN_bn2binpad(number, out.data(), static_cast<int>(out.size())) < 0)
    throw Failure::never("key-unsupported", "the public half of the key is too long");
  return out;
}

Bytes joined_numbers(const Bytes& der, const Curve& curve) {
  const unsigned char* at = der.data();
  const EcdsaSignaturePtr signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  Bytes out(2 * static_cast<std::size_t>(curve.octets));
  if (!signature || BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), out.data(), curve.octets) < 0 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), out.data() + curve.octets, curve.octets) < 0)
    throw Failure("signature-failed", "an ECDSA signature has another form than it must: " + first_openssl_error());
  return out;
}

}  // namespace

PublicNumbers public_numbers(const Key& key) {
  const ErrorFence fence;
  if (key.type() == PublicKeyType::rsa)
    return {number_of(key, OSSL_PKEY_PARAM_RSA_N, 0), number_of(key, OSSL_PKEY_PARAM_RSA_E, 0), {}, {}};
  if (key.type() != PublicKeyType::ec) unsupported(key);
  const Curve& curve = curve_of(key);
  return {{},
          {},
          number_of(key, OSSL_PKEY_PARAM_EC_PUB_X, curve.octets),
          number_of(key, OSSL_PKEY_PARAM_EC_PUB_Y, curve.octets)};
}

Bytes sign_raw(const Key& key, BytesView data) {
  const ErrorFence fence;
  const bool rsa = key.type() == PublicKeyType::rsa;
  if (!rsa && key.type() != PublicKeyType::ec) unsupported(key);
  const EVP_MD* digest = rsa ? EVP_sha256() : curve_of(key).digest();
  const EvpMdCtxPtr context(EVP_MD_CTX_new());
  std::size_t size = 0;
  Bytes out;
  bool done = context && EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key.get()) == 1 &&
              EVP_DigestSign(context.get(), nullptr, &size, data.data(), data.size()) == 1;
  if (done) {
    out.resize(size);
    done = EVP_DigestSign(context.get(), out.data(), &size, data.data(), data.size()) == 1;
  }
  if (!done) throw Failure("signature-failed", "cannot sign with the key: " + first_openssl_error());
  out.resize(size);
  return rsa ? out : joined_numbers(out, curve_of(key));
}

Bytes hmac_sha256(BytesView key, BytesView data) {
  const ErrorFence fence;
  Bytes out(EVP_MAX_MD_SIZE);
  unsigned size = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), data.data(), data.size(), out.data(), &size) ==
      nullptr)
    throw Failure("digest-failed", "cannot compute an HMAC: " + first_openssl_error());
  out.resize(size);
  return out;
}

}  // namespace certctl::crypto
