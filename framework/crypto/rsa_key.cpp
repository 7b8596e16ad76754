#include "framework/crypto/rsa_key.hpp"

#include "framework/crypto/ber.hpp"

#include <certctl/result.hpp>

#include <openssl/core_names.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>

namespace certctl::crypto {
namespace {

// RSAPrivateKey's members after the version, in their order.
constexpr std::array kMembers{OSSL_PKEY_PARAM_RSA_N,         OSSL_PKEY_PARAM_RSA_E,
                              OSSL_PKEY_PARAM_RSA_D,         OSSL_PKEY_PARAM_RSA_FACTOR1,
                              OSSL_PKEY_PARAM_RSA_FACTOR2,   OSSL_PKEY_PARAM_RSA_EXPONENT1,
                              OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1};

// Numbers in the machine's own order of bytes, as OSSL_PARAM wants them; wiped at the end.
class Numbers {
 public:
  Numbers() = default;
  ~Numbers() {
    for (Bytes& number : numbers_) OPENSSL_cleanse(number.data(), number.size());
  }
  Numbers(const Numbers&) = delete;
  Numbers& operator=(const Numbers&) = delete;

  Bytes& at(std::size_t index) { return numbers_.at(index); }

 private:
  std::array<Bytes, kMembers.size()> numbers_;
};

// False: not what RFC 8017 A.1.2 says.
bool read_numbers(BytesView der, Numbers& numbers) {
  const BerElement sequence = read_whole(der, kTagSequence, "RSAPrivateKey");
  BerReader reader(sequence);
  if (small_integer(reader.expect(kTagInteger, "version").content) != 0) return false;
  for (std::size_t i = 0; i < kMembers.size(); ++i) {
    const BytesView content = reader.expect(kTagInteger, "number").content;
    if (content.empty() || (content.front() & 0x80U) != 0) return false;
    Bytes& number = numbers.at(i);
    number.assign(content.begin(), content.end());
    if constexpr (std::endian::native == std::endian::little) std::reverse(number.begin(), number.end());
  }
  return reader.done();
}

}  // namespace

EvpPkeyPtr rsa_key_from_pkcs8(const PKCS8_PRIV_KEY_INFO& info) {
  const ASN1_OBJECT* algorithm = nullptr;
  const unsigned char* key = nullptr;
  int size = 0;
  if (PKCS8_pkey_get0(&algorithm, &key, &size, nullptr, &info) != 1 || OBJ_obj2nid(algorithm) != NID_rsaEncryption)
    return {};
  Numbers numbers;
  try {
    if (!read_numbers({key, static_cast<std::size_t>(size)}, numbers)) return {};
  } catch (const Failure&) {
    return {};  // OpenSSL says what is wrong with it
  }
  std::array<OSSL_PARAM, kMembers.size() + 1> parameters{};
  for (std::size_t i = 0; i < kMembers.size(); ++i)
    parameters.at(i) = OSSL_PARAM_construct_BN(kMembers.at(i), numbers.at(i).data(), numbers.at(i).size());
  parameters.back() = OSSL_PARAM_construct_end();
  const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* made = nullptr;
  if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_KEYPAIR, parameters.data()) != 1)
    return {};
  return EvpPkeyPtr(made);
}

}  // namespace certctl::crypto
