// CMS messages made by the openssl program (tests/data/cms/make), and our own read back.
#include "framework/crypto/cms_certificates.hpp"
#include "framework/crypto/cms_enveloped.hpp"
#include "framework/crypto/cms_signed.hpp"
#include "framework/crypto/der.hpp"

#include <certctl/result.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>

using namespace certctl;
using namespace certctl::crypto;

namespace {

Bytes file(const std::string& name) {
  std::ifstream stream(CERTCTL_TEST_DATA "/cms/" + name, std::ios::binary);
  REQUIRE(stream);
  return Bytes(std::istreambuf_iterator<char>(stream), {});
}
std::string text(const std::string& name) {
  const Bytes bytes = file(name);
  return {bytes.begin(), bytes.end()};
}
Certificate certificate(const std::string& name) {
  return Certificate::from_pem(text(name));
}
Key key(const std::string& name) {
  return Key::from_pem(text(name));
}
std::string said(const Bytes& bytes) {
  return {bytes.begin(), bytes.end()};
}

std::string code_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const Failure& failure) {
    return failure.error().code;
  }
  return "";
}

const std::string kSaid = "what is said";

}  // namespace

TEST_CASE("signed messages: signer by key identifier, by PSS, with an EC key, without its certificate", "[SCEP-069]") {
  const std::vector<Certificate> known{certificate("other.pem"), certificate("ec.pem"), certificate("signer.pem")};
  for (const char* name : {"signed-keyid.der", "signed-pss.der", "signed-without-certificates.der", "signed-ec.der"}) {
    INFO(name);
    const SignedMessage message = SignedMessage::parse(file(name));
    CHECK(said(message.content()) == kSaid);
    CHECK(message.verify(known) == (std::string(name) == "signed-ec.der" ? 1U : 2U));
    CHECK(code_of([&] { (void)message.verify({known.data(), 1}); }) == "signer-unknown");
    CHECK(message.signer().key_id.empty() == (std::string(name) != "signed-keyid.der"));
  }
}

TEST_CASE("signed messages: a certificate inside is not trusted by being there") {
  const SignedMessage message = SignedMessage::parse(file("signed-pss.der"));
  CHECK(message.certificates().size() == 1);
  CHECK(code_of([&] { (void)message.verify({}); }) == "signer-unknown");
}

TEST_CASE("signed messages: absent content counts as empty") {
  const SignedMessage message = SignedMessage::parse(file("signed-absent.der"));
  CHECK(message.content_state() == SignedMessage::Content::absent);
  const std::vector<Certificate> signer{certificate("signer.pem")};
  CHECK(message.verify(signer) == 0);
}

TEST_CASE("signed messages: two signers, no signed attributes, and other content types are refused", "[SCEP-064]") {
  for (const char* name : {"signed-twice.der", "signed-without-attributes.der", "certificates.der", "data.der",
                           "enveloped-aes192.der", "signer.pem"}) {
    INFO(name);
    CHECK(code_of([&] { SignedMessage::parse(file(name)); }) == "malformed-message");
  }
}

// H21
TEST_CASE("signed messages: trailing bytes and every prefix are refused") {
  const Bytes whole = file("signed-keyid.der");
  Bytes longer = whole;
  longer.push_back(0);
  CHECK(code_of([&] { SignedMessage::parse(longer); }) == "malformed-message");
  for (std::size_t size = 0; size < whole.size(); ++size)
    REQUIRE(code_of([&] { SignedMessage::parse({whole.data(), size}); }) == "malformed-message");
}

TEST_CASE("signed messages: a wrong key under the right name does not verify") {
  // same issuer and serial number cannot be made by openssl without care: the signature is damaged instead
  Bytes damaged = file("signed-pss.der");
  damaged.back() ^= 1U;
  const std::vector<Certificate> signer{certificate("signer.pem")};
  CHECK(code_of([&] { (void)SignedMessage::parse(damaged).verify(signer); }) == "signature-invalid");
}

