#include "tests/compat/sscep/responder.hpp"

#include "enrollers/scep/protocol/ca_certificates.hpp"
#include "enrollers/scep/protocol/query.hpp"
#include "framework/crypto/cms_certificates.hpp"
#include "framework/crypto/der.hpp"
#include "framework/crypto/random.hpp"

#include <algorithm>
#include <array>

namespace sscep_test {
namespace {

TimePoint now() {
  return std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
}

std::vector<NameAttribute> named(const std::string& name) {
  return {{"O", "Test", false}, {"CN", name, false}};
}

crypto::CaSpec ca_spec(const std::string& name, unsigned usage = crypto::kKeyCertSign | crypto::kCrlSign) {
  crypto::CaSpec spec;
  spec.subject = named(name);
  spec.not_before = now() - std::chrono::hours(24 * 30);
  spec.not_after = now() + std::chrono::hours(24 * 3650);
  spec.key_usage = usage;
  return spec;
}

crypto::RaSpec ra_spec(const std::string& name, unsigned usage) {
  crypto::RaSpec spec;
  spec.subject = named(name);
  spec.not_before = now() - std::chrono::hours(24);
  spec.not_after = now() + std::chrono::hours(24 * 365);
  spec.key_usage = usage;
  return spec;
}

// A certificates-only message whose certificates stand as they are given: OpenSSL would sort them.
Bytes certificates_in_order(const std::vector<crypto::Certificate>& certificates) {
  Bytes all;
  for (const crypto::Certificate& certificate : certificates) {
    const Bytes der = certificate.der();
    all.insert(all.end(), der.begin(), der.end());
  }
  const std::uint8_t one = 1;
  const Bytes version = crypto::der_element(crypto::kTagInteger, std::span(&one, 1));
  const Bytes nothing = crypto::der_element(crypto::kTagSet, {});
  const Bytes data = crypto::der_oid(crypto::kOidCmsData);
  const Bytes content = crypto::der_sequence({data});
  const Bytes list = crypto::der_element(0xA0, all);
  const Bytes message = crypto::der_sequence({version, nothing, content, list, nothing});
  const Bytes type = crypto::der_oid(crypto::kOidCmsSigned);
  const Bytes body = crypto::der_element(0xA0, message);
  return crypto::der_sequence({type, body});
}

std::string media_type(const std::string& word, std::string_view right) {
  if (word == "none") return {};
  if (word == "text") return "text/plain";
  if (word == "html") return "text/html";
  if (word == "charset") return std::string(right) + "; charset=utf-8";
  if (word == "blank") return std::string(right) + " ; charset=utf-8";
  if (word == "upper") {
    std::string upper;
    for (const char c : right) upper += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return upper;
  }
  if (word == "ra") return std::string(scep::kContentTypeCaRaCert);
  return std::string(right);
}

}  // namespace

Responder::Responder(int port, bool ipv6)
    : server_([this](net::test::Connection& connection, const std::string& request) { serve(connection, request); },
              true, port, ipv6) {
  const std::lock_guard guard(mutex_);
  const auto key = [] { return crypto::Key::generate({}); };
  const crypto::Key root_key = key();
  const unsigned all = crypto::kDigitalSignature | crypto::kKeyEncipherment | crypto::kKeyCertSign | crypto::kCrlSign;
  root_ = crypto::Issuer{crypto::make_root_ca(root_key, ca_spec("Root", all)), root_key};
  renewed_ = crypto::Issuer{crypto::make_root_ca(root_key, ca_spec("Root", all)), root_key};
  const crypto::Key lower_key = key();
  lower_ = crypto::Issuer{crypto::make_intermediate_ca(*root_, lower_key, ca_spec("Lower")), lower_key};
  const crypto::Key ra_key = key();
  const crypto::Key encrypt_key = key();
  const unsigned both = crypto::kDigitalSignature | crypto::kKeyEncipherment;
  ra_ = crypto::Issuer{crypto::make_ra(*root_, ra_key, ra_spec("RA", both)), ra_key};
  ra_sign_ = crypto::Issuer{crypto::make_ra(*root_, ra_key, ra_spec("RA signs", crypto::kDigitalSignature)), ra_key};
  ra_encrypt_ = crypto::Issuer{crypto::make_ra(*root_, encrypt_key, ra_spec("RA decrypts", crypto::kKeyEncipherment)),
                               encrypt_key};
  const crypto::Key stranger_key = key();
  stranger_ = crypto::Issuer{crypto::make_root_ca(stranger_key, ca_spec("Stranger", all)), stranger_key};
  next_ = crypto::Issuer{crypto::make_root_ca(stranger_key, ca_spec("Next", all)), stranger_key};
  const crypto::Key ec_key = crypto::Key::generate({KeyType::ec, 0, "P-256"});
  ec_ = crypto::Issuer{crypto::make_root_ca(ec_key, ca_spec("EC")), ec_key};
  other_key_ = encrypt_key;
}

std::string Responder::url(const std::string& knobs) const {
  return "http://127.0.0.1:" + std::to_string(port()) + "/" + (knobs.empty() ? "" : knobs + "/") + "scep";
}

std::vector<Seen> Responder::seen() const {
  const std::lock_guard guard(mutex_);
  return seen_;
}

std::vector<Seen> Responder::messages() const {
  std::vector<Seen> found = seen();
  std::erase_if(found, [](const Seen& one) { return !one.request; });
  return found;
}

void Responder::forget() {
  const std::lock_guard guard(mutex_);
  seen_.clear();
}

std::vector<crypto::Certificate> Responder::set(const std::string& shape) const {
  if (shape == "ra") return {ra_->certificate, root_->certificate};
  if (shape == "pair") return {ra_sign_->certificate, ra_encrypt_->certificate, root_->certificate};
  if (shape == "chain") return {lower_->certificate, root_->certificate};
  if (shape == "ec") return {ec_->certificate};
  return {root_->certificate};
}

Responder::Who Responder::who(const Knobs& knobs) const {
  const std::string shape = knobs.text("shape", "single");
  if (shape == "ra") return {&*root_, &*ra_, &*ra_};
  if (shape == "pair") return {&*root_, &*ra_sign_, &*ra_encrypt_};
  if (shape == "chain") return {&*lower_, &*lower_, &*lower_};
  if (shape == "ec") return {&*ec_, &*ec_, nullptr};
  return {&*root_, &*root_, &*root_};
}

crypto::Certificate Responder::issue(const crypto::Csr& csr, const crypto::Issuer& issuer,
                                     const crypto::Key* other_key) const {
  crypto::IssueSpec spec;
  spec.not_before = now() - std::chrono::hours(1);
  spec.not_after = now() + std::chrono::hours(24 * 90);
  if (other_key != nullptr) spec.public_key = *other_key;
  return crypto::issue_certificate(issuer, csr, spec);
}

Responder::Answer Responder::capabilities(const Knobs& knobs) const {
  std::string words = knobs.text("caps", "AES,POSTPKIOperation,SHA-256,Renewal");
  if (words == "none") words.clear();
  const std::string style = knobs.text("caps-line");
  const std::string end = style == "crlf" ? "\r\n" : style == "blanks" ? " \t\r\n\r\n" : "\n";
  std::string text;
  for (std::size_t at = 0; at < words.size();) {
    const std::size_t comma = std::min(words.find(',', at), words.size());
    text += words.substr(at, comma - at) + end;
    at = comma + 1;
  }
  if (style == "lower")
    for (char& c : text)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  if (style == "long") {
    std::string more;
    for (int i = 0; i < 40; ++i) more += "X-Vendor-Capability-" + std::to_string(i) + "\n";
    text = more + text;
  }
  return {knobs.number("caps-status", 200), media_type(knobs.text("caps-type"), "text/plain"), bytes_of(text)};
}

Responder::Answer Responder::ca_certificates(const Knobs& knobs, const Seen& seen) const {
  if (const std::string wanted = knobs.text("ca-message"); !wanted.empty()) {
    const bool fits = wanted == "none" ? !seen.identifier : seen.identifier == wanted;
    if (!fits) return {404, "text/plain", bytes_of("no such CA\n")};
  }
  std::vector<crypto::Certificate> certificates = set(knobs.text("shape", "single"));
  static constexpr std::array<std::array<std::size_t, 3>, 6> kOrders{
      {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}};
  if (const int order = knobs.number("order", 0); certificates.size() == 3) {
    const std::vector<crypto::Certificate> before = certificates;
    for (std::size_t i = 0; i < 3; ++i) certificates[i] = before[kOrders.at(static_cast<std::size_t>(order)).at(i)];
  } else if (order == 1) {
    std::reverse(certificates.begin(), certificates.end());
  }
  Answer answer;
  if (certificates.size() == 1 && !knobs.is("ca", "set")) {
    answer.body = certificates.front().der();
    answer.type = scep::kContentTypeCaCert;
  } else {
    answer.body = certificates_in_order(certificates);
    answer.type = scep::kContentTypeCaRaCert;
  }
  answer.type = media_type(knobs.text("ca-type"), answer.type);
  answer.status = knobs.number("ca-status", 200);
  const std::string body = knobs.text("ca-body");
  if (body == "garbage") answer.body = crypto::random_bytes(300);
  if (body == "html") answer.body = bytes_of("<html><body>Please log in</body></html>");
  if (body == "empty") answer.body.clear();
  return answer;
}

Responder::Answer Responder::next_certificates(const Knobs& knobs) const {
  if (!knobs.is("next", "1")) return {404, "text/plain", bytes_of("there is no next CA\n")};
  const crypto::Issuer& signer = knobs.is("signer", "stranger") ? *stranger_ : *root_;
  const std::vector<crypto::Certificate> next{next_->certificate};
  return {200, std::string(scep::kContentTypeNextCaCert),
          scep::print_next_ca_certificates(next, signer.certificate, signer.key.get(), now())};
}

Bytes Responder::content(const Knobs& knobs, const scep::ReceivedRequest& request, const Who& who) {
  const std::string what = knobs.text("content", "leaf");
  std::vector<crypto::Certificate> certificates;
  if (request.type == scep::MessageType::get_crl) {
    std::vector<Bytes> crls;
    crypto::CrlSpec spec;
    spec.this_update = now();
    spec.next_update = now() + std::chrono::hours(24);
    if (what != "no-crl") crls.push_back(crypto::make_crl(*who.issuer, spec));
    return crypto::build_certificates_only(certificates, crls);
  }
  if (what == "garbage") return crypto::random_bytes(400);
  const std::string id = request.attributes.transaction_id.value_or("");
  const auto known = known_.find(id);
  std::optional<crypto::Csr> csr = request.csr;
  if (!csr && known != known_.end()) csr = known->second;
  std::optional<crypto::Certificate> leaf;
  if (csr) {
    const bool foreign = what == "foreign";
    const crypto::Issuer& issuer = what == "stranger" ? *stranger_ : *who.issuer;
    leaf = issue(*csr, issuer, foreign ? &*other_key_ : nullptr);
  } else {
    leaf = request.signer;  // GetCert: whoever asks gets his own
  }
  if (what == "old" && old_) leaf = old_;
  if (what == "root" || what == "root-leaf") certificates.push_back(root_->certificate);
  if (what != "root" && what != "none" && leaf) certificates.push_back(*leaf);
  if (what == "leaf-root") certificates.push_back(root_->certificate);
  return certificates_in_order(certificates);
}

Bytes Responder::reply(const Knobs& knobs, const scep::ReceivedRequest& request, const Who& who) {
  std::string statuses = knobs.text("status", "0");
  const std::size_t number = counts_[knobs.text("id") + statuses]++;
  const char digit = statuses.at(std::min(number * 2, statuses.size() - 1));
  const std::string what = knobs.text("content", "leaf");

  scep::ReplySpec spec;
  spec.status = digit == '0'   ? scep::PkiStatus::success
                : digit == '3' ? scep::PkiStatus::pending
                               : scep::PkiStatus::failure;
  spec.transaction_id = request.attributes.transaction_id.value_or("");
  if (knobs.is("wrong", "prefix")) spec.transaction_id.resize(4);
  spec.recipient_nonce = request.attributes.sender_nonce.value_or(Bytes{});
  const std::string signer = knobs.text("signer");
  const crypto::Issuer& signs = signer == "stranger" ? *stranger_ : signer == "renewed" ? *renewed_ : *who.signer;
  spec.signer = &signs.certificate;
  spec.signer_key = signs.key.get();
  spec.recipient = request.signer ? &*request.signer : nullptr;
  spec.signing_time = now();
  if (const auto digest = scep::digest_from_word(knobs.text("digest"))) spec.digest = *digest;
  if (const auto cipher = scep::cipher_from_word(knobs.text("cipher"))) spec.cipher = *cipher;
  if (request.csr && request.csr->challenge_password()) spec.password = *request.csr->challenge_password();
  if (what == "zero-byte") spec.no_content = scep::NoContent::zero_byte;

  scep::ReplyFaults& faults = spec.faults;
  const std::string fail = knobs.text("fail", "2");
  if (spec.status == scep::PkiStatus::failure) {
    spec.fail_info_text = knobs.text("text");
    if (fail == "none") {  // a PENDING has no failInfo
      spec.status = scep::PkiStatus::pending;
      faults.pki_status = "2";
    } else {
      faults.fail_info = fail;
    }
  }
  if (spec.status == scep::PkiStatus::success && (what == "empty" || what == "zero-byte")) {
    spec.status = scep::PkiStatus::pending;  // this has no content
    faults.pki_status = "0";
  }
  const std::string wrong = knobs.text("wrong");
  faults.wrong_transaction_id = wrong == "transaction";
  faults.wrong_recipient_nonce = wrong == "nonce";
  faults.corrupt_signature = wrong == "signature";
  if (wrong == "type") faults.message_type = "4";
  if (wrong == "status") faults.pki_status = "1";
  const std::string omit = knobs.text("omit");
  faults.omit_transaction_id = omit == "transaction";
  faults.omit_recipient_nonce = omit == "nonce";
  faults.omit_sender_nonce = omit == "sender-nonce";
  faults.omit_content_type = omit == "content-type";
  faults.omit_message_digest = omit == "digest";
  faults.omit_signer_certificate = omit == "certificates";
  faults.omit_signing_time = omit == "signing-time";
  if (spec.status != scep::PkiStatus::success) return scep::build_reply(spec);
  if (what == "garbage-envelope") {
    scep::MessageAttributes attributes;
    attributes.message_type = "3";
    attributes.pki_status = "0";
    attributes.transaction_id = spec.transaction_id;
    attributes.recipient_nonce = spec.recipient_nonce;
    crypto::SignOptions options;
    options.attributes = scep::write_attributes(attributes);
    const Bytes garbage = crypto::random_bytes(500);
    return crypto::sign_message(crypto::BytesView(garbage), *spec.signer, spec.signer_key, options);
  }
  spec.content = content(knobs, request, who);
  return scep::build_reply(spec);
}

Responder::Answer Responder::operation(const Knobs& knobs, const Bytes& message, Seen& seen) {
  const Who answering = who(knobs);
  std::vector<scep::DecryptionIdentity> identities;
  if (answering.decrypt != nullptr)
    identities.push_back({&answering.decrypt->certificate, answering.decrypt->key.get()});
  seen.request = scep::parse_request(message, identities, {true, Secret("challenge")});
  const scep::ReceivedRequest& request = *seen.request;
  if (request.problem && !request.signer) return {500, "text/plain", bytes_of(request.problem_text)};
  if (request.csr) known_.insert_or_assign(request.attributes.transaction_id.value_or(""), *request.csr);
  Answer answer{knobs.number("http", 200), media_type(knobs.text("type"), scep::kContentTypeMessage), {}};
  const bool is_17 = request.type == scep::MessageType::renewal_req;
  if (is_17 && knobs.is("no-17", "http")) return {501, "text/plain", bytes_of("not implemented")};
  const std::string body = knobs.text("body");
  if (body == "garbage") {
    answer.body = crypto::random_bytes(500);
  } else if (body == "html") {
    answer.body = bytes_of("<html><body>Internal error</body></html>");
    answer.type = "text/html";
  } else if (request.problem || (is_17 && knobs.is("no-17", "fail"))) {
    answer.body = reply(Knobs("status=2/fail=" +
                              std::to_string(static_cast<int>(request.problem.value_or(scep::FailInfo::bad_request)))),
                        request, answering);
  } else {
    answer.body = reply(knobs, request, answering);
  }
  if (body.starts_with("damage-")) {
    const std::size_t place = answer.body.size() * static_cast<std::size_t>(std::stoi(body.substr(7))) / 1000;
    answer.body.at(std::min(place, answer.body.size() - 1)) ^= 0x55U;
  }
  return answer;
}

}  // namespace sscep_test
