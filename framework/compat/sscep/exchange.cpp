#include "framework/compat/sscep/exchange.hpp"

#include "enrollers/scep/protocol/query.hpp"
#include "framework/compat/sscep/algorithm_names.hpp"
#include "framework/compat/sscep/files.hpp"
#include "framework/compat/sscep/stop.hpp"
#include "framework/crypto/cms_signed.hpp"
#include "framework/crypto/digest.hpp"
#include "framework/crypto/pem.hpp"
#include "framework/crypto/random.hpp"

#include <chrono>

namespace certctl::sscep {
namespace {

// Old scripts look for these.
std::string_view classic_reason(scep::FailInfo reason) {
  switch (reason) {
    case scep::FailInfo::bad_alg: return "Unrecognized or unsupported algorithm ident";
    case scep::FailInfo::bad_message_check: return "Integrity check failed";
    case scep::FailInfo::bad_request: return "Transaction not permitted or supported";
    case scep::FailInfo::bad_time: return "Message time field was not sufficiently close to the system time";
    case scep::FailInfo::bad_cert_id: return "No certificate could be identified matching";
  }
  return "";
}

// Certificates of the message that carry the key of a trusted one: a CA that renewed its certificate and kept its key.
std::vector<crypto::Certificate> same_keys(const Bytes& body, std::span<const crypto::Certificate> trusted) {
  std::vector<crypto::Certificate> found;
  const crypto::SignedMessage message = crypto::SignedMessage::parse(body);
  for (const crypto::Certificate& certificate : message.certificates()) {
    for (const crypto::Certificate& known : trusted) {
      if (!certificate.carries(known.public_key())) continue;
      found.push_back(certificate);
      break;
    }
  }
  return found;
}

}  // namespace

scep::Algorithms algorithms_for(const Options& options, const scep::Capabilities& capabilities) {
  std::optional<crypto::ContentCipher> cipher;
  std::optional<crypto::Digest> digest;
  if (options.cipher) cipher = cipher_named(*options.cipher);
  if (options.digest) digest = digest_named(*options.digest, "-S");
  const scep::Legacy legacy = legacy_from(options.legacy);
  // Naming an old algorithm is the permission to send it, and no other.
  const auto permitting = [&](bool named) {
    return named && legacy == scep::Legacy::receive ? scep::Legacy::allow : legacy;
  };
  const auto choose = [&](scep::Legacy with, auto use_cipher, auto use_digest) {
    try {
      return scep::choose_algorithms(capabilities, with, use_cipher, use_digest);
    } catch (const Failure& failure) {
      throw Stop(ExitCode::message, failure.error().message,
                 "--legacy allow, or -E and -S, permit it; better ask the operator of the CA for AES and SHA-256");
    }
  };
  // Each is judged on its own, beside a partner that nobody objects to.
  scep::Algorithms chosen = choose(permitting(cipher.has_value()), cipher, std::optional(crypto::Digest::sha256));
  scep::Algorithms signing =
      choose(permitting(digest.has_value()), std::optional(crypto::ContentCipher::aes128_cbc), digest);
  chosen.digest = signing.digest;
  for (std::string& warning : signing.warnings) chosen.warnings.push_back(std::move(warning));
  return chosen;
}

Exchange::Exchange(const Options& options, const Console& console, Server& server, const CaSet& set,
                   const scep::Capabilities& capabilities)
    : options_(options),
      console_(console),
      server_(server),
      set_(set),
      compat_(options.compat.value_or("")),
      legacy_(legacy_from(options.legacy)),
      algorithms_(algorithms_for(options, capabilities)),
      post_(capabilities.post) {
  for (const std::string& warning : algorithms_.warnings) console_.problem("warning: " + warning);
  console_.verbose("requests are encrypted with " + std::string(crypto::name_of(algorithms_.cipher)) +
                   " and signed with " + std::string(crypto::name_of(algorithms_.digest)));
}

Bytes Exchange::build(scep::MessageType type, const std::string& transaction_id, const Bytes& nonce,
                      const Bytes& content, const Identity& identity) const {
  scep::RequestSpec spec;
  spec.type = type;
  spec.transaction_id = transaction_id;
  spec.sender_nonce = nonce;
  spec.content = content;
  spec.signer = &identity.certificate;
  spec.signer_key = identity.key.get();
  spec.recipient = &*set_.recipient;
  spec.password = identity.password;
  spec.cipher = algorithms_.cipher;
  spec.digest = algorithms_.digest;
  spec.signing_time = std::chrono::system_clock::now();
  return or_stop(ExitCode::message, "cannot make the " + std::string(scep::name_of(type)),
                 [&] { return scep::build_request(spec); });
}

scep::Reply Exchange::read(const Bytes& body, const std::string& transaction_id, const Bytes& nonce) const {
  scep::ReplyExpectation expected;
  expected.transaction_id = transaction_id;
  expected.sender_nonce = nonce;
  expected.ignore_nonce = compat_.has("nonce");
  expected.empty_success_is_pending = compat_.has("empty-pending");
  expected.undefined_fail_info = true;  // shown with the lines that scripts know, then refused
  expected.legacy = legacy_;
  expected.signers = set_.trusted;
  try {
    return scep::read_reply(body, expected);
  } catch (const Failure& failure) {
    if (failure.error().code != "signer-unknown") throw;
    std::vector<crypto::Certificate> signers = same_keys(body, set_.trusted);
    if (signers.empty()) throw;
    expected.signers = signers;
    return scep::read_reply(body, expected);
  }
}

void Exchange::show(const scep::Reply& reply, const std::string& transaction_id) const {
  console_.verbose("the reply is signed by " + reply.signer->subject_text());
  console_.say("reply transaction id: " + transaction_id);
  console_.say("pkistatus: " + std::string(scep::name_of(reply.status)));
  for (const std::string& warning : reply.warnings) console_.problem("warning: " + warning);
  if (reply.status != scep::PkiStatus::failure) return;
  if (reply.fail_info) console_.say("reason: " + std::string(classic_reason(*reply.fail_info)));
  if (!reply.fail_info_text.empty()) console_.say("the server says: " + reply.fail_info_text);
  if (!reply.hresult.empty()) console_.say("the server's error number: " + reply.hresult);
}

// The nonce of a new message (SCEP-091).
Bytes Exchange::begin(scep::MessageType type, const std::string& transaction_id) const {
  Bytes nonce = scep::fresh_nonce();
  console_.verbose("transaction id: " + transaction_id);
  console_.verbose("message type: " + std::string(scep::name_of(type)) + ", sender nonce " + crypto::hex_text(nonce));
  return nonce;
}

std::optional<scep::Reply> Exchange::try_send(scep::MessageType type, const std::string& transaction_id,
                                              const Bytes& content, const Identity& identity) {
  const Bytes nonce = begin(type, transaction_id);
  const net::HttpReply http = deliver(build(type, transaction_id, nonce, content, identity), identity);
  if ((http.status == 400 || http.status == 501) && !scep::looks_like_message(http.body)) {
    console_.verbose(scep::describe_non_scep(answer_of(http), scep::name_of(type)));
    return std::nullopt;
  }
  return judge(http, transaction_id, nonce, identity);
}

scep::Reply Exchange::send(scep::MessageType type, const std::string& transaction_id, const Bytes& content,
                           const Identity& identity) {
  const Bytes nonce = begin(type, transaction_id);
  return judge(deliver(build(type, transaction_id, nonce, content, identity), identity), transaction_id, nonce,
               identity);
}

net::HttpReply Exchange::deliver(const Bytes& message, const Identity& identity) {
  if (options_.dry_run_file) {
    write_output(*options_.dry_run_file, crypto::pem_text("PKCS7", message));
    throw Stop(0);
  }
  // What is protected with a password only is not laid open to guessing.
  if (identity.key.type() == crypto::PublicKeyType::rsa) console_.debug_pem(crypto::pem_text("PKCS7", message));
  return server_.send(message, post_);
}

scep::Reply Exchange::judge(const net::HttpReply& http, const std::string& transaction_id, const Bytes& nonce,
                            const Identity& identity) const {
  if (!scep::looks_like_message(http.body)) {
    if (!has_type(http, scep::kContentTypeMessage)) stop_no_scep(http, "the request");
    throw Stop(ExitCode::message,
               "the reply is no SCEP message: " + scep::describe_non_scep(answer_of(http), "the request"));
  }
  console_.say("valid response from server");
  if (identity.key.type() == crypto::PublicKeyType::rsa) console_.debug_pem(crypto::pem_text("PKCS7", http.body));
  scep::Reply reply = or_stop(ExitCode::message, "", [&] { return read(http.body, transaction_id, nonce); });
  show(reply, transaction_id);
  return reply;
}

crypto::CertificateBag Exchange::open(scep::Reply& reply, const Identity& identity) const {
  const std::size_t shown = reply.warnings.size();
  crypto::CertificateBag bag = or_stop(ExitCode::message, "", [&] {
    return scep::open_reply(reply, {&identity.certificate, identity.key.get(), identity.password}, legacy_);
  });
  for (std::size_t i = shown; i < reply.warnings.size(); ++i) console_.problem("warning: " + reply.warnings[i]);
  for (const crypto::Certificate& certificate : bag.certificates) {
    console_.verbose("found certificate with");
    console_.detail("subject: " + certificate.subject_text());
    console_.detail("issuer: " + certificate.issuer_text());
  }
  return bag;
}

void stop_failure(const scep::Reply& reply) {
  if (!reply.fail_info) throw Stop(ExitCode::message, "the CA refuses the request, without a reason that is defined");
  throw Stop(static_cast<int>(ExitCode::fail_info) + static_cast<int>(*reply.fail_info));
}

}  // namespace certctl::sscep
