// PKCS #10 certification requests (RFC 2986): built by clients, read by servers.
#pragma once

#include "framework/crypto/ber.hpp"
#include "framework/crypto/cms.hpp"  // Digest
#include "framework/crypto/key.hpp"

#include <certctl/types.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct X509_req_st;

namespace certctl::crypto {

struct RequestedExtension {
  std::string oid;
  bool critical = false;
  Bytes value;  // content of the OCTET STRING
};

struct CsrOptions {
  Bytes subject_der;               // not empty: used instead of the request's subject (renewal: as issued)
  Digest digest = Digest::sha256;  // of the signature
  std::vector<RequestedExtension> more_extensions = {};  // after those of the request; none of their OIDs
};

// DER of a request signed with `key`. extensionRequest holds subjectAltName, keyUsage, extKeyUsage and the template
// name, as far as they are asked for. A challenge that is not empty becomes a challengePassword: PrintableString when
// it fits, else UTF8String. Fails with the errors of name.hpp, alt_name.hpp, usage.hpp; "csr-failed".
[[nodiscard]] Bytes build_csr(const CertificateRequest& request, const Key& key, const Secret& challenge,
                              const CsrOptions& options = {});

// A request as received. Parsed with its original bytes kept: nothing is encoded again before the signature is checked.
class Csr {
 public:
  // DER that fills the whole buffer; attribute sets need not be sorted. Fails with "malformed-message".
  [[nodiscard]] static Csr from_der(BytesView der);
  [[nodiscard]] static Csr from_pem(std::string_view text);

  // The request is signed with the key in it.
  [[nodiscard]] bool verify() const;

  [[nodiscard]] const Bytes& der() const noexcept { return der_; }
  [[nodiscard]] std::string to_pem() const;
  [[nodiscard]] Bytes subject_der() const;
  [[nodiscard]] std::string subject_text() const;
  [[nodiscard]] std::vector<NameAttribute> subject() const;
  [[nodiscard]] Key public_key() const;  // the public half; fails with "malformed-message"

  [[nodiscard]] const std::vector<RequestedExtension>& extensions() const noexcept { return extensions_; }
  [[nodiscard]] const RequestedExtension* extension(std::string_view oid) const noexcept;  // null: not asked for
  [[nodiscard]] std::vector<AltName> alt_names() const;
  [[nodiscard]] unsigned key_usage() const;                        // bits of usage.hpp; 0: not asked for
  [[nodiscard]] std::vector<std::string> extended_usages() const;  // dotted OIDs
  [[nodiscard]] std::string template_name() const;                 // 1.3.6.1.4.1.311.20.2, in UTF-8; empty: none
  // In UTF-8, from whatever string type the client took; nothing: no such attribute.
  [[nodiscard]] const std::optional<Secret>& challenge_password() const noexcept { return challenge_; }
  [[nodiscard]] std::uint8_t challenge_tag() const noexcept { return challenge_tag_; }  // its tag octet (der.hpp)

 private:
  Csr() = default;
  std::shared_ptr<X509_req_st> request_;
  Bytes der_;
  std::vector<RequestedExtension> extensions_;
  std::optional<Secret> challenge_;
  std::uint8_t challenge_tag_ = 0;
};

}  // namespace certctl::crypto
