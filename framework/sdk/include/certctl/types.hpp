// The values that travel between the engine and plugins. Plain data: no OpenSSL, no Boost.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace certctl {

using Bytes = std::vector<std::uint8_t>;
// Wall-clock time, UTC. Intervals inside a process use the steady clock instead.
using TimePoint = std::chrono::system_clock::time_point;

// Overwrites memory in a way that the compiler may not remove.
inline void wipe(void* memory, std::size_t size) noexcept {
  volatile unsigned char* bytes = static_cast<volatile unsigned char*>(memory);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = 0;
}

// Text that must never be shown: a private key in PEM, a challenge password, an undo token. Wiped when it goes.
// It has no stream operator and no conversion to std::string: whoever needs the content says reveal().
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : text_(std::move(other.text_)) { other.clear(); }
  Secret& operator=(const Secret& other) {
    if (this != &other) {
      clear();
      text_ = other.text_;
    }
    return *this;
  }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      clear();
      text_ = std::move(other.text_);
      other.clear();
    }
    return *this;
  }
  ~Secret() { clear(); }

  [[nodiscard]] const std::string& reveal() const noexcept { return text_; }
  [[nodiscard]] bool empty() const noexcept { return text_.empty(); }
  void clear() noexcept {
    if (text_.capacity() != 0) wipe(text_.data(), text_.size());
    text_.clear();
  }

 private:
  std::string text_;
};

// --- keys -----------------------------------------------------------------------------------------------------------

enum class KeyType : int { rsa, ec };

// What kind of key to make.
struct KeySpec {
  KeyType type = KeyType::rsa;
  int bits = 2048;              // rsa: 2048..8192
  std::string curve = "P-256";  // ec: P-256, P-384, P-521
};

// A key as its provider keeps it. An exportable key travels as PEM; another is named by a text that only its provider
// understands (a PKCS #11 URI, a TPM handle).
struct KeyRef {
  std::string provider;   // name of the key provider plugin, "file"
  std::string reference;  // for a key that is not exportable; may be empty for one that is
  Secret pem;             // exportable keys: PKCS #8 or traditional PEM, unencrypted; else empty
  [[nodiscard]] bool exportable() const noexcept { return !pem.empty(); }
};

// --- credentials ----------------------------------------------------------------------------------------------------

// Key + certificate + chain. One generation, handed over as a value: whoever receives it never opens latest.key and
// latest.crt one after the other (that can straddle a switch).
struct Credential {
  int generation = 0;                   // number within its store; 0 = not stored yet
  std::string serial;                   // as `openssl x509 -serial` prints it: upper-case hex without leading 00
  std::string fingerprint;              // "sha256:" and 64 lower-case hex digits, over the DER of the certificate
  std::string certificate_pem;          // the end entity's certificate
  std::vector<std::string> chain_pem;   // from the end entity's issuer towards the anchor, anchor excluded
  std::vector<std::string> ca_set_pem;  // the CA set of the transaction (RA certificates, intermediates, anchors)
  KeyRef key;
  std::string directory;  // absolute path of the generation's directory; empty if the store has none
};

// A credential as a store lists it: facts only, nothing secret.
struct Generation {
  int number = 0;
  std::string serial;
  std::string fingerprint;
  std::string directory;  // absolute path; holds links `key`, `crt`, and files `chain.pem`, `ca.pem`
  bool whole = false;     // key and certificate are there, readable, and belong together
  bool active = false;
  std::string problem;  // why it is not whole; empty otherwise
};

// --- what a profile asks for ----------------------------------------------------------------------------------------

// One attribute of a distinguished name: type as a short name ("CN") or dotted OID, value in UTF-8.
struct NameAttribute {
  std::string type;
  std::string value;
  bool same_rdn = false;  // true: joined with '+' to the attribute before it
};

enum class AltNameKind : int { email, uri, dns, rid, ip, dir_name, other_name };

// One subjectAltName. value: the address, URI, host, dotted OID, IP address; dir_name: "/type=value/…";
// other_name: "OID;TAG:text" (TAG: UTF8, IA5, PRINTABLE).
struct AltName {
  AltNameKind kind = AltNameKind::dns;
  std::string value;
};

// Microsoft certificate template name, extension 1.3.6.1.4.1.311.20.2.
enum class TemplateString : int { bmp, utf8 };
struct CertificateTemplate {
  std::string name;  // empty: no such extension
  TemplateString string = TemplateString::bmp;
};

// What is asked of an issuer, as data; the enroller builds the CSR from it.
struct CertificateRequest {
  std::vector<NameAttribute> subject;
  std::vector<AltName> alt_names;
  CertificateTemplate certificate_template;
  std::vector<std::string> usage;  // key usages by name (digitalSignature …) or extended usages by name or dotted OID
};

}  // namespace certctl
