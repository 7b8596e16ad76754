#include "framework/devca/message_faults.hpp"

#include "enrollers/scep/protocol/words.hpp"
#include "framework/crypto/cms.hpp"
#include "framework/crypto/der.hpp"
#include "framework/devca/fault_sizes.hpp"
#include "framework/devca/signed_parts.hpp"

#include <array>

namespace certctl::devca {
namespace {

constexpr std::array<std::string_view, 40> kMessageFaultNames = {"wrong-nonce",
                                                                 "missing-nonce",
                                                                 "no-sender-nonce",
                                                                 "wrong-transaction",
                                                                 "missing-transaction",
                                                                 "bad-signature",
                                                                 "unknown-signer",
                                                                 "leaf-signer",
                                                                 "no-certificates",
                                                                 "combined-oid",
                                                                 "no-content-type",
                                                                 "no-message-digest",
                                                                 "absent-content",
                                                                 "zero-byte",
                                                                 "bad-status",
                                                                 "bad-fail-info",
                                                                 "bad-message-type",
                                                                 "sha1",
                                                                 "md5",
                                                                 "wrong-content-type",
                                                                 "wrong-digest",
                                                                 "unsigned-attributes",
                                                                 "transaction-twice",
                                                                 "two-transactions",
                                                                 "nonce-twice",
                                                                 "status-twice",
                                                                 "other-content",
                                                                 "no-signer",
                                                                 "two-signers",
                                                                 "many-signers",
                                                                 "no-digests",
                                                                 "other-digests",
                                                                 "deep",
                                                                 "trailing",
                                                                 "indefinite",
                                                                 "replayed",
                                                                 "signer-by-key",
                                                                 "absent-parameters",
                                                                 "hostile-text",
                                                                 "many-attributes"};

crypto::SignedAttribute text_attribute(std::string_view oid, std::initializer_list<std::string_view> values) {
  crypto::SignedAttribute attribute{std::string(oid), {}};
  for (const std::string_view value : values)
    attribute.values.push_back({crypto::kTagPrintableString, Bytes(value.begin(), value.end())});
  return attribute;
}

Bytes empty_signer() {
  const Bytes number = crypto::der_integer(Bytes{1});
  const Bytes nobody = crypto::der_sequence({});
  const Bytes identity = crypto::der_sequence({nobody, number});
  const Bytes digest = crypto::der_sequence({crypto::der_oid(crypto::digest_oid(crypto::Digest::sha256))});
  const Bytes signature = crypto::der_sequence({crypto::der_oid("1.2.840.113549.1.1.1")});
  return crypto::der_sequence({number, identity, digest, signature, crypto::der_element(crypto::kTagOctetString, {})});
}

// eContentType and eContent.
Bytes content_info(std::string_view type, const Bytes& octet_string) {
  const Bytes content = crypto::der_element(0xA0, octet_string);
  return crypto::der_sequence({crypto::der_oid(type), content});
}

// An OCTET STRING that is put together from one part, which is put together from one part …
Bytes deep_content() {
  Bytes content = crypto::der_element(crypto::kTagOctetString, {});
  for (std::size_t i = 0; i < kDeep; ++i) content = crypto::der_element(0x24, content);
  return content_info(scep::kOidData, content);
}

Bytes with_other_type(const Bytes& content) {
  crypto::BerReader reader(crypto::read_whole(content, crypto::kTagSequence, "content"));
  reader.expect(crypto::kTagOid, "content type");
  const crypto::BytesView rest = reader.rest();
  return crypto::der_sequence({crypto::der_oid(crypto::kOidCmsSigned), rest});
}

// The signer named by a key identifier, which no certificate of ours has.
Bytes named_by_key(const Bytes& signer) {
  crypto::BerReader reader(crypto::read_whole(signer, crypto::kTagSequence, "signer"));
  reader.expect(crypto::kTagInteger, "version");
  reader.expect(crypto::kTagSequence, "issuer and serial number");
  const Bytes version = crypto::der_integer(Bytes{3});
  const Bytes id = crypto::der_element(0x80, Bytes(20, 0x11));
  return crypto::der_sequence({version, id, reader.rest()});
}

// X.690 §8.1.3.6: the outermost two elements end by themselves.
Bytes indefinite(const Bytes& message) {
  crypto::BerReader outer(crypto::read_whole(message, crypto::kTagSequence, "message"));
  const crypto::BerElement type = outer.next();
  const crypto::BerElement content = outer.next();
  Bytes out{crypto::kTagSequence, 0x80};
  out.insert(out.end(), type.whole.begin(), type.whole.end());
  out.insert(out.end(), {0xA0, 0x80});
  out.insert(out.end(), content.content.begin(), content.content.end());
  out.insert(out.end(), 4, 0);
  return out;
}

bool take_structure(Faults& faults, SignedParts& parts) {
  bool changed = true;
  if (faults.hit("no-signer"))
    parts.signers.clear();
  else if (faults.hit("two-signers"))
    parts.signers.push_back(parts.signers.front());
  else if (faults.hit("many-signers"))
    parts.signers.insert(parts.signers.end(), kMany, empty_signer());
  else if (faults.hit("no-digests"))
    parts.digests.clear();
  else if (faults.hit("other-digests"))
    parts.digests = {crypto::der_sequence({crypto::der_oid(crypto::digest_oid(crypto::Digest::sha384))})};
  else if (faults.hit("deep"))
    parts.content = deep_content();
  else if (faults.hit("other-content"))
    parts.content = with_other_type(parts.content);
  else if (faults.hit("signer-by-key"))
    parts.signers = {named_by_key(parts.signers.front())};
  else
    changed = false;
  return changed;
}

}  // namespace

std::span<const std::string_view> message_faults() {
  return kMessageFaultNames;
}

void spoil_reply(Faults& faults, scep::ReplySpec& spec) {
  if (faults.hit("sha1")) spec.digest = crypto::Digest::sha1;
  if (faults.hit("md5")) spec.digest = crypto::Digest::md5;
  if (faults.hit("absent-content")) spec.no_content = scep::NoContent::absent;
  if (faults.hit("zero-byte")) spec.no_content = scep::NoContent::zero_byte;
  if (faults.hit("hostile-text"))
    spec.fail_info_text =
        "\x1b[2J\x1b]0;owned\x07 $(reboot)\n<script>alert(1)</script> \xe2\x80\xae"
        "desrever " +
        std::string(100'000, 'x');
  scep::ReplyFaults& wrong = spec.faults;
  wrong.omit_signer_certificate = faults.hit("no-certificates");
  wrong.combined_signature_oid = faults.hit("combined-oid");
  wrong.omit_content_type = faults.hit("no-content-type");
  wrong.omit_message_digest = faults.hit("no-message-digest");
  wrong.omit_sender_nonce = faults.hit("no-sender-nonce");
  wrong.omit_recipient_nonce = faults.hit("missing-nonce");
  wrong.wrong_recipient_nonce = faults.hit("wrong-nonce");
  wrong.omit_transaction_id = faults.hit("missing-transaction");
  wrong.wrong_transaction_id = faults.hit("wrong-transaction");
  wrong.corrupt_signature = faults.hit("bad-signature");
  wrong.wrong_content_type = faults.hit("wrong-content-type") || faults.hit("other-content");
  wrong.wrong_message_digest = faults.hit("wrong-digest");
  wrong.attributes_unsigned = faults.hit("unsigned-attributes");
  if (faults.hit("absent-parameters")) wrong.absent_parameters = true;
  if (faults.hit("transaction-twice"))
    wrong.more_attributes.push_back(text_attribute(scep::kOidTransactionId, {"another"}));
  if (faults.hit("two-transactions")) {
    wrong.omit_transaction_id = true;
    wrong.more_attributes.push_back(text_attribute(scep::kOidTransactionId, {spec.transaction_id, "another"}));
  }
  if (faults.hit("nonce-twice"))
    wrong.more_attributes.push_back(
        {std::string(scep::kOidRecipientNonce), {{crypto::kTagOctetString, scep::fresh_nonce()}}});
  if (faults.hit("status-twice")) wrong.more_attributes.push_back(text_attribute(scep::kOidPkiStatus, {"3"}));
  if (faults.hit("many-attributes"))
    for (int i = 0; i < kMany; ++i)
      wrong.more_attributes.push_back(text_attribute("1.3.6.1.4.1.99999." + std::to_string(i), {"more"}));
  if (faults.hit("bad-message-type")) wrong.message_type = "4";
  if (faults.hit("bad-status")) wrong.pki_status = "1";
  if (spec.status == scep::PkiStatus::failure && faults.hit("bad-fail-info")) wrong.fail_info = "9";
}

void spoil_message(Faults& faults, Bytes& message) {
  SignedParts parts = take_apart(message);
  if (take_structure(faults, parts)) message = put_together(parts);
  if (faults.hit("indefinite")) message = indefinite(message);
  if (faults.hit("trailing")) message.insert(message.end(), {'m', 'o', 'r', 'e'});
}

}  // namespace certctl::devca
