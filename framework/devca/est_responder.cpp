#include "framework/devca/est_responder.hpp"

#include "enrollers/est/protocol/transfer.hpp"
#include "enrollers/est/protocol/words.hpp"
#include "framework/crypto/alt_name.hpp"
#include "framework/crypto/chain.hpp"
#include "framework/crypto/random.hpp"
#include "framework/devca/ca_set_faults.hpp"
#include "framework/devca/est_faults.hpp"
#include "framework/devca/http_faults.hpp"
#include "framework/sys/atomic_file.hpp"

#include <set>

namespace certctl::devca {
namespace {

constexpr std::size_t kMaxCaFile = 1U << 20U;

// The operation of an address, and the label before it; empty: no address of EST (RFC 7030 §3.2.2).
struct Address {
  std::string label;
  std::string operation;
};
Address address_of(std::string_view uri) {
  std::string_view path = uri.substr(0, uri.find('?'));
  if (!path.starts_with(est::kWellKnown)) return {};
  path.remove_prefix(est::kWellKnown.size());
  if (!path.starts_with('/')) return {};
  path.remove_prefix(1);
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos) return {{}, std::string(path)};
  return {std::string(path.substr(0, slash)), std::string(path.substr(slash + 1))};
}

// Of faults: what is asked for in which way.
std::string fault_operation(const std::string& operation) {
  if (operation == est::kCaCertificates) return "cacerts";
  if (operation == est::kCsrAttributes) return "csrattrs";
  if (operation == est::kServerKey) return "serverkey";
  return operation == est::kEnroll || operation == est::kReenroll ? "est" : "";
}

std::set<std::string> identities_of(const std::vector<AltName>& names) {
  std::set<std::string> all;
  for (const AltName& name : names) all.insert(crypto::alt_name_identity(name));
  return all;
}

bool leads_to(const crypto::Certificate& one, const std::vector<crypto::Certificate>& between,
              const std::vector<crypto::Certificate>& anchors, TimePoint now) {
  try {
    (void)crypto::build_path(one, between, anchors, now);
    return true;
  } catch (const Failure&) {
    return false;
  }
}

}  // namespace

EstResponder::EstResponder(const ServeSettings& settings, const Authority& authority, const sys::Clock& clock)
    : settings_(settings), authority_(authority), clock_(clock), login_(settings.est.login, crypto::random_bytes(32)) {
  if (!settings.est.client_ca_file.empty())
    client_cas_ = crypto::Certificate::all_from_pem(sys::read_file(settings.est.client_ca_file, kMaxCaFile));
}

Answer EstResponder::answer(const HttpRequest& request) noexcept {
  try {
    const std::lock_guard<std::mutex> one_at_a_time(mutex_);
    Exchange exchange(settings_.state, clock_.now());
    Answer result;
    try {
      result = dispatch(exchange, request);
    } catch (const Failure& failure) {
      result = text_answer(500, failure.error().code + ": " + failure.error().message + "\n");
    } catch (const std::exception& failure) {
      result = text_answer(500, std::string(failure.what()) + "\n");
    }
    exchange.finish(result);
    return result;
  } catch (...) {
    try {
      return text_answer(500, "the development CA cannot work with its state directory\n");
    } catch (...) {
      return {};
    }
  }
}

Answer EstResponder::dispatch(Exchange& exchange, const HttpRequest& request) {
  const Address address = address_of(request.uri);
  exchange.log["method"] = request.post ? "POST" : "GET";
  exchange.log["operation"] = address.operation.substr(0, 40);
  if (!address.label.empty()) exchange.log["identifier"] = address.label.substr(0, 200);
  const std::string operation = fault_operation(address.operation);
  if (operation.empty() || address.label != settings_.est.label)
    return text_answer(404, "there is no such EST operation here\n");
  const bool asks = operation == "est" || operation == "serverkey";
  if (asks != request.post) return text_answer(405, asks ? "POST\n" : "GET\n");
  exchange.begin(operation);

  Answer answer;
  if (replace_answer(exchange.faults, answer)) return answer;
  if (operation == "cacerts") {
    std::vector<crypto::Certificate> set = authority_.est_set();
    spoil_ca_set(exchange.faults, authority_, exchange.now, set);
    answer = certificates_answer(exchange.faults, set, exchange.now);
  } else if (operation == "csrattrs") {
    answer = attributes_answer(exchange.faults, settings_.est.attributes);
  } else if (settings_.est.no_reenroll && address.operation == est::kReenroll) {
    return text_answer(404, "there is no simplereenroll here\n");
  } else {
    answer = enroll(exchange, request, address.operation);
  }
  spoil_answer(exchange.faults, answer);
  return answer;
}