TEST_CASE("what we sign is read back, with and without time, content and certificate") {
  const Certificate signer = certificate("signer.pem");
  const Key signer_key = key("signer.key");
  const std::vector<Certificate> known{signer};
  const Bytes content(kSaid.begin(), kSaid.end());
  for (const Digest digest : {Digest::sha1, Digest::sha256, Digest::sha384, Digest::sha512, Digest::md5}) {
    for (const bool with_time : {true, false}) {
      SignOptions options;
      options.digest = digest;
      options.attributes = {{"1.2.3.4", {{kTagPrintableString, {'x'}}}}};
      if (with_time) options.signing_time = TimePoint(std::chrono::seconds(1800000000));
      options.include_signer = with_time;
      const SignedMessage message =
          SignedMessage::parse(sign_message(BytesView(content), signer, signer_key.get(), options));
      CHECK(message.verify(known) == 0);
      CHECK(message.content() == content);
      CHECK(message.digest_oid() == digest_oid(digest));
      CHECK(message.signature_oid() == "1.2.840.113549.1.1.1");
      CHECK(message.certificates().size() == (with_time ? 1U : 0U));
      REQUIRE(message.attribute("1.2.3.4") != nullptr);
      CHECK(said(message.attribute("1.2.3.4")->content) == "x");
      const AttributeValue* time = message.attribute("1.2.840.113549.1.9.5");
      REQUIRE((time != nullptr) == with_time);
      if (time != nullptr) CHECK(said(time->content) == "270115080000Z");
    }
  }
  for (const bool absent : {true, false}) {
    const auto nothing = absent ? std::optional<BytesView>() : std::optional<BytesView>(BytesView{});
    const SignedMessage message = SignedMessage::parse(sign_message(nothing, signer, signer_key.get(), {}));
    CHECK(message.content_state() == (absent ? SignedMessage::Content::absent : SignedMessage::Content::empty));
    CHECK(message.verify(known) == 0);
  }
}

TEST_CASE("signed messages: the content type that is signed is the one that the message has") {
  SignOptions options;
  options.wrong_content_type = true;
  const Bytes bytes(kSaid.begin(), kSaid.end());
  const Certificate signer = certificate("signer.pem");
  const SignedMessage message = SignedMessage::parse(sign_message(bytes, signer, key("signer.key").get(), options));
  CHECK(code_of([&] { (void)message.verify({&signer, 1}); }) == "signature-invalid");
}

TEST_CASE("an attribute that occurs twice or has two values is refused when it is asked for") {
  const Certificate signer = certificate("signer.pem");
  const Key signer_key = key("signer.key");
  SignOptions options;
  options.attributes = {{"1.2.3.4", {{kTagPrintableString, {'x'}}, {kTagPrintableString, {'y'}}}}};
  SignedMessage message = SignedMessage::parse(sign_message(std::nullopt, signer, signer_key.get(), options));
  CHECK(code_of([&] { (void)message.attribute("1.2.3.4"); }) == "malformed-message");
  CHECK(message.attribute("1.2.3.5") == nullptr);
}

TEST_CASE("enveloped messages: what they say before they are opened, and what is inside") {
  const Certificate ours = certificate("signer.pem");
  const Key ours_key = key("signer.key");
  const struct {
    const char* name;
    const char* cipher;
    std::size_t recipients;
  } rows[] = {{"enveloped-aes192.der", "AES-192-CBC", 1},
              {"enveloped-keyid.der", "AES-128-CBC", 1},
              {"enveloped-oaep-sha256.der", "AES-256-CBC", 1},
              {"enveloped-two.der", "AES-128-CBC", 2},
              {"enveloped-indefinite.der", "AES-128-CBC", 1}};
  for (const auto& row : rows) {
    INFO(row.name);
    const Bytes bytes = file(row.name);
    const EnvelopeInfo info = inspect_envelope(bytes);
    CHECK(cipher_display(info.cipher) == row.cipher);
    CHECK(info.recipients.size() == row.recipients);
    CHECK(info.recipients[0].kind == RecipientKind::key_transport);
    CHECK(said(decrypt_envelope(bytes, ours, ours_key.get(), {})) == kSaid);
    CHECK(code_of([&] { decrypt_envelope(bytes, certificate("ec.pem"), key("ec.key").get(), {}); }) == "not-for-us");
  }
  CHECK(said(decrypt_envelope(file("enveloped-two.der"), certificate("other.pem"), key("other.key").get(), {})) ==
        kSaid);
}

