#include "framework/devca/responder.hpp"

#include "enrollers/scep/protocol/ca_certificates.hpp"
#include "enrollers/scep/protocol/capabilities.hpp"
#include "enrollers/scep/protocol/query.hpp"
#include "framework/devca/ca_set_faults.hpp"
#include "framework/devca/exchange.hpp"
#include "framework/devca/http_faults.hpp"
#include "framework/devca/openxpki.hpp"

namespace certctl::devca {
namespace {

std::string operation_word(std::string_view operation) {
  if (scep::same_operation(operation, "GetCACaps")) return "caps";
  if (scep::same_operation(operation, "GetCACert")) return "cacert";
  if (scep::same_operation(operation, "GetNextCACert")) return "nextca";
  if (scep::same_operation(operation, "PKIOperation")) return "pki";
  // Not of SCEP: what a CRL distribution point of this server's certificates asks.
  if (scep::same_operation(operation, "CRL")) return "crl";
  return {};
}

Answer binary_answer(std::string_view content_type, Bytes body) {
  Answer answer;
  answer.content_type = content_type;
  answer.body = std::move(body);
  return answer;
}

}  // namespace

Responder::Responder(const ServeSettings& settings, const sys::Clock& clock)
    : settings_(settings), clock_(clock), authority_([&] {
        make_state_directory(settings.state);
        const State lock(settings.state);
        return open_authority(settings.state, settings.shape, clock.now());
      }()) {}

Answer Responder::answer(bool post, std::string_view query, crypto::BytesView body) noexcept {
  try {
    const std::lock_guard<std::mutex> one_at_a_time(mutex_);
    Exchange exchange(settings_.state, clock_.now());
    Answer result;
    try {
      result = dispatch(exchange, post, query, body);
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

Answer Responder::dispatch(Exchange& exchange, bool post, std::string_view query_text, crypto::BytesView body) {
  const scep::Query query = scep::parse_query(query_text);
  exchange.log["method"] = post ? "POST" : "GET";
  exchange.log["operation"] = query.operation.substr(0, 40);
  if (!post && query.message && operation_word(query.operation) != "pki")
    exchange.log["identifier"] = query.message->substr(0, 200);
  // A POST is a PKIOperation, whatever it says (RFC 8894 §4.3, SCEP-137).
  const std::string operation = post ? "pki" : operation_word(query.operation);
  if (operation.empty()) return text_answer(400, "this is a SCEP server: ?operation=GetCACaps and so on\n");
  exchange.begin(operation);

  Answer answer;
  if (replace_answer(exchange.faults, answer)) return answer;
  if (operation == "caps") answer = capabilities(exchange.faults);
  if (operation == "cacert") answer = ca_certificates(exchange.faults);
  if (operation == "nextca") answer = next_ca_certificates(exchange.faults);
  if (operation == "crl") answer = binary_answer("application/pkix-crl", current_crl(exchange.state));
  if (operation == "pki") {
    Bytes message(body.begin(), body.end());
    if (!post) {
      auto decoded = query.message ? scep::decode_message(*query.message) : std::nullopt;
      if (!decoded) return text_answer(400, "the message is no base64\n");
      message = std::move(*decoded);
    }
    answer = pki_operation(exchange, message);
  }
  spoil_answer(exchange.faults, answer);
  return answer;
}

// SCEP-030, SCEP-033, SCEP-037, SCEP-046; GetNextCACert only if there is one (SCEP-165).
Answer Responder::capabilities(Faults& faults) const {
  std::vector<std::string> words = settings_.capabilities;
  if (!settings_.capabilities_given) {
    words = {"AES", "DES3", "POSTPKIOperation", "Renewal", "SCEPStandard", "SHA-1", "SHA-256", "SHA-512"};
    if (authority_.next) words.insert(words.begin() + 2, "GetNextCACert");
  }
  std::string text = settings_.like == Likeness::openxpki ? openxpki::capabilities(words, settings_.capabilities_given)
                                                          : scep::print_capabilities(words);
  spoil_capabilities(faults, text);
  return text_answer(200, text);
}

Answer Responder::ca_certificates(Faults& faults) const {
  std::vector<crypto::Certificate> set = authority_.set();
  if (settings_.ca_reply_single) set = {authority_.issuing.certificate};
  spoil_ca_set(faults, authority_, clock_.now(), set);
  if (faults.hit("as-pem")) {
    std::string text;
    for (const crypto::Certificate& certificate : set) text += certificate.to_pem();
    return text_answer(200, text);
  }
  scep::CaBody body = ca_body(faults, set, clock_.now());
  return binary_answer(body.content_type, std::move(body.body));
}

Answer Responder::next_ca_certificates(Faults& faults) const {
  if (!authority_.next && settings_.like == Likeness::openxpki)
    return openxpki::fault("Unexpected response from backend");
  if (!authority_.next) return text_answer(404, "there is no next CA\n");
  return binary_answer(scep::kContentTypeNextCaCert, next_ca_body(faults, authority_, clock_.now()));
}

}  // namespace certctl::devca
