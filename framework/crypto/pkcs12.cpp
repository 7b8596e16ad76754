#include "framework/crypto/pkcs12.hpp"

#include "framework/crypto/error_fence.hpp"
#include "framework/crypto/ossl_ptr.hpp"

#include <certctl/result.hpp>

#include <openssl/err.h>

#include <algorithm>

namespace certctl::crypto {
namespace {

constexpr int kModernIterations = 10'000;
constexpr int kLegacyIterations = 2048;
// Of all keys of a file together: a second or two.
constexpr std::int64_t kMaxIterations = 2'000'000;
constexpr int kMaxBags = 256;
constexpr int kMaxBagDepth = 4;

using Pkcs12Ptr = OsslPtr<PKCS12, &PKCS12_free>;

struct SafesDelete {
  void operator()(STACK_OF(PKCS7) * safes) const noexcept { sk_PKCS7_pop_free(safes, PKCS7_free); }
};
struct BagsDelete {
  void operator()(STACK_OF(PKCS12_SAFEBAG) * bags) const noexcept {
    sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
  }
};
using SafesPtr = std::unique_ptr<STACK_OF(PKCS7), SafesDelete>;
using BagsPtr = std::unique_ptr<STACK_OF(PKCS12_SAFEBAG), BagsDelete>;
using PbeParamPtr = OsslPtr<PBEPARAM, &PBEPARAM_free>;
using Pbe2ParamPtr = OsslPtr<PBE2PARAM, &PBE2PARAM_free>;
using Pbkdf2ParamPtr = OsslPtr<PBKDF2PARAM, &PBKDF2PARAM_free>;

struct ClearFree {
  std::size_t size = 0;
  void operator()(unsigned char* memory) const noexcept { OPENSSL_clear_free(memory, size); }
};

Failure pkcs12_unreadable(const std::string& why) {
  return Failure::never("pkcs12-unreadable", "this is no PKCS #12 file that can be read: " + why);
}

Failure write_failed() {
  return Failure::never("pkcs12-failed", "cannot make a PKCS #12 file: " + first_openssl_error());
}

template <class Param>
Param* unpacked(const ASN1_ITEM* item, const X509_ALGOR* algorithm) {
  if (algorithm == nullptr || algorithm->parameter == nullptr) return nullptr;
  return static_cast<Param*>(ASN1_TYPE_unpack_sequence(item, algorithm->parameter));
}

class Reader {
 public:
  explicit Reader(const Secret& password) : password_(password.reveal()) {}

  Pkcs12 read(PKCS12* file) {
    check_mac(file);
    const SafesPtr safes(PKCS12_unpack_authsafes(file));
    if (!safes) throw pkcs12_unreadable(first_openssl_error());
    for (int i = 0; i < sk_PKCS7_num(safes.get()); ++i) read_safe(sk_PKCS7_value(safes.get(), i));
    const auto own = std::find_if(content_.certificates.begin(), content_.certificates.end(),
                                  [&](const auto& one) { return content_.key && one.carries(*content_.key); });
    if (own != content_.certificates.end()) std::rotate(content_.certificates.begin(), own, own + 1);
    return std::move(content_);
  }

 private:
  [[nodiscard]] int length() const { return static_cast<int>(password_.size()); }

  void spend(std::int64_t iterations) {
    if (iterations < 1 || iterations > kMaxIterations - spent_)
      throw pkcs12_unreadable("its iteration counts ask for more work than a file can need");
    spent_ += iterations;
  }
  void spend(const ASN1_INTEGER* iterations) {
    std::int64_t number = 0;
    if (iterations == nullptr || ASN1_INTEGER_get_int64(&number, iterations) != 1) number = -1;
    spend(number);
  }
  // Of a key that a password gives.
  void spend(const X509_ALGOR* algorithm) {
    const ASN1_OBJECT* oid = nullptr;
    X509_ALGOR_get0(&oid, nullptr, nullptr, algorithm);
    if (OBJ_obj2nid(oid) != NID_pbes2) {
      const PbeParamPtr simple(unpacked<PBEPARAM>(ASN1_ITEM_rptr(PBEPARAM), algorithm));
      if (!simple) throw pkcs12_unreadable("an unknown encryption");
      return spend(simple->iter);
    }
    const Pbe2ParamPtr scheme(unpacked<PBE2PARAM>(ASN1_ITEM_rptr(PBE2PARAM), algorithm));
    if (!scheme) throw pkcs12_unreadable("an unknown encryption");
    X509_ALGOR_get0(&oid, nullptr, nullptr, scheme->keyfunc);
    if (OBJ_obj2nid(oid) != NID_id_pbkdf2) throw pkcs12_unreadable("an unknown derivation of keys");
    const Pbkdf2ParamPtr derivation(unpacked<PBKDF2PARAM>(ASN1_ITEM_rptr(PBKDF2PARAM), scheme->keyfunc));
    if (!derivation) throw pkcs12_unreadable("an unknown derivation of keys");
    spend(derivation->iter);
  }

