#include "framework/crypto/alt_name.hpp"
#include "framework/crypto/asn1_string.hpp"
#include "framework/crypto/csr.hpp"
#include "framework/crypto/der.hpp"
#include "framework/crypto/error_fence.hpp"
#include "framework/crypto/name.hpp"
#include "framework/crypto/usage.hpp"
#include "framework/crypto/x509_parts.hpp"

#include <certctl/result.hpp>

namespace certctl::crypto {
namespace {

constexpr const char* kCsrFailed = "csr-failed";

Bytes extension_der(std::string_view oid, bool critical, BytesView value) {
  static constexpr std::uint8_t kTrue[] = {0x01, 0x01, 0xFF};
  const Bytes type = der_oid(oid);
  const Bytes content = der_element(kTagOctetString, value);
  return der_sequence({type, critical ? BytesView(kTrue) : BytesView(), content});
}

Bytes template_der(const CertificateTemplate& wanted) {
  const auto fail = [&](const char* why) {
    return Failure::never("template-invalid", "template name '" + display_text(wanted.name) + "' " + why);
  };
  if (!is_utf8(wanted.name)) throw fail("is no UTF-8");
  if (wanted.string == TemplateString::utf8) return der_element(kTagUtf8String, bytes_of(wanted.name));
  const auto bmp = utf8_to_bmp(wanted.name);
  if (!bmp) throw fail("cannot be written as a BMPString");
  return der_element(kTagBmpString, *bmp);
}

// Extensions one after the other; empty when nothing is asked for.
Bytes extensions_content(const CertificateRequest& request, bool has_subject,
                         const std::vector<RequestedExtension>& more) {
  Bytes content;
  const auto add = [&](std::string_view oid, bool critical, BytesView value) {
    const Bytes extension = extension_der(oid, critical, value);
    content.insert(content.end(), extension.begin(), extension.end());
  };
  const Usage usage = parse_usage(request.usage);
  if (usage.key_usage != 0) add("2.5.29.15", true, key_usage_der(usage.key_usage));
  if (!usage.extended.empty()) add("2.5.29.37", false, extended_usage_der(usage.extended));
  // RFC 5280 §4.2.1.6: critical when it is the only name.
  if (!request.alt_names.empty()) add("2.5.29.17", !has_subject, alt_names_der(request.alt_names));
  if (!request.certificate_template.name.empty())
    add("1.3.6.1.4.1.311.20.2", false, template_der(request.certificate_template));
  for (const RequestedExtension& extension : more) add(extension.oid, extension.critical, extension.value);
  return content;
}

void add_attribute(X509_REQ* request, std::string_view oid, const Bytes& value) {
  const Bytes set = der_set_of({value});
  const Bytes type = der_oid(oid);
  const Bytes der = der_sequence({type, set});
  const unsigned char* at = der.data();
  const X509AttributePtr attribute(d2i_X509_ATTRIBUTE(nullptr, &at, static_cast<long>(der.size())));
  if (!attribute || X509_REQ_add1_attr(request, attribute.get()) != 1) openssl_failed(kCsrFailed, "an attribute");
}

Bytes challenge_der(const Secret& challenge) {
  const std::string& text = challenge.reveal();
  if (is_printable_string(text)) return der_element(kTagPrintableString, bytes_of(text));
  if (!is_utf8(text))
    throw Failure::never("challenge-invalid", "the challenge password is no UTF-8", "write the secret's file in UTF-8");
  return der_element(kTagUtf8String, bytes_of(text));
}

}  // namespace

Bytes build_csr(const CertificateRequest& request, const Key& key, const Secret& challenge, const CsrOptions& options) {
  const ErrorFence fence;
  const Bytes subject = options.subject_der.empty() ? name_der(request.subject) : options.subject_der;
  const X509NamePtr name = decode_name(subject, kCsrFailed);
  const bool has_subject = X509_NAME_entry_count(name.get()) > 0;
  const X509ReqPtr csr(X509_REQ_new());
  if (!csr || X509_REQ_set_version(csr.get(), X509_REQ_VERSION_1) != 1 ||
      X509_REQ_set_subject_name(csr.get(), name.get()) != 1 || X509_REQ_set_pubkey(csr.get(), key.get()) != 1)
    openssl_failed(kCsrFailed, "a certification request");
  if (const Bytes extensions = extensions_content(request, has_subject, options.more_extensions); !extensions.empty())
    add_attribute(csr.get(), "1.2.840.113549.1.9.14", der_element(kTagSequence, extensions));
  // SCEP-018, SCEP-110
  if (!challenge.empty()) add_attribute(csr.get(), "1.2.840.113549.1.9.7", challenge_der(challenge));
  if (X509_REQ_sign(csr.get(), key.get(), signature_digest(options.digest, key.get())) <= 0)
    openssl_failed(kCsrFailed, "the signature of a certification request");
  Bytes der = encoded(&i2d_X509_REQ, csr.get());
  if (der.empty()) openssl_failed(kCsrFailed, "a certification request");
  return der;
}

}  // namespace certctl::crypto
