#include "enrollers/scep/server.hpp"

#include "enrollers/scep/protocol/ca_certificates.hpp"
#include "enrollers/scep/protocol/http_answer.hpp"
#include "enrollers/scep/protocol/query.hpp"

#include <string_view>

namespace certctl::scep {
namespace {

constexpr std::size_t kMaxCapabilityBytes = 16 * 1024;

std::string_view text_of(const Bytes& body) {
  return {reinterpret_cast<const char*>(body.data()), body.size()};
}

HttpAnswer answer_of(const HttpReply& reply) {
  return {reply.status, reply.reason, reply.content_type, reply.body};
}

struct Advice {
  RetryClass retry;
  std::string_view hint;
};

Advice advice_for(int status) {
  switch (status) {
    case 401:
    case 403:
      return {RetryClass::never,
              "the web server in front of the CA refuses access: check `url`, and ask the operator of the CA"};
    case 404:
    case 410: return {RetryClass::never, "check `url` and `ca_identifier`: the server has no SCEP service there"};
    case 405: return {RetryClass::never, "the server refuses this HTTP method: set `http: get` or `http: post`"};
    case 407: return {RetryClass::never, "the proxy wants a login: check `proxy`"};
    case 413:
    case 414:
    case 431: return {RetryClass::never, "the request is too long for a GET: set `http: post`"};
    case 429: return {RetryClass::later, "the server asks to be left alone for a while"};
    case 502:
    case 503:
    case 504:
      return {RetryClass::later, "the CA behind the web server does not answer; if it stays so, ask its operator"};
    default: break;
  }
  if (status >= 500)
    return {RetryClass::later, "the server failed; if it stays so, ask the operator of the CA for its log"};
  if (status >= 300 && status < 400) return {RetryClass::never, "the server redirects: set `url` to the final address"};
  return {RetryClass::later, "check `url`"};
}

}  // namespace

Failure failure_of(const HttpReply& reply, const std::string& what) {
  std::string message = describe_non_scep(answer_of(reply), what);
  if (reply.status >= 200 && reply.status < 300) {
    Error error{"not-scep", std::move(message), "check `url`: it must name the SCEP service", RetryClass::later,
                std::chrono::seconds{0}};
    if (looks_like_page(answer_of(reply))) error.hint += ", not its administration page or a login page";
    return Failure(std::move(error));
  }
  const Advice advice = advice_for(reply.status);
  Error error{"http-error", std::move(message), std::string(advice.hint), advice.retry, reply.retry_after};
  if (reply.retry_after.count() > 0) error.retry = RetryClass::after;
  return Failure(std::move(error));
}

// SCEP-045, SCEP-047, SCEP-048
AnnouncedCapabilities fetch_capabilities(const Settings& settings, Transport& transport) {
  AnnouncedCapabilities announced;
  std::string why;
  try {
    const HttpReply reply =
        transport.get(url_with_query(settings.url, plain_query("GetCACaps", settings.ca_identifier)));
    if (reply.status == 200 && reply.body.size() <= kMaxCapabilityBytes)
      announced.capabilities = parse_capabilities(text_of(reply.body));
    if (!announced.capabilities.none()) return announced;
    why = reply.status != 200  ? status_text(answer_of(reply))
          : reply.body.empty() ? "an empty list"
                               : "no list of capabilities";
  } catch (const TransportFailure& failure) {
    if (failure.nothing_sent()) throw;
    why = failure.error().message;
  }
  announced.warnings.push_back(
      "the server's capabilities are not known, the oldest algorithms are assumed: GetCACaps gave " + why);
  return announced;
}

// SCEP-150
std::vector<crypto::Certificate> fetch_ca_certificates(const Settings& settings, Transport& transport) {
  const HttpReply reply = transport.get(url_with_query(settings.url, plain_query("GetCACert", settings.ca_identifier)));
  if (reply.status != 200) throw failure_of(reply, "GetCACert");
  try {
    return parse_ca_certificates(reply.body);
  } catch (const Failure& failure) {
    if (crypto::sniff_der(reply.body) == crypto::DerKind::other) throw failure_of(reply, "GetCACert");
    throw Failure("ca-unreadable", "the server's CA certificates cannot be read: " + failure.error().message,
                  "ask the operator of the CA");
  }
}

// SCEP-160
std::vector<crypto::Certificate> fetch_next_ca_certificates(const Settings& settings, Transport& transport,
                                                            const std::vector<crypto::Certificate>& current) {
  const HttpReply reply =
      transport.get(url_with_query(settings.url, plain_query("GetNextCACert", settings.ca_identifier)));
  if (reply.status != 200) throw failure_of(reply, "GetNextCACert");
  if (crypto::sniff_der(reply.body) != crypto::DerKind::cms) throw failure_of(reply, "GetNextCACert");
  return parse_next_ca_certificates(reply.body, current);
}

}  // namespace certctl::scep