  void check_mac(PKCS12* file) {
    if (PKCS12_mac_present(file) != 1) throw pkcs12_unreadable("it has no MAC");
    const ASN1_INTEGER* iterations = nullptr;
    PKCS12_get0_mac(nullptr, nullptr, nullptr, &iterations, file);
    if (iterations == nullptr) {
      spend(1);
    } else {
      spend(iterations);
    }
    if (PKCS12_verify_mac(file, password_.c_str(), length()) == 1) return;
    // An empty password has two forms.
    if (password_.empty() && PKCS12_verify_mac(file, nullptr, 0) == 1) {
      null_password_ = true;
      return;
    }
    throw Failure::never("pkcs12-password", "the password does not open this PKCS #12 file, or the file is damaged");
  }

  [[nodiscard]] const char* password() const { return null_password_ ? nullptr : password_.c_str(); }

  void read_safe(PKCS7* safe) {
    const int type = OBJ_obj2nid(safe->type);
    if (type == NID_pkcs7_data) {
      const BagsPtr bags(PKCS12_unpack_p7data(safe));
      if (!bags) throw pkcs12_unreadable(first_openssl_error());
      return read_bags(bags.get(), 0);
    }
    if (type != NID_pkcs7_encrypted) return;  // for a public key: not ours
    if (safe->d.encrypted == nullptr || safe->d.encrypted->enc_data == nullptr)
      throw pkcs12_unreadable("it is not complete");
    spend(safe->d.encrypted->enc_data->algorithm);
    const BagsPtr bags(PKCS12_unpack_p7encdata(safe, password(), length()));
    if (!bags) throw pkcs12_unreadable(first_openssl_error());
    read_bags(bags.get(), 0);
  }

  void read_bags(const STACK_OF(PKCS12_SAFEBAG) * bags, int depth) {
    for (int i = 0; i < sk_PKCS12_SAFEBAG_num(bags); ++i) {
      if (++bags_ > kMaxBags || depth > kMaxBagDepth) throw pkcs12_unreadable("it has too many parts");
      read_bag(sk_PKCS12_SAFEBAG_value(bags, i), depth);
    }
  }

  void read_bag(PKCS12_SAFEBAG* bag, int depth) {
    switch (PKCS12_SAFEBAG_get_nid(bag)) {
      case NID_keyBag: return take_key(bag, PKCS12_SAFEBAG_get0_p8inf(bag));
      case NID_pkcs8ShroudedKeyBag: {
        const X509_ALGOR* algorithm = nullptr;
        const X509_SIG* const shrouded = PKCS12_SAFEBAG_get0_pkcs8(bag);
        if (shrouded == nullptr) throw pkcs12_unreadable("it is not complete");
        X509_SIG_get0(shrouded, &algorithm, nullptr);
        spend(algorithm);
        if (!content_.key) note_encryption(algorithm);
        const Pkcs8Ptr plain(PKCS12_decrypt_skey(bag, password(), length()));
        return take_key(bag, plain.get());
      }
      case NID_certBag: {
        if (PKCS12_SAFEBAG_get_bag_nid(bag) != NID_x509Certificate) return;
        const X509Ptr certificate(PKCS12_SAFEBAG_get1_cert(bag));
        if (!certificate) throw pkcs12_unreadable("a certificate in it");
        // From its bytes, so that it is checked as every other.
        content_.certificates.push_back(Certificate::from_der(encoded(&i2d_X509, certificate.get())));
        return;
      }
      case NID_safeContentsBag: {
        const auto* const inner = PKCS12_SAFEBAG_get0_safes(bag);
        if (inner != nullptr) read_bags(inner, depth + 1);
        return;
      }
      default: return;  // CRLs, secrets
    }
  }

