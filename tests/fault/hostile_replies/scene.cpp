#include "tests/fault/hostile_replies/scene.hpp"

#include "enrollers/scep/protocol/ca_certificates.hpp"
#include "enrollers/scep/protocol/query.hpp"
#include "enrollers/scep/trust/pin.hpp"
#include "framework/crypto/cms_certificates.hpp"
#include "framework/crypto/cms_enveloped.hpp"
#include "framework/crypto/cms_signed.hpp"

#include <algorithm>
#include <stdexcept>

namespace certctl::hostile {
namespace {

using scep_test::rsa_key;
using scep_test::test_time;

Asked asked_by(const std::string& target) {
  if (target.find("operation=GetCACaps") != std::string::npos) return Asked::capabilities;
  if (target.find("operation=GetCACert") != std::string::npos) return Asked::ca_set;
  if (target.find("operation=GetNextCACert") != std::string::npos) return Asked::next_set;
  return Asked::message;
}

std::string printed(const scep::HttpReply& reply) {
  return "HTTP/1.1 " + std::to_string(reply.status) + " " + (reply.reason.empty() ? "OK" : reply.reason) +
         "\r\nContent-Type: " + reply.content_type + "\r\nContent-Length: " + std::to_string(reply.body.size()) +
         "\r\nConnection: close\r\n\r\n" + std::string(reply.body.begin(), reply.body.end());
}

// The outcome into one form, whatever was asked.
template <class Value, class Take>
void take(certctl::Result<Value> answer, Result& result, Take&& store) {
  if (!answer.ok()) {
    result.error = answer.error();
  } else {
    store(std::move(answer.value()));
  }
}

}  // namespace

std::string_view name_of(Asked asked) {
  switch (asked) {
    case Asked::capabilities: return "GetCACaps";
    case Asked::ca_set: return "GetCACert";
    case Asked::next_set: return "GetNextCACert";
    case Asked::message: return "message";
  }
  return "";
}

Scene::Scene(const SceneSettings& settings) : ca_(scep_test::ScriptedCa::with_ra()) {
  request_.wanted.subject = {{"O", "Test", false}, {"CN", "router-1", false}};
  request_.wanted.alt_names = {{AltNameKind::dns, "router-1.example"}};
  request_.key = rsa_key(10).get();
  request_.signer_lifetime = kDay * 37;
  csr_ = crypto::Csr::from_der(crypto::build_csr(request_.wanted, rsa_key(10), Secret()));
  issued_ = issue([](crypto::IssueSpec&) {});
  // A certificate in service, for what only its holder may ask.
  held_ = ca_.issue_for(crypto::Csr::from_der(crypto::build_csr(request_.wanted, rsa_key(11), Secret())));
  current_.certificate_pem = held_->to_pem();
  known_ = ca_.set;
  known_.insert(known_.end(), ca_.inside.begin(), ca_.inside.end());
  for (const auto& certificate : known_) current_.ca_set_pem.push_back(certificate.to_pem());
  crl_ = crypto::make_crl(ca_.issuer(), {test_time(), test_time() + kDay, 1, {}, crypto::Digest::sha256});
  const crypto::Issuer& signer = ca_.responder();
  crypto::CaSpec next;
  next.subject = {{"CN", "Test Root of next year", false}};
  next.not_before = test_time();
  next.not_after = test_time() + kDay * 3650;
  const std::vector<crypto::Certificate> next_set{crypto::make_root_ca(scep_test::ec_key(), next)};
  next_ = scep::print_next_ca_certificates(next_set, signer.certificate, signer.key.get(), test_time());

  server_ = std::make_unique<net::test::ScriptedServer>(
      [this](net::test::Connection& connection, const std::string& text) { serve(connection, text); });
  plugin_ = std::make_unique<contract::Made<EnrollerApi>>(
      contract::instance<EnrollerApi>("scep",
                                      {{"url", server_->url()},
                                       {"ca_fingerprint", std::vector<std::string>{ca_.anchor().fingerprint()}},
                                       {"challenge", SecretSource{"", Secret("secret123")}},
                                       {"timeout", settings.timeout},
                                       {"max_reply", static_cast<std::int64_t>(settings.max_reply)},
                                       {"ignore_nonce", settings.ignore_nonce}},
                                      host_));
  // One open request, for which all polls ask.
  Case open;
  open.answer = pending();
  const Result result = ask(Question::enroll, open);
  if (!result.outcome || result.outcome->state != EnrollState::pending)
    throw std::logic_error("the scene cannot be set: " + (result.error ? result.error->message : "not pending"));
}

Scene::~Scene() {
  server_.reset();  // its thread uses what is above
}

// --- the CA ---

scep::ReplySpec Scene::reply_to(const scep::ReceivedRequest& request, scep::PkiStatus status) const {
  scep::ReplySpec spec;
  spec.status = status;
  spec.transaction_id = request.attributes.transaction_id.value_or("");
  spec.recipient_nonce = request.attributes.sender_nonce.value_or(Bytes{});
  spec.signer = &ca_.responder().certificate;
  spec.signer_key = ca_.responder().key.get();
  spec.recipient = request.signer ? &*request.signer : nullptr;
  spec.signing_time = test_time();
  return spec;
}

scep::HttpReply Scene::success_with(const scep::ReceivedRequest& request,
                                    const std::vector<crypto::Certificate>& inside,
                                    const std::function<void(scep::ReplySpec&)>& change) const {
  scep::ReplySpec spec = reply_to(request, scep::PkiStatus::success);
  spec.content = crypto::build_certificates_only(inside);
  if (change) change(spec);
  return {200, "OK", std::string(scep::kContentTypeMessage), scep::build_reply(spec)};
}

crypto::Certificate Scene::issue(const std::function<void(crypto::IssueSpec&)>& change,
                                 const crypto::Issuer* issuer) const {
  crypto::IssueSpec spec;
  spec.not_before = test_time() - std::chrono::hours(1);
  spec.not_after = test_time() + kDay * 90;
  change(spec);
  return crypto::issue_certificate(issuer == nullptr ? ca_.issuer() : *issuer, *csr_, spec);
}

Case::Answer Scene::success() {
  return [this](const scep::ReceivedRequest& request) {
    std::vector<crypto::Certificate> inside = ca_.inside;
    inside.push_back(*issued_);
    return success_with(request, inside);
  };
}

Case::Answer Scene::pending() {
  return [this](const scep::ReceivedRequest& request) {
    return scep::HttpReply{202, "Request Pending", std::string(scep::kContentTypeMessage),
                           scep::build_reply(reply_to(request, scep::PkiStatus::pending))};
  };
}

Case::Answer Scene::failure() {
  return [this](const scep::ReceivedRequest& request) {
    scep::ReplySpec spec = reply_to(request, scep::PkiStatus::failure);
    spec.fail_info = scep::FailInfo::bad_time;
    spec.fail_info_text = "the clock is wrong";
    return scep::HttpReply{200, "OK", std::string(scep::kContentTypeMessage), scep::build_reply(spec)};
  };
}

Case::Answer Scene::certificate() {
  return [this](const scep::ReceivedRequest& request) { return success_with(request, {*held_}); };
}

Case::Answer Scene::crl() {
  return [this](const scep::ReceivedRequest& request) {
    const std::vector<Bytes> lists{crl_};
    return success_with(request, {},
                        [&](scep::ReplySpec& spec) { spec.content = crypto::build_certificates_only({}, lists); });
  };
}

std::string Scene::last_issued() const {
  const std::lock_guard guard(mutex_);
  return last_issued_;
}

// To whom a message is encrypted, before anything is made of it.
void Scene::note(const Bytes& message) {
  const crypto::EnvelopeInfo info = crypto::inspect_envelope(crypto::SignedMessage::parse(message).content());
  for (const crypto::EnvelopeRecipient& recipient : info.recipients) {
    const bool ours = std::any_of(known_.begin(), known_.end(), [&](const crypto::Certificate& certificate) {
      return certificate.issuer_der() == recipient.identity.issuer_der &&
             certificate.serial_octets() == recipient.identity.serial;
    });
    if (!ours) to_stranger_ = true;
  }
}

scep::HttpReply Scene::genuine(Asked asked, const std::string& target, const std::string& body, const Case& one) {
  if (asked == Asked::next_set) return {200, "OK", "application/x-x509-next-ca-cert", next_};
  const std::string url = "http://ca.test" + target;
  if (asked != Asked::message) return ca_.get(url);
  const auto answer = [&](const scep::ReceivedRequest& request) {
    weak_algorithm_ = weak_algorithm_ || request.cipher == crypto::ContentCipher::des_cbc ||
                      request.cipher == crypto::ContentCipher::blowfish_cbc || request.digest == crypto::Digest::md5;
    if (request.problem) {
      scep::ReplySpec spec = reply_to(request, scep::PkiStatus::failure);
      spec.fail_info = *request.problem;
      return scep::HttpReply{200, "OK", std::string(scep::kContentTypeMessage), scep::build_reply(spec)};
    }
    if (one.answer) return one.answer(request);
    const crypto::Certificate certificate = ca_.issue_for(request.csr ? *request.csr : *csr_);
    last_issued_ = certificate.to_pem();
    std::vector<crypto::Certificate> inside = ca_.inside;
    inside.push_back(certificate);
    return success_with(request, inside);
  };
  ca_.script = {answer};
  ca_.seen.clear();
  if (body.empty()) {
    const auto message = scep::decode_message(scep::parse_query(target.substr(target.find('?') + 1)).message.value());
    note(message.value());
    return ca_.get(url);
  }
  const Bytes bytes(body.begin(), body.end());
  note(bytes);
  return ca_.post(url, bytes);
}

void Scene::serve(net::test::Connection& connection, const std::string& request) {
  std::string whole;
  std::shared_ptr<const Case> one;
  bool hostile = false;
  {
    const std::lock_guard guard(mutex_);
    const auto began = std::chrono::steady_clock::now();
    one = case_;
    try {
      const std::size_t begin = request.find(' ') + 1;
      const std::string target = request.substr(begin, request.find(' ', begin) - begin);
      const std::size_t end = request.find("\r\n\r\n");
      const Asked asked = asked_by(target);
      hostile = asked == one->hostile;
      scep::HttpReply reply = genuine(asked, target, end == std::string::npos ? "" : request.substr(end + 4), *one);
      if (hostile && one->change) one->change(reply);
      whole = printed(reply);
    } catch (const std::exception& failure) {
      whole = printed({500, "cannot answer", "text/plain", {}});
    }
    making_ += std::chrono::steady_clock::now() - began;
  }
  const bool good = hostile && one->speak ? one->speak(connection, whole) : (connection.send(whole), true);
  const std::lock_guard guard(mutex_);
  if (!good) hung_ = true;
}

// --- the client ---

Result Scene::ask(Question question, const Case& one) {
  {
    const std::lock_guard guard(mutex_);
    case_ = std::make_shared<const Case>(one);
    to_stranger_ = weak_algorithm_ = hung_ = false;
    last_issued_.clear();
    making_ = {};
  }
  host_.lines.clear();
  host_.saved.clear();
  EnrollRequest request = request_;
  if (question == Question::look_up_certificate || question == Question::look_up_crl) {
    request.current = &current_;
    request.current_key = rsa_key(11).get();
    request.current_usable = true;
  }
  Result result;
  const auto one_text = [&](std::string text) { result.texts.push_back(std::move(text)); };
  const auto outcome = [&](EnrollOutcome value) { result.outcome = std::move(value); };
  EnrollerApi& plugin = **plugin_;
  const auto began = std::chrono::steady_clock::now();
  switch (question) {
    case Question::enroll: take(plugin.enroll(request, host_), result, outcome); break;
    case Question::poll: take(plugin.resume(request, token_, ResumeReason::pending, host_), result, outcome); break;
    case Question::look_up_set:
      take(plugin.fetch_trust_anchors({}, host_), result, [&](TrustAnchors value) {
        result.texts = std::move(value.ca_set_pem);
        result.anchors = std::move(value.anchors_pem);
      });
      break;
    case Question::look_up_next:
      take(plugin.fetch_next_anchors(current_.ca_set_pem, {}, host_), result,
           [&](std::vector<std::string> value) { result.texts = std::move(value); });
      break;
    case Question::look_up_certificate:
      take(plugin.fetch_certificate(held_->serial(), request, host_), result, one_text);
      break;
    case Question::look_up_crl:
      take(plugin.fetch_crl(request, host_), result,
           [&](const Bytes& value) { one_text(std::string(value.begin(), value.end())); });
      break;
  }
  const auto took = std::chrono::steady_clock::now() - began;
  if (token_.empty() && !host_.saved.empty()) token_ = host_.saved.back().token;
  const std::lock_guard guard(mutex_);
  result.milliseconds =
      static_cast<long>(std::chrono::duration_cast<std::chrono::milliseconds>(took - making_).count());
  result.to_stranger = to_stranger_ && !one.stranger_may_read;
  result.weak_algorithm = weak_algorithm_;
  result.hung = hung_;
  return result;
}

}  // namespace certctl::hostile
