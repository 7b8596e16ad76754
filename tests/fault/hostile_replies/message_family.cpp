#include "tests/fault/hostile_replies/message_family.hpp"

#include "enrollers/scep/protocol/attributes.hpp"
#include "enrollers/scep/protocol/query.hpp"
#include "framework/crypto/cms_certificates.hpp"
#include "framework/crypto/cms_signed.hpp"
#include "framework/crypto/der.hpp"
#include "framework/crypto/self_signed.hpp"
#include "tests/fault/hostile_replies/signed_parts.hpp"

#include <optional>

namespace certctl::hostile {
namespace {

using scep_test::rsa_key;
using scep_test::test_time;

// Somebody else with a certificate like the RA's: the same subject, and the same serial number if wanted.
crypto::Issuer impostor(const Scene& scene, const crypto::Certificate& like, bool same_issuer_name) {
  crypto::CaSpec root;
  root.subject =
      same_issuer_name ? scene.known().back().subject() : std::vector<NameAttribute>{{"CN", "Nobody", false}};
  if (same_issuer_name)
    for (const auto& certificate : scene.known())
      if (certificate.subject_der() == like.issuer_der()) root.subject = certificate.subject();
  root.not_before = test_time() - kDay;
  root.not_after = test_time() + kDay * 100;
  const crypto::Issuer issuer{crypto::make_root_ca(rsa_key(20), root), rsa_key(20)};
  crypto::RaSpec spec;
  spec.subject = like.subject();
  spec.serial = like.serial_octets();
  spec.not_before = root.not_before;
  spec.not_after = root.not_after;
  return {crypto::make_ra(issuer, rsa_key(21), spec), rsa_key(21)};
}

Case of(std::string name, Case::Answer answer, std::function<void(scep::HttpReply&)> change = {}) {
  Case one;
  one.name = std::move(name);
  one.answer = std::move(answer);
  one.change = std::move(change);
  return one;
}

// To a poll, whose genuine answer is the scene's certificate.
void hear(Court& court, const Case& one, Expected expected) {
  Genuine genuine;
  genuine.certificates = {court.scene().issued().to_pem()};
  court.hear(Question::poll, one, genuine, expected);
}

Case::Answer with(Court& court, std::function<void(scep::ReplySpec&)> change) {
  Scene& scene = court.scene();
  return [&scene, change = std::move(change)](const scep::ReceivedRequest& request) {
    return scene.success_with(request, {scene.issued(), scene.ca().inside.front()}, change);
  };
}

// Structure of a good reply changed.
std::function<void(scep::HttpReply&)> rebuilt(std::function<void(SignedParts&)> change) {
  return [change = std::move(change)](scep::HttpReply& reply) {
    SignedParts parts = SignedParts::of(reply.body);
    change(parts);
    reply.body = parts.der();
  };
}

Bytes nested(std::size_t levels, std::uint8_t identifier) {
  Bytes inner;
  for (std::size_t i = 0; i < levels; ++i) inner = crypto::der_element(identifier, inner);
  return inner;
}

Bytes attribute_der(const crypto::SignedAttribute& attribute) {
  std::vector<Bytes> values;
  for (const auto& value : attribute.values) values.push_back(crypto::der_element(value.identifier, value.content));
  const Bytes oid = crypto::der_oid(attribute.oid);
  const Bytes set = crypto::der_set_of(std::move(values));
  return crypto::der_sequence({oid, set});
}

// A SUCCESS signed by the RA with exactly these attributes.
scep::HttpReply signed_with(const Scene& scene, const scep::ReceivedRequest& request,
                            const std::function<void(std::vector<crypto::SignedAttribute>&)>& change) {
  const scep::HttpReply good = scene.success_with(request, {scene.issued(), scene.known().back()});
  const auto message = crypto::SignedMessage::parse(good.body);
  crypto::SignOptions options;
  options.signing_time = test_time();
  for (const auto& attribute : message.attributes()) {
    const bool added = attribute.oid == scep::kOidContentType || attribute.oid == scep::kOidMessageDigest ||
                       attribute.oid == scep::kOidSigningTime;  // by sign_message()
    if (!added) options.attributes.push_back(attribute);
  }
  change(options.attributes);
  const scep::ReplySpec spec = scene.reply_to(request, scep::PkiStatus::success);
  return {200, "OK", "", crypto::sign_message(message.content(), *spec.signer, spec.signer_key, options)};
}

}  // namespace

void forged_messages(Court& court) {
  Scene& scene = court.scene();
  const Case::Answer success = scene.success();
  const auto signed_by = [&](const std::string& name, const crypto::Issuer& signer,
                             std::vector<crypto::Certificate> more = {}) {
    hear(court,
         of("H24: signed by " + name, with(court,
                                           [signer, more](scep::ReplySpec& spec) {
                                             spec.signer = &signer.certificate;
                                             spec.signer_key = signer.key.get();
                                             spec.more_certificates = more;
                                           })),
         Expected::refused);
  };
  const crypto::Certificate& ra = scene.ca().responder().certificate;
  const crypto::Issuer alike = impostor(scene, ra, true);
  signed_by("another key in the RA's name and with its serial number", alike);
  signed_by("the same, with the RA's certificate beside it", alike, {ra});
  signed_by("a stranger", impostor(scene, scene.held(), false));
  signed_by("a certificate that the CA issued to somebody", {scene.held(), rsa_key(11)});
  signed_by("our own key",
            {crypto::make_self_signed(scene.csr().subject_der(), rsa_key(10), test_time(), kDay), rsa_key(10)});
  signed_by("a self-signed copy of the CA",
            {crypto::make_self_signed(scene.known()[1].subject_der(), rsa_key(21), test_time(), kDay), rsa_key(21)});

  hear(court, of("H21: nothing", success, [](scep::HttpReply& reply) { reply.body.clear(); }), Expected::refused);
  hear(court, of("H21: an octet behind it", success, [](scep::HttpReply& reply) { reply.body.push_back(0); }),
       Expected::refused);
  hear(court,
       of("H21: twice", success,
          [](scep::HttpReply& reply) {
            const Bytes once = reply.body;
            reply.body.insert(reply.body.end(), once.begin(), once.end());
          }),
       Expected::refused);
  for (const std::uint8_t identifier : {std::uint8_t{0x30}, std::uint8_t{0x24}, std::uint8_t{0xA0}}) {
    hear(court,
         of("H22: a thousand levels", success,
            [identifier](scep::HttpReply& reply) {
              reply.body = content_info(crypto::kOidCmsSigned, nested(1000, identifier));
            }),
         Expected::refused);
    hear(court,
         of("H22: a hundred thousand levels without an end", success,
            [identifier](scep::HttpReply& reply) {
              reply.body.clear();
              for (int i = 0; i < 100'000; ++i) reply.body.insert(reply.body.end(), {identifier, 0x80});
            }),
         Expected::refused);
    hear(court, of("H22: a thousand levels inside", success, rebuilt([identifier](SignedParts& parts) {
                     parts.certificates = crypto::der_element(0xA0, nested(1000, identifier));
                   })),
         Expected::harmless);
  }
  for (const std::string_view type : {crypto::kOidCmsData, crypto::kOidCmsEnveloped, crypto::kOidCmsAuthEnveloped})
    hear(court,
         of("H22: content type " + std::string(type), success,
            [type](scep::HttpReply& reply) { reply.body = content_info(type, reply.body); }),
         Expected::refused);
  hear(court,
       of("H23: no signer, the certificate in clear", success,
          [&scene](scep::HttpReply& reply) {
            const std::vector<crypto::Certificate> bag{scene.issued()};
            reply.body = crypto::build_certificates_only(bag);
          }),
       Expected::refused);
  for (const int signers : {0, 2, 5'000})
    hear(court, of("H23: " + std::to_string(signers) + " signers", success, rebuilt([signers](SignedParts& parts) {
                     const SignerParts one = parts.signers.front();
                     parts.signers.assign(static_cast<std::size_t>(signers), one);
                   })),
         Expected::refused);
  hear(court, of("H23: no digest algorithms", success, rebuilt([](SignedParts& parts) {
                   parts.digest_algorithms = {crypto::kTagSet, 0};
                 })),
       Expected::harmless);
  hear(court,
       of("H26: a wrong signature", with(court, [](scep::ReplySpec& spec) { spec.faults.corrupt_signature = true; })),
       Expected::refused);
  hear(court,
       of("H26: no message digest", with(court, [](scep::ReplySpec& spec) { spec.faults.omit_message_digest = true; })),
       Expected::refused);
  hear(court,
       of("H26: no content type", with(court, [](scep::ReplySpec& spec) { spec.faults.omit_content_type = true; })),
       Expected::refused);
  hear(court, of("H26: no signed attributes", success, rebuilt([](SignedParts& parts) {
                   parts.signers.front().signed_attributes.clear();
                 })),
       Expected::refused);
  hear(court, of("H26: the attributes unsigned", success, rebuilt([](SignedParts& parts) {
                   SignerParts& signer = parts.signers.front();
                   signer.unsigned_attributes = signer.signed_attributes;
                   signer.unsigned_attributes.front() = 0xA1;
                   signer.signed_attributes.clear();
                 })),
       Expected::refused);
  hear(court, of("H26: another content than signed", success, rebuilt([&scene](SignedParts& parts) {
                   const std::vector<crypto::Certificate> bag{scene.issued()};
                   const Bytes content =
                       crypto::der_element(crypto::kTagOctetString, crypto::build_certificates_only(bag));
                   const Bytes type = crypto::der_oid(crypto::kOidCmsData);
                   const Bytes explicit_content = crypto::der_element(0xA0, content);
                   parts.encapsulated = crypto::der_sequence({type, explicit_content});
                 })),
       Expected::refused);
  // What is beside the signature carries no trust.
  hear(court,
       of("certificates of strangers beside it",
          with(court, [alike](scep::ReplySpec& spec) { spec.more_certificates.assign(100, alike.certificate); })),
       Expected::genuine);
  hear(court, of("unsigned attributes beside it", success, rebuilt([](SignedParts& parts) {
                   const Bytes status =
                       attribute_der({std::string(scep::kOidPkiStatus), {{crypto::kTagPrintableString, {'3'}}}});
                   parts.signers.front().unsigned_attributes = crypto::der_element(0xA1, status);
                 })),
       Expected::genuine);
}

void wrong_attributes(Court& court) {
  Scene& scene = court.scene();
  const std::pair<const char*, bool scep::ReplyFaults::*> faults[] = {
      {"H27: no transaction ID", &scep::ReplyFaults::omit_transaction_id},
      {"H27: another transaction ID", &scep::ReplyFaults::wrong_transaction_id},
      {"H28: no recipient nonce", &scep::ReplyFaults::omit_recipient_nonce},
      {"H28: another recipient nonce", &scep::ReplyFaults::wrong_recipient_nonce},
  };
  for (const auto& [name, fault] : faults)
    hear(court, of(name, with(court, [fault = fault](scep::ReplySpec& spec) { spec.faults.*fault = true; })),
         Expected::refused);
  for (const char* type : {"", "0", "19", "17", "20", "21", "22", "33", "3 ", " 3", "3x", "-3"})
    hear(court,
         of(std::string("message type '") + type + "'",
            with(court, [type](scep::ReplySpec& spec) { spec.faults.message_type = type; })),
         Expected::refused);
  for (const char* status : {"", "1", "4", "0 ", "-0", "+0", "0x0", "99999999999999999999", "10"})
    hear(court,
         of(std::string("status '") + status + "'",
            with(court, [status](scep::ReplySpec& spec) { spec.faults.pki_status = status; })),
         Expected::refused);
  for (const char* reason : {"", "5", "-1", "255", "1 "}) {
    const auto failure = [&scene, reason](const scep::ReceivedRequest& request) {
      scep::ReplySpec spec = scene.reply_to(request, scep::PkiStatus::failure);
      spec.faults.fail_info = reason;
      return scep::HttpReply{200, "OK", "", scep::build_reply(spec)};
    };
    hear(court, of(std::string("failInfo '") + reason + "'", failure), Expected::refused);
  }
  // Each attribute twice, with two values, with none, as another type.
  for (const auto oid :
       {scep::kOidMessageType, scep::kOidPkiStatus, scep::kOidRecipientNonce, scep::kOidTransactionId}) {
    using Attributes = std::vector<crypto::SignedAttribute>;
    const std::pair<const char*, std::function<void(Attributes&, crypto::SignedAttribute&)>> changes[] = {
        {"twice", [](Attributes& all, crypto::SignedAttribute& one) { all.push_back(crypto::SignedAttribute(one)); }},
        {"two values",
         [](Attributes&, crypto::SignedAttribute& one) {
           one.values.push_back({0x13, {'9'}});
         }},
        {"no value", [](Attributes&, crypto::SignedAttribute& one) { one.values.clear(); }},
        {"a sequence", [](Attributes&, crypto::SignedAttribute& one) { one.values.front().identifier = 0x30; }},
        {"NUL behind it", [](Attributes&, crypto::SignedAttribute& one) { one.values.front().content.push_back(0); }},
        {"cut", [](Attributes&, crypto::SignedAttribute& one) { one.values.front().content.pop_back(); }},
    };
    for (const auto& [name, change] : changes) {
      const auto answer = [&scene, oid, change = change](const scep::ReceivedRequest& request) {
        return signed_with(scene, request, [&](Attributes& all) {
          all.reserve(all.size() + 1);
          for (std::size_t i = 0, size = all.size(); i < size; ++i)
            if (all[i].oid == oid) change(all, all[i]);
        });
      };
      hear(court, of("H27: attribute " + std::string(oid) + ": " + name, answer), Expected::refused);
    }
  }
}

void replayed_messages(Court& court) {
  Scene& scene = court.scene();
  const std::pair<const char*, Case::Answer> kinds[] = {
      {"SUCCESS", scene.success()}, {"PENDING", scene.pending()}, {"FAILURE", scene.failure()}};
  for (const auto& [recorded_name, recorded] : kinds) {
    // The same transaction, an earlier message.
    auto old = std::make_shared<Bytes>();
    Case watched = of("record", recorded, [old](scep::HttpReply& reply) { *old = reply.body; });
    (void)court.scene().ask(Question::poll, watched);
    for (const auto& [name, genuine_answer] : kinds) {
      const Genuine genuine = court.baseline(Question::poll, of("baseline", genuine_answer));
      const Case replayed = of(std::string("H28: an old ") + recorded_name + " instead of " + name, genuine_answer,
                               [old](scep::HttpReply& reply) { reply.body = *old; });
      court.hear(Question::poll, replayed, genuine, Expected::refused);
      court.hear(Question::enroll, replayed, genuine, Expected::refused);
    }
  }
}

}  // namespace certctl::hostile