  void note_encryption(const X509_ALGOR* algorithm) {
    const ASN1_OBJECT* oid = nullptr;
    X509_ALGOR_get0(&oid, nullptr, nullptr, algorithm);
    const int scheme = OBJ_obj2nid(oid);
    if (scheme == NID_pbe_WithSHA1And3_Key_TripleDES_CBC) content_.encryption = Pkcs12Encryption::legacy;
    if (scheme != NID_pbes2) return;
    const Pbe2ParamPtr parameters(unpacked<PBE2PARAM>(ASN1_ITEM_rptr(PBE2PARAM), algorithm));
    X509_ALGOR_get0(&oid, nullptr, nullptr, parameters->encryption);
    if (OBJ_obj2nid(oid) == NID_aes_256_cbc) content_.encryption = Pkcs12Encryption::modern;
  }

  void take_key(PKCS12_SAFEBAG* bag, const PKCS8_PRIV_KEY_INFO* plain) {
    if (plain == nullptr) throw pkcs12_unreadable("the private key in it");
    if (content_.key) return;  // the first one counts
    const EvpPkeyPtr key(EVP_PKCS82PKEY(plain));
    if (!key) throw pkcs12_unreadable("the private key in it");
    content_.key = Key::from_borrowed(key.get());
    if (char* const name = PKCS12_get_friendlyname(bag)) {
      content_.friendly_name = name;
      OPENSSL_free(name);
    }
  }

  const std::string& password_;
  bool null_password_ = false;
  std::int64_t spent_ = 0;
  int bags_ = 0;
  Pkcs12 content_;
};

}  // namespace

Secret write_pkcs12(const Key& key, const Certificate& certificate, const std::vector<Certificate>& chain,
                    const Secret& password, const std::string& friendly_name, Pkcs12Encryption encryption) {
  const ErrorFence fence;
  const std::string& text = password.reveal();
  if (text.find('\0') != std::string::npos)
    throw Failure::never("bad-option", "a password for PKCS #12 has a NUL character", "take it out");
  const X509StackPtr others(sk_X509_new_null());
  for (const Certificate& one : chain) {
    if (!others || X509_up_ref(one.get()) != 1) throw write_failed();
    if (sk_X509_push(others.get(), one.get()) <= 0) {
      X509_free(one.get());
      throw write_failed();
    }
  }
  const bool modern = encryption == Pkcs12Encryption::modern;
  const int scheme = modern ? NID_aes_256_cbc : NID_pbe_WithSHA1And3_Key_TripleDES_CBC;
  const int iterations = modern ? kModernIterations : kLegacyIterations;
  const char* const name = friendly_name.empty() ? nullptr : friendly_name.c_str();
  // Without a MAC at first: its digest is chosen here.
  const Pkcs12Ptr file(
      PKCS12_create(text.c_str(), name, key.get(), certificate.get(), others.get(), scheme, scheme, iterations, -1, 0));
  if (!file || PKCS12_set_mac(file.get(), text.c_str(), static_cast<int>(text.size()), nullptr, 0, iterations,
                              modern ? EVP_sha256() : EVP_sha1()) != 1) {
    throw write_failed();
  }
  unsigned char* der = nullptr;
  const int size = i2d_PKCS12(file.get(), &der);
  if (size <= 0) throw write_failed();
  const std::unique_ptr<unsigned char, ClearFree> owner(der, ClearFree{static_cast<std::size_t>(size)});
  return Secret(std::string(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)));
}

Pkcs12 read_pkcs12(BytesView der, const Secret& password) {
  const ErrorFence fence;
  if (der.size() > kMaxPkcs12Bytes) throw pkcs12_unreadable("it is too large");
  const unsigned char* at = der.data();
  const Pkcs12Ptr file(der.empty() ? nullptr : d2i_PKCS12(nullptr, &at, static_cast<long>(der.size())));
  if (!file) throw pkcs12_unreadable(der.empty() ? "it is empty" : first_openssl_error());
  if (at != der.data() + der.size()) throw pkcs12_unreadable("there are bytes after its end");
  try {
    return Reader(password).read(file.get());
  } catch (const Failure& failure) {
    if (failure.error().code != "certificate-unreadable") throw;
    throw pkcs12_unreadable(failure.error().message);
  }
}

}  // namespace certctl::crypto