TEST_CASE("enveloped messages: other kinds of recipients are told apart, and not opened") {
  const struct {
    const char* name;
    RecipientKind kind;
  } rows[] = {{"enveloped-ec.der", RecipientKind::key_agreement},
              {"enveloped-password.der", RecipientKind::password},
              {"enveloped-kek.der", RecipientKind::key_encryption_key}};
  for (const auto& row : rows) {
    INFO(row.name);
    const Bytes bytes = file(row.name);
    CHECK(inspect_envelope(bytes).recipients.at(0).kind == row.kind);
    CHECK(code_of([&] { decrypt_envelope(bytes, certificate("signer.pem"), key("signer.key").get(), {}); }) ==
          "not-for-us");
  }
  CHECK(code_of([&] { inspect_envelope(file("auth-enveloped.der")); }) == "malformed-message");
}

TEST_CASE("enveloped messages: single DES only when allowed, and nothing of it stays in the process") {
  const Bytes bytes = file("enveloped-des.der");
  const Certificate ours = certificate("signer.pem");
  const Key ours_key = key("signer.key");
  CHECK(code_of([&] { decrypt_envelope(bytes, ours, ours_key.get(), {}); }) == "algorithm-refused");
  CHECK(said(decrypt_envelope(bytes, ours, ours_key.get(), {true})) == kSaid);
  CHECK(code_of([&] { decrypt_envelope(bytes, ours, ours_key.get(), {false}); }) == "algorithm-refused");
}

TEST_CASE("enveloped messages: a password opens what openssl made, and openssl's form is what we make", "[SCEP-101]") {
  const Bytes bytes = file("enveloped-password.der");
  CHECK(inspect_envelope(bytes).recipients.at(0).iterations == 2048);
  CHECK(said(decrypt_envelope_with_password(bytes, Secret("secret123"), {})) == kSaid);
  CHECK(code_of([&] { decrypt_envelope_with_password(bytes, Secret("wrong"), {}); }) == "decryption-failed");
  CHECK(code_of([&] { decrypt_envelope_with_password(file("enveloped-two.der"), Secret("secret123"), {}); }) ==
        "not-for-us");
  const Bytes content(kSaid.begin(), kSaid.end());
  for (const ContentCipher cipher : {ContentCipher::aes128_cbc, ContentCipher::aes256_cbc, ContentCipher::des3_cbc}) {
    const Bytes made = encrypt_envelope_with_password(content, Secret("pä$$"), cipher);
    CHECK(inspect_envelope(made).recipients.at(0).iterations == 2048);
    CHECK(decrypt_envelope_with_password(made, Secret("pä$$"), {}) == content);
  }
  CHECK(code_of([&] { encrypt_envelope_with_password(content, Secret(), ContentCipher::aes128_cbc); }) ==
        "algorithm-refused");
}

TEST_CASE("enveloped messages: an iteration count that would keep the processor busy for hours is refused") {
  Bytes bytes = file("enveloped-password.der");
  const Bytes count{0x02, 0x02, 0x08, 0x00};  // 2048
  const auto at = std::search(bytes.begin(), bytes.end(), count.begin(), count.end());
  REQUIRE(at != bytes.end());
  at[1] = 0x02;
  at[2] = 0x7F;
  at[3] = 0xFF;
  CHECK(code_of([&] { decrypt_envelope_with_password(bytes, Secret("secret123"), {}); }) == "decryption-failed");
  // A longer number does not fit into the same bytes: build one from parts.
  const Bytes salt = der_element(kTagOctetString, Bytes(8, 1));
  const Bytes many = der_integer(Bytes{0x7F, 0xFF, 0xFF, 0xFF});
  const Bytes parameters = der_sequence({salt, many});
  const Bytes oid = der_oid("1.2.840.113549.1.5.12");
  Bytes kdf_content = oid;
  kdf_content.insert(kdf_content.end(), parameters.begin(), parameters.end());
  const Bytes kdf = der_element(0xA0, kdf_content);
  const Bytes version = der_integer(Bytes{0});
  const Bytes wrap = der_sequence({der_oid("1.2.840.113549.1.9.16.3.9")});
  const Bytes encrypted = der_element(kTagOctetString, Bytes(16, 2));
  Bytes pwri;
  for (const Bytes* part : {&version, &kdf, &wrap, &encrypted}) pwri.insert(pwri.end(), part->begin(), part->end());
  const Bytes recipients = der_element(kTagSet, der_element(0xA3, pwri));
  const Bytes iv = der_element(kTagOctetString, Bytes(16, 3));
  const Bytes cipher = der_sequence({der_oid(cipher_oid(ContentCipher::aes128_cbc)), iv});
  const Bytes body = der_element(0x80, Bytes(16, 4));
  const Bytes content = der_sequence({der_oid(kOidCmsData), cipher, body});
  const Bytes three = der_integer(Bytes{3});
  const Bytes envelope = der_sequence({three, recipients, content});
  const Bytes message = der_sequence({der_oid(kOidCmsEnveloped), der_element(0xA0, envelope)});
  CHECK(inspect_envelope(message).recipients.at(0).iterations == 0x7FFFFFFF);
  CHECK(code_of([&] { decrypt_envelope_with_password(message, Secret("secret123"), {}); }) == "algorithm-refused");
}

