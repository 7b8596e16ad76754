// Good replies around what must not, or may, come into service.
#include "tests/fault/hostile_replies/message_family.hpp"

#include "framework/crypto/cms_certificates.hpp"
#include "framework/crypto/cms_enveloped.hpp"
#include "framework/crypto/cms_signed.hpp"
#include "framework/crypto/der.hpp"
#include "framework/crypto/self_signed.hpp"
#include "tests/fault/hostile_replies/signed_parts.hpp"

namespace certctl::hostile {
namespace {

using scep_test::rsa_key;
using scep_test::test_time;

void hear_certificates(Court& court, const std::string& name, std::vector<crypto::Certificate> inside,
                       Expected expected) {
  Scene& scene = court.scene();
  Case one;
  one.name = name;
  std::vector<Bytes> ders;
  for (const auto& certificate : inside) ders.push_back(certificate.der());
  one.answer = [&scene, bag = bag_of(ders)](const scep::ReceivedRequest& request) {
    return scene.success_with(request, {scene.issued()}, [&](scep::ReplySpec& spec) { spec.content = bag; });
  };
  Genuine genuine;
  genuine.certificates = {scene.issued().to_pem()};
  // What the CA really issued is genuine, odd as it may be; whether it may be taken is said by `expected`.
  if (expected != Expected::refused)
    for (const auto& certificate : inside) genuine.certificates.push_back(certificate.to_pem());
  court.hear(Question::poll, one, genuine, expected);
}

// DER of a Name that no tool would write.
Bytes odd_name(const std::string& text) {
  const Bytes type = crypto::der_oid("2.5.4.3");
  const Bytes value = crypto::der_element(crypto::kTagUtf8String, crypto::bytes_of(text));
  const Bytes set = crypto::der_set_of({crypto::der_sequence({type, value})});
  return crypto::der_sequence({set});
}

}  // namespace

void wrong_envelopes(Court& court) {
  Scene& scene = court.scene();
  const auto content = [&scene] {
    const std::vector<crypto::Certificate> bag{scene.issued(), scene.ca().inside.front()};
    return crypto::build_certificates_only(bag);
  };
  // A SUCCESS with any content, signed by the RA.
  const auto hear = [&](const std::string& name, const std::function<Bytes(const crypto::Certificate& signer)>& make,
                        Expected expected) {
    Case one;
    one.name = name;
    one.answer = [&scene, make](const scep::ReceivedRequest& request) {
      const scep::ReplySpec spec = scene.reply_to(request, scep::PkiStatus::success);
      const auto good = crypto::SignedMessage::parse(scene.success_with(request, {scene.issued()}).body);
      crypto::SignOptions options;
      for (const auto& attribute : good.attributes())
        if (attribute.oid.rfind("2.16.840.1.113733", 0) == 0) options.attributes.push_back(attribute);
      return scep::HttpReply{200, "OK", "",
                             crypto::sign_message(make(*request.signer), *spec.signer, spec.signer_key, options)};
    };
    Genuine genuine;
    genuine.certificates = {scene.issued().to_pem()};
    court.hear(Question::poll, one, genuine, expected);
  };
  using crypto::ContentCipher;
  hear(
      "an envelope as it should be",
      [&](const auto& signer) { return crypto::encrypt_envelope(content(), signer, ContentCipher::aes256_cbc); },
      Expected::genuine);
  hear(
      "an envelope in single DES, which the default still reads",
      [&](const auto& signer) { return crypto::encrypt_envelope(content(), signer, ContentCipher::des_cbc); },
      Expected::genuine);
  hear(
      "H32: no envelope", [&](const auto&) { return content(); }, Expected::refused);
  hear(
      "H32: an envelope for somebody else",
      [&](const auto&) { return crypto::encrypt_envelope(content(), scene.held(), ContentCipher::aes128_cbc); },
      Expected::refused);
  hear(
      "H32: an envelope with the challenge as its password",
      [&](const auto&) {
        return crypto::encrypt_envelope_with_password(content(), Secret("secret123"), ContentCipher::aes128_cbc);
      },
      Expected::refused);
  hear(
      "H32: nothing inside",
      [&](const auto& signer) { return crypto::encrypt_envelope({}, signer, ContentCipher::aes128_cbc); },
      Expected::refused);
  hear(
      "H32: a certificate inside that is in no message",
      [&](const auto& signer) {
        return crypto::encrypt_envelope(scene.issued().der(), signer, ContentCipher::aes128_cbc);
      },
      Expected::refused);
  hear(
      "H32: an envelope in an envelope",
      [&](const auto& signer) {
        return crypto::encrypt_envelope(crypto::encrypt_envelope(content(), signer, ContentCipher::aes128_cbc), signer,
                                        ContentCipher::aes128_cbc);
      },
      Expected::refused);
  hear(
      "no certificates inside",
      [&](const auto& signer) {
        return crypto::encrypt_envelope(crypto::build_certificates_only({}), signer, ContentCipher::aes128_cbc);
      },
      Expected::refused);
  // Every octet of what the certificate is encrypted as, under the RA's signature: whoever has the RA's key.
  for (std::size_t at = 0; at < 2000; at += 97)
    hear(
        "an envelope with octet " + std::to_string(at) + " changed",
        [&](const auto& signer) {
          Bytes envelope = crypto::encrypt_envelope(content(), signer, ContentCipher::aes128_cbc);
          const std::size_t place = at % envelope.size();
          envelope[place] = static_cast<std::uint8_t>(envelope[place] ^ 0x10U);
          return envelope;
        },
        Expected::harmless);
}

void wrong_certificates(Court& court) {
  Scene& scene = court.scene();
  const crypto::Certificate& above = scene.ca().inside.front();
  const auto one = [&](const std::string& name, const std::function<void(crypto::IssueSpec&)>& change,
                       Expected expected) {
    hear_certificates(court, name, {scene.issue(change), above}, expected);
  };
  using Spec = crypto::IssueSpec;
  one(
      "as it should be", [](Spec&) {}, Expected::genuine);
  one(
      "H34: another key", [](Spec& spec) { spec.public_key = rsa_key(12); }, Expected::refused);
  one(
      "H35: expired",
      [](Spec& spec) {
        spec.not_before = test_time() - kDay * 2;
        spec.not_after = test_time() - kDay;
      },
      Expected::refused);
  one(
      "H35: ends before it begins",
      [](Spec& spec) {
        spec.not_before = test_time() + kDay * 2;
        spec.not_after = test_time() + kDay;
      },
      Expected::refused);
  one(
      "H35: valid for no time", [](Spec& spec) { spec.not_after = spec.not_before; }, Expected::refused);
  one(
      "H35: valid later", [](Spec& spec) { spec.not_before = test_time() + kDay; }, Expected::genuine);
  one(
      "H35: valid for a second", [](Spec& spec) { spec.not_after = test_time() + std::chrono::seconds(1); },
      Expected::genuine);
  one(
      "H36: a CA", [](Spec& spec) { spec.ca = true; }, Expected::refused);
  const auto names = [&](const std::string& name, std::vector<AltName> given, Expected expected) {
    one(
        name, [given](Spec& spec) { spec.alt_names = given; }, expected);
  };
  names("H36: a foreign name", {{AltNameKind::dns, "bank.example"}}, Expected::refused);
  names("H36: a wildcard", {{AltNameKind::dns, "*.example"}}, Expected::refused);
  names("H36: fewer names", {}, Expected::genuine);
  names("H36: a foreign address", {{AltNameKind::dns, "router-1.example"}, {AltNameKind::ip, "192.0.2.99"}},
        Expected::refused);
  std::vector<AltName> many;
  for (int i = 0; i < 5'000; ++i) many.push_back({AltNameKind::dns, "host-" + std::to_string(i) + ".example"});
  names("H40: 5000 names", many, Expected::refused);
  one(
      "H36: no usages", [](Spec& spec) { spec.usage = crypto::Usage{}; }, Expected::genuine);
  // Texts are data (H11, H39).
  for (const char* text : {"../../etc/passwd", "$(reboot)", "a\nb", "\x1B[31mred", "<script>", "-rf", "a;b|c"}) {
    one(
        std::string("H39: subject beginning with ") + std::to_string(text[0]),
        [text](Spec& spec) { spec.subject_der = odd_name(text); }, Expected::genuine);
  }
  // Not of the pinned CA.
  const auto self_signed = crypto::make_self_signed(scene.csr().subject_der(), rsa_key(10), test_time(), kDay);
  hear_certificates(court, "H37: self-signed with our key", {self_signed}, Expected::refused);
  for (const bool same_name : {false, true}) {
    crypto::CaSpec spec;
    spec.subject =
        same_name ? scene.ca().issuer().certificate.subject() : std::vector<NameAttribute>{{"CN", "Nobody", false}};
    spec.not_before = test_time() - kDay;
    spec.not_after = test_time() + kDay * 1000;
    const crypto::Issuer stranger{crypto::make_root_ca(rsa_key(20), spec), rsa_key(20)};
    const std::string name = same_name ? "a stranger in the CA's name" : "a stranger";
    const auto issued = scene.issue([](Spec&) {}, &stranger);
    hear_certificates(court, "H37: issued by " + name, {issued, stranger.certificate}, Expected::refused);
    hear_certificates(court, "H37: issued by " + name + ", with the CA's own beside it",
                      {issued, stranger.certificate, above, scene.known()[1]}, Expected::refused);
  }
  // A chain through a certificate that is no CA: one that the CA issued to somebody.
  const crypto::Issuer somebody{scene.held(), rsa_key(11)};
  hear_certificates(court, "H37: issued by somebody with a certificate of the CA",
                    {scene.issue([](Spec&) {}, &somebody), scene.held(), above}, Expected::refused);
  hear_certificates(court, "two for our key", {scene.issue([](Spec&) {}), scene.issued(), above}, Expected::refused);
  hear_certificates(court, "the same twice", {scene.issued(), scene.issued(), above}, Expected::genuine);
  hear_certificates(court, "without its CA", {scene.issued()}, Expected::refused);
  std::vector<crypto::Certificate> crowd(3'000, scene.held());
  crowd.push_back(scene.issued());
  crowd.push_back(above);
  hear_certificates(court, "H06: 3000 others", crowd, Expected::harmless);
}

}  // namespace certctl::hostile
