// Responder: PKIOperation.
#include "enrollers/scep/protocol/query.hpp"
#include "enrollers/scep/protocol/reply.hpp"
#include "enrollers/scep/protocol/request.hpp"
#include "framework/crypto/cms_certificates.hpp"
#include "framework/crypto/cms_odd_envelopes.hpp"
#include "framework/crypto/name.hpp"
#include "framework/devca/envelope_faults.hpp"
#include "framework/devca/exchange.hpp"
#include "framework/devca/message_faults.hpp"
#include "framework/devca/openxpki.hpp"
#include "framework/devca/responder.hpp"

namespace certctl::devca {
namespace {

constexpr std::chrono::hours kCrlLifetime{24};

Decision refusal(scep::FailInfo reason, std::string text) {
  Decision decision;
  decision.fail_info = reason;
  decision.text = std::move(text);
  return decision;
}

// A certificate of this CA for somebody who is no RA: what anybody may have who ever enrolled.
crypto::Issuer end_entity_of(const crypto::Issuer& issuing, TimePoint now) {
  const crypto::Key key = crypto::Key::generate(KeySpec{});
  const Bytes subject = crypto::name_der({{"CN", "some router", false}});
  const crypto::Csr csr =
      crypto::Csr::from_der(crypto::build_csr({}, key, Secret(), {subject, crypto::Digest::sha256}));
  crypto::IssueSpec spec;
  spec.not_before = now - std::chrono::hours{1};
  spec.not_after = now + std::chrono::hours{24};
  return {crypto::issue_certificate(issuing, csr, spec), key};
}

}  // namespace

Answer Responder::pki_operation(Exchange& exchange, crypto::BytesView message) {
  const bool like_openxpki = settings_.like == Likeness::openxpki;
  std::vector<scep::DecryptionIdentity> identities;
  if (authority_.ra_decrypt)
    identities.push_back({&authority_.ra_decrypt->certificate, authority_.ra_decrypt->key.get()});
  if (authority_.old_decrypt)
    identities.push_back({&authority_.old_decrypt->certificate, authority_.old_decrypt->key.get()});
  if (authority_.issuing.key.type() == crypto::PublicKeyType::rsa)
    identities.push_back({&authority_.issuing.certificate, authority_.issuing.key.get()});
  if (authority_.next && authority_.next->key.type() == crypto::PublicKeyType::rsa)
    identities.push_back({&authority_.next->certificate, authority_.next->key.get()});
  scep::ReceivePolicy policy;
  policy.allow_legacy = settings_.legacy;
  // A CA without an RSA key gets requests that are encrypted with the challenge password.
  if (identities.empty() && !settings_.challenges.empty()) policy.password = Secret(settings_.challenges.front());

  scep::ReceivedRequest request;
  try {
    request = scep::parse_request(message, identities, policy);
  } catch (const Failure& failure) {
    if (like_openxpki && !message.empty()) return openxpki::fault("Unable to initialize endpoint parameters");
    return text_answer(400, "this is no SCEP message: " + failure.error().message + "\n");
  }
  exchange.log["type"] = request.type ? std::string(scep::name_of(*request.type))
                                      : "undefined " + request.attributes.message_type.value_or("");
  exchange.log["transaction"] = request.attributes.transaction_id.value_or("");
  exchange.log["digest"] = crypto::name_of(request.digest);
  if (request.cipher) exchange.log["cipher"] = crypto::name_of(*request.cipher);
  exchange.log["transport"] = request.key_transport == crypto::KeyTransport::pkcs1 ? "pkcs1" : "oaep";
  if (request.csr) exchange.log["key"] = request.csr->public_key().public_fingerprint();
  if (request.type == scep::MessageType::renewal_req && exchange.faults.hit("no-17"))
    return text_answer(500, "operation not implemented, as ordered by a fault\n");
  const bool lookup = request.type == scep::MessageType::get_cert || request.type == scep::MessageType::get_crl;
  if (like_openxpki && lookup) return openxpki::fault("Unable to initialize endpoint parameters");

  const Decision decision = decide(exchange, request);
  exchange.log["signer"] = decision.signer;
  if (request.csr) exchange.log["challenge"] = decision.challenge_word;
  if (decision.issued) exchange.log["serial"] = decision.issued->serial();
  if (decision.replay) exchange.log["replay"] = true;
  std::string status{scep::name_of(decision.status)};
  if (decision.status == scep::PkiStatus::failure) status += " " + std::string(scep::name_of(decision.fail_info));
  exchange.log["status"] = status;
  if (!decision.text.empty()) exchange.log["reason"] = decision.text;
  return reply(exchange, request, decision);
}

Decision Responder::decide(Exchange& exchange, const scep::ReceivedRequest& request) {
  if (request.problem) return refusal(*request.problem, request.problem_text);
  if (!request.signer || !request.type) return refusal(scep::FailInfo::bad_request, "the request cannot be read");
  Enrollment enrollment(settings_, authority_, exchange.state, exchange.faults, exchange.now);
  switch (*request.type) {
    case scep::MessageType::pkcs_req:
    case scep::MessageType::renewal_req: return enrollment.request(request);
    case scep::MessageType::cert_poll: return enrollment.poll(request);
    case scep::MessageType::get_cert:
    case scep::MessageType::get_crl: return find_certificate(exchange, request);
    case scep::MessageType::cert_rep: break;
  }
  return refusal(scep::FailInfo::bad_request, "this kind of message is no request");
}

// SCEP-113, SCEP-179
Decision Responder::find_certificate(Exchange& exchange, const scep::ReceivedRequest& request) {
  Decision decision;
  decision.signer = exchange.state.issued(*request.signer) ? "issued"
                    : request.signer->is_self_issued()     ? "self-signed"
                                                           : "foreign";
  const auto fail = [&](scep::FailInfo reason, const char* text) {
    decision.fail_info = reason;
    decision.text = text;
    return decision;
  };
  if (!scep::can_answer(*request.signer, Secret()))
    return fail(scep::FailInfo::bad_alg, "the key of the signer cannot decrypt a reply");
  if (request.wanted->issuer_der != authority_.issuing.certificate.subject_der())
    return fail(scep::FailInfo::bad_cert_id, "this is not the CA that issued that certificate");
  for (const Issued& one : exchange.state.all_issued()) {
    crypto::Certificate certificate = crypto::Certificate::from_pem(one.pem);
    if (certificate.serial_octets() != request.wanted->serial) continue;
    decision.status = scep::PkiStatus::success;
    decision.issued = std::move(certificate);
    return decision;
  }
  return fail(scep::FailInfo::bad_cert_id, "there is no certificate with that serial number");
}

Bytes Responder::current_crl(const State& state) const {
  crypto::CrlSpec spec;
  spec.this_update = clock_.now();
  spec.next_update = spec.this_update + kCrlLifetime;
  spec.number = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(spec.this_update.time_since_epoch()).count());
  for (const Issued& one : state.all_issued())
    if (one.revoked)
      spec.revoked.push_back({crypto::Certificate::from_pem(one.pem).serial_octets(), one.revoked_at, std::nullopt});
  return crypto::make_crl(authority_.issuing, spec);
}