TEST_CASE("enveloped messages: what is inside is data, or is not opened", "[SCEP-065]") {
  Bytes bytes = file("enveloped-two.der");
  CHECK(inspect_envelope(bytes).content_type == kOidCmsData);
  const Bytes data = der_oid(kOidCmsData);
  const auto at = std::search(bytes.begin(), bytes.end(), data.begin(), data.end());
  REQUIRE(at != bytes.end());
  at[static_cast<std::ptrdiff_t>(data.size()) - 1] = 2;
  CHECK(inspect_envelope(bytes).content_type == kOidCmsSigned);
  CHECK(code_of([&] { decrypt_envelope(bytes, certificate("signer.pem"), key("signer.key").get(), {}); }) ==
        "malformed-message");
}

TEST_CASE("what we encrypt is opened by the recipient's key, in every cipher", "[SCEP-100]") {
  const Certificate ours = certificate("signer.pem");
  const Key ours_key = key("signer.key");
  for (const std::size_t size : {0U, 1U, 15U, 16U, 5000U}) {
    const Bytes content(size, 'x');
    for (const ContentCipher cipher : {ContentCipher::aes128_cbc, ContentCipher::aes192_cbc, ContentCipher::aes256_cbc,
                                       ContentCipher::des3_cbc, ContentCipher::des_cbc, ContentCipher::blowfish_cbc}) {
      INFO(name_of(cipher) << " " << size);
      const Bytes made = encrypt_envelope(content, ours, cipher);
      CHECK(inspect_envelope(made).cipher == cipher_oid(cipher));
      CHECK(decrypt_envelope(made, ours, ours_key.get(), {true}) == content);
    }
  }
  CHECK(code_of([&] { encrypt_envelope({}, certificate("ec.pem"), ContentCipher::aes128_cbc); }) ==
        "algorithm-refused");
}

TEST_CASE("certificates only: read, built, and read back", "[SCEP-066][SCEP-067]") {
  const CertificateBag bag = parse_certificates_only(file("certificates.der"));
  REQUIRE(bag.certificates.size() == 2);
  CHECK(bag.signers == 0);
  CHECK(bag.crls.empty());
  const CertificateBag again = parse_certificates_only(build_certificates_only(bag.certificates));
  CHECK(again.certificates.size() == 2);
  CHECK(parse_certificates_only(build_certificates_only({})).certificates.empty());
  const std::vector<Bytes> no_crl{{1, 2, 3}};
  CHECK(code_of([&] { build_certificates_only({}, no_crl); }) == "malformed-message");
  CHECK(code_of([&] { parse_certificates_only(file("data.der")); }) == "malformed-message");
}

TEST_CASE("certificates only: nobody signs, and nothing is said beside them", "[SCEP-067][SCEP-068]") {
  const Bytes made = build_certificates_only(parse_certificates_only(file("certificates.der")).certificates);
  BerReader list(open_cms(made, kOidCmsSigned, "list"));
  list.expect(kTagInteger, "version");
  CHECK(list.expect(kTagSet, "digests").content.empty());
  BerReader content(list.expect(kTagSequence, "content"));
  CHECK(oid_text(content.expect(kTagOid, "type of the content").content) == kOidCmsData);
  CHECK(content.done());
  CHECK_FALSE(list.expect(0xA0, "certificates").content.empty());
  CHECK(list.expect(kTagSet, "signers").content.empty());
  CHECK(list.done());
}