EstResponder::Client EstResponder::judge_certificate(const Exchange& exchange, const HttpRequest& request) const {
  Client client;
  if (request.client_certificates.empty()) return client;
  std::vector<crypto::Certificate> chain;
  for (const Bytes& der : request.client_certificates) chain.push_back(crypto::Certificate::from_der(der));
  const crypto::Certificate& own = chain.front();
  const auto known = exchange.state.issued(own);
  client.signer = known ? "issued" : "foreign";
  if (known && known->revoked)
    client.problem = "the certificate of the client is revoked";
  else if (exchange.now > own.not_after() || exchange.now < own.not_before())
    client.problem = "the certificate of the client is not valid now";
  else if (!known && !leads_to(own, chain, client_cas_, exchange.now))
    client.problem = "the certificate of the client comes from a CA that is not known here";
  else
    client.certificate = own;
  return client;
}

void EstResponder::judge_login(Exchange& exchange, const HttpRequest& request, const std::string& transaction_id,
                               Client& client) const {
  if (request.authorization.empty()) return;
  const Enrollment enrollment(settings_, authority_, exchange.state, exchange.faults, exchange.now);
  const std::string password = login_.proved(request.authorization, request.post ? "POST" : "GET", request.uri,
                                             enrollment.passwords(), exchange.now);
  client.challenge = password.empty() ? "wrong" : enrollment.judge_password(password, transaction_id);
}

Answer EstResponder::login_answer(const Exchange& exchange) const {
  Answer answer = text_answer(401, "a password is needed, or a certificate that is known here\n");
  for (const std::string& challenge : login_.challenges(exchange.now))
    answer.headers.emplace_back("WWW-Authenticate", challenge);
  return answer;
}

// RFC 7030 §4.2, §4.4
Answer EstResponder::enroll(Exchange& exchange, const HttpRequest& request, const std::string& operation) {
  exchange.log["type"] = operation;
  // Clients that know Digest only begin with an empty body.
  const bool anybody = request.authorization.empty() && request.client_certificates.empty();
  if (anybody && settings_.wants_challenge() && operation != est::kReenroll) return login_answer(exchange);
  if (!est::is_type(request.content_type, est::kTypeRequest))
    return text_answer(415, "application/pkcs10 is expected\n");
  std::optional<crypto::Csr> csr;
  try {
    const auto der = est::decode_transfer(request.body);
    if (!der) return text_answer(400, "the request is no base64\n");
    csr = crypto::Csr::from_der(*der);
  } catch (const Failure& failure) {
    return text_answer(400, "this is no PKCS #10: " + failure.error().message + "\n");
  }
  exchange.log["key"] = csr->public_key().public_fingerprint();
  Enrollment enrollment(settings_, authority_, exchange.state, exchange.faults, exchange.now);
  Client client = judge_certificate(exchange, request);
  const Enrollment::Submission submission{*csr, operation == est::kReenroll, operation == est::kServerKey,
                                          client.certificate};
  const std::string id = Enrollment::transaction_id_of(submission);
  exchange.log["transaction"] = id;
  judge_login(exchange, request, id, client);
  exchange.log["signer"] = client.signer;
  exchange.log["challenge"] = client.challenge;
  const bool logged_in = client.challenge == "right";
  if (!csr->verify()) return text_answer(400, "the request is not signed with its own key\n");
  if (client.challenge == "wrong" || client.challenge == "used") return login_answer(exchange);
  if (submission.renewal && !client.certificate)
    return text_answer(403, (client.problem.empty() ? "a renewal is authenticated with the certificate that it renews"
                                                    : client.problem) +
                                "\n");
  const bool login_needed =
      settings_.wants_challenge() && (!client.certificate || settings_.renewal_challenge_required);
  if (login_needed && !logged_in) return login_answer(exchange);
  if (submission.renewal && (csr->subject_der() != client.certificate->subject_der() ||
                             identities_of(csr->alt_names()) != identities_of(client.certificate->alt_names())))
    return text_answer(400, "a renewal has to ask for the subject and the names of the certificate that it renews\n");
  Answer answer;
  if (refuse_by_fault(exchange.faults, answer)) return answer;

  const auto [decision, key_pem] = enrollment.submit(submission);
  if (decision.replay) exchange.log["replay"] = true;
  if (decision.issued) exchange.log["serial"] = decision.issued->serial();
  exchange.log["status"] = std::string(scep::name_of(decision.status));
  if (decision.status == scep::PkiStatus::pending) return pending_answer(exchange.faults, settings_.est.retry_after);
  if (decision.status == scep::PkiStatus::failure) return text_answer(400, decision.text + "\n");

  answer.manner = Manner::close;
  if (exchange.faults.hit("drop-success")) return answer;
  if (exchange.faults.hit("late-500")) return text_answer(500, "the reply is lost, as ordered by a fault\n");
  if (exchange.faults.hit("late-502")) return text_answer(502, "<html>Bad Gateway</html>\n");
  if (submission.server_key) return key_answer(exchange.faults, key_pem, *decision.issued);
  std::vector<crypto::Certificate> list{*decision.issued};
  if (settings_.send_ca || exchange.faults.is_set("ca-first") || exchange.faults.is_set("only-ca"))
    for (const crypto::Certificate& ca : authority_.est_set()) list.push_back(ca);
  return certificates_answer(exchange.faults, list, exchange.now);
}

}  // namespace certctl::devca