Answer Responder::reply(Exchange& exchange, const scep::ReceivedRequest& request, const Decision& decision) {
  Faults& faults = exchange.faults;
  const bool success = decision.status == scep::PkiStatus::success;
  if (success) {
    Answer lost;
    lost.manner = Manner::close;
    if (faults.hit("drop-success")) return lost;
    if (faults.hit("late-500")) return text_answer(500, "the reply is lost, as ordered by a fault\n");
    if (faults.hit("late-502")) return openxpki::bad_gateway();
  }

  const bool like_openxpki = settings_.like == Likeness::openxpki;
  // Issued, and lost.
  if (success && like_openxpki && !scep::can_answer(*request.signer, Secret())) return openxpki::bad_gateway();

  scep::ReplySpec spec;
  spec.status = decision.status;
  spec.transaction_id = request.attributes.transaction_id.value_or("");
  // SCEP-092
  spec.recipient_nonce = request.attributes.sender_nonce.value_or(Bytes{});
  const crypto::Issuer signer = faults.hit("unknown-signer") ? impostor_of(authority_.issuing, exchange.now)
                                : faults.hit("leaf-signer")  ? end_entity_of(authority_.issuing, exchange.now)
                                                             : authority_.reply_signer(request.recipient);
  spec.signer = &signer.certificate;
  spec.signer_key = signer.key.get();
  spec.signing_time = exchange.now;
  const bool old_digest = request.digest == crypto::Digest::md5 && !settings_.legacy;
  spec.digest = old_digest ? crypto::Digest::sha256 : request.digest;
  spec.fail_info = decision.fail_info;
  spec.fail_info_text = decision.text;
  if (like_openxpki) openxpki::dress(spec);
  if (success) fill_success(exchange, request, decision, spec);
  spoil_reply(faults, spec);

  Answer answer;
  // SCEP-138
  answer.content_type = scep::kContentTypeMessage;
  answer.body = scep::build_reply(spec);
  spoil_message(faults, answer.body);
  if (faults.hit("replayed")) {
    if (auto old = exchange.state.last_reply()) answer.body = std::move(*old);
  } else if (success) {
    exchange.state.keep_reply(answer.body);
  }
  if (like_openxpki) openxpki::dress(answer, decision, spec.transaction_id);
  if (faults.hit("http-400")) answer.status = decision.status == scep::PkiStatus::pending ? 202 : 400;
  return answer;
}

void Responder::fill_success(Exchange& exchange, const scep::ReceivedRequest& request, const Decision& decision,
                             scep::ReplySpec& spec) {
  std::vector<crypto::Certificate> certificates;
  std::vector<Bytes> crls;
  if (request.type == scep::MessageType::get_crl) {
    // SCEP-114
    crls.push_back(current_crl(exchange.state));
  } else {
    // SCEP-111
    certificates.push_back(*decision.issued);
    if (settings_.like == Likeness::openxpki) certificates.push_back(authority_.issuing.certificate);
    if (settings_.send_ca)
      for (const crypto::Certificate& ca : authority_.set())
        if (ca.is_ca()) certificates.push_back(ca);
    spoil_list(exchange.faults, authority_, exchange.now, certificates);
  }
  spec.content = crypto::build_certificates_only(certificates, crls);
  // SCEP-017
  spec.recipient = &*request.signer;
  spec.password = decision.challenge;
  const bool refused_cipher = request.cipher && crypto::is_legacy(*request.cipher) && !settings_.legacy;
  if (request.cipher && !refused_cipher) spec.cipher = *request.cipher;
  spec.key_transport = request.key_transport;
  if (settings_.like == Likeness::openxpki)
    spec.faults.content = crypto::odd_envelope(crypto::OddEnvelope::absent_parameters, spec.content, *spec.recipient,
                                               authority_.issuing.certificate, spec.cipher);
  spoil_envelope(exchange.faults, authority_, exchange.now, spec);
}

}  // namespace certctl::devca
