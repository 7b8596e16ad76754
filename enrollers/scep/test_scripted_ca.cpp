#include "enrollers/scep/test_scripted_ca.hpp"

#include "enrollers/scep/protocol/ca_certificates.hpp"
#include "enrollers/scep/protocol/query.hpp"
#include "framework/crypto/cms_certificates.hpp"

namespace scep_test {
namespace {

std::vector<NameAttribute> named(const std::string& common_name) {
  return {{"O", "Test", false}, {"CN", common_name, false}};
}

crypto::CaSpec ca_spec(const std::string& name) {
  crypto::CaSpec spec;
  spec.subject = named(name);
  spec.not_before = test_time() - std::chrono::hours(24 * 30);
  spec.not_after = test_time() + std::chrono::hours(24 * 3650);
  return spec;
}

Bytes bytes_of(const std::string& text) {
  return {text.begin(), text.end()};
}

}  // namespace

const crypto::Key& rsa_key(int number) {
  static std::map<int, crypto::Key> keys;
  const auto it = keys.find(number);
  return it != keys.end() ? it->second : keys.emplace(number, crypto::Key::generate({})).first->second;
}

const crypto::Key& ec_key() {
  static const crypto::Key key = crypto::Key::generate({KeyType::ec, 0, "P-256"});
  return key;
}

TimePoint test_time() {
  static const TimePoint time = std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
  return time;
}

ScriptedCa ScriptedCa::single() {
  crypto::CaSpec spec = ca_spec("Test CA");
  const crypto::Certificate certificate = crypto::make_root_ca(rsa_key(1), spec);
  ScriptedCa ca({certificate, rsa_key(1)}, {certificate, rsa_key(1)}, std::nullopt);
  ca.set = {certificate};
  return ca;
}

ScriptedCa ScriptedCa::with_ra() {
  const crypto::Issuer root{crypto::make_root_ca(rsa_key(2), ca_spec("Test Root")), rsa_key(2)};
  const crypto::Issuer issuing{crypto::make_intermediate_ca(root, ec_key(), ca_spec("Test Issuing CA")), ec_key()};
  crypto::RaSpec ra;
  ra.subject = named("Test RA");
  ra.not_before = test_time() - std::chrono::hours(24);
  ra.not_after = test_time() + std::chrono::hours(24 * 365);
  ScriptedCa ca(issuing, {crypto::make_ra(root, rsa_key(3), ra), rsa_key(3)}, root.certificate);
  ca.set = {ca.responder_.certificate, root.certificate};
  ca.inside = {issuing.certificate};
  return ca;
}

crypto::Certificate ScriptedCa::issue_for(const crypto::Csr& csr, const crypto::Key* other_key) {
  crypto::IssueSpec spec;
  spec.not_before = test_time() - std::chrono::hours(1);
  spec.not_after = test_time() + std::chrono::hours(24 * 90);
  if (other_key != nullptr) spec.public_key = *other_key;
  ++certificates;
  return crypto::issue_certificate(issuer_, csr, spec);
}

scep::ReplySpec ScriptedCa::spec_for(const scep::ReceivedRequest& request, scep::PkiStatus status) {
  scep::ReplySpec spec;
  spec.status = status;
  spec.transaction_id = request.attributes.transaction_id.value_or("");
  spec.recipient_nonce = request.attributes.sender_nonce.value_or(Bytes{});
  spec.signer = &responder_.certificate;
  spec.signer_key = responder_.key.get();
  spec.recipient = request.signer ? &*request.signer : nullptr;
  spec.signing_time = test_time();
  spec.digest = reply_digest;
  spec.cipher = reply_cipher;
  spec.password = challenge;
  spec.no_content = no_content;
  spec.faults = faults;
  return spec;
}

scep::HttpReply ScriptedCa::send(const scep::ReplySpec& spec, int status, std::string phrase) {
  return {status, std::move(phrase), std::string(scep::kContentTypeMessage), scep::build_reply(spec)};
}

scep::HttpReply ScriptedCa::success(const scep::ReceivedRequest& request, const crypto::Certificate& certificate) {
  scep::ReplySpec spec = spec_for(request, scep::PkiStatus::success);
  std::vector<crypto::Certificate> content = inside;
  content.push_back(certificate);
  spec.content = crypto::build_certificates_only(content);
  return send(spec);
}

ScriptedCa::Handler ScriptedCa::issue() {
  return [this](const scep::ReceivedRequest& request) { return success(request, issue_for(*request.csr)); };
}

ScriptedCa::Handler ScriptedCa::issue_to(const crypto::Key& other_key) {
  return [this, other_key](const scep::ReceivedRequest& request) {
    return success(request, issue_for(*request.csr, &other_key));
  };
}

ScriptedCa::Handler ScriptedCa::issued_earlier() {
  return [this](const scep::ReceivedRequest& request) { return success(request, issue_for(*last_csr_)); };
}

ScriptedCa::Handler ScriptedCa::fail(scep::FailInfo reason, std::string text, int status, std::string phrase) {
  return [=, this](const scep::ReceivedRequest& request) {
    scep::ReplySpec spec = spec_for(request, scep::PkiStatus::failure);
    spec.fail_info = reason;
    spec.fail_info_text = text;
    return send(spec, status, phrase);
  };
}

ScriptedCa::Handler ScriptedCa::pending() {
  return [this](const scep::ReceivedRequest& request) {
    return send(spec_for(request, scep::PkiStatus::pending), 202, "Request Pending");
  };
}

ScriptedCa::Handler ScriptedCa::http(int status, std::string body, std::string type, std::string phrase) {
  return [=](const scep::ReceivedRequest&) { return scep::HttpReply{status, phrase, type, bytes_of(body)}; };
}

ScriptedCa::Handler ScriptedCa::lost(std::string code) {
  return [code](const scep::ReceivedRequest&) -> scep::HttpReply {
    throw scep::TransportFailure({code, "the connection broke", "", RetryClass::later, {}}, false);
  };
}

ScriptedCa::Handler ScriptedCa::issue_and_lose() {
  return [this](const scep::ReceivedRequest& request) -> scep::HttpReply {
    (void)issue_for(*request.csr);
    throw scep::TransportFailure({"reply-lost", "the connection broke", "", RetryClass::later, {}}, false);
  };
}

ScriptedCa::Handler ScriptedCa::unreachable() {
  return [](const scep::ReceivedRequest&) -> scep::HttpReply {
    throw scep::TransportFailure({"ca-unreachable", "connection refused", "", RetryClass::later, {}}, true);
  };
}

scep::HttpReply ScriptedCa::message(const Bytes& body, bool is_post) {
  const scep::DecryptionIdentity identity{&responder_.certificate, responder_.key.get()};
  scep::ReceivedRequest request = scep::parse_request(body, std::span(&identity, 1), {true, challenge});
  if (request.csr) last_csr_ = request.csr;
  const Handler handler = script.empty() ? issue() : script.front();
  if (!script.empty()) script.pop_front();
  seen.push_back({request, is_post, body});
  return handler(request);
}

scep::HttpReply ScriptedCa::get(const std::string& url) {
  if (!reachable) return unreachable()({});
  const scep::Query query = scep::parse_query(url.substr(url.find('?') + 1));
  if (query.operation == "GetCACaps") return {capabilities_status, "", "text/plain", bytes_of(capabilities)};
  if (query.operation == "GetCACert") {
    const scep::CaBody printed = scep::print_ca_certificates(set);
    return {200, "OK", std::string(printed.content_type), printed.body};
  }
  if (query.operation == "GetNextCACert" && !next.empty())
    return {200, "OK", "", scep::print_next_ca_certificates(next, issuer_.certificate, issuer_.key.get(), test_time())};
  if (query.operation == "PKIOperation") return message(scep::decode_message(query.message.value()).value(), false);
  return {404, "Not Found", "text/html", bytes_of("<html>no</html>")};
}

Bytes ScriptedCa::search(const std::string& url) {
  throw scep::TransportFailure(Error{"ca-unreachable", "no connection to " + url, "", RetryClass::later, {}}, true);
}

scep::HttpReply ScriptedCa::post(const std::string& url, const Bytes& body) {
  if (!reachable) return unreachable()({});
  (void)url;
  return message(body, true);
}

void TestHost::log(LogLevel level, std::string_view line) noexcept {
  (void)level;
  lines.emplace_back(line);
}

Result<std::string> TestHost::work_directory() noexcept {
  return std::string("/nonexistent");
}

Result<CommandOutcome> TestHost::run(const Command&, const Credential*, std::chrono::seconds) noexcept {
  return CommandOutcome{};
}

Result<Secret> TestHost::read_secret(const SecretSource& source) noexcept {
  return source.inline_text;
}

Result<void> TestHost::checkpoint(const std::string& token, Checkpoint state,
                                  const std::string& transaction_id) noexcept {
  if (refuse_checkpoint) return Error{"disk-full", "no space left", "", RetryClass::later, {}};
  saved.push_back({token, state, transaction_id, messages ? messages() : 0});
  return {};
}

std::string TestHost::log_text() const {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

}  // namespace scep_test
