#include "enrollers/est/server.hpp"

#include "enrollers/est/protocol/certificates.hpp"
#include "enrollers/est/protocol/transfer.hpp"
#include "enrollers/est/protocol/words.hpp"
#include "framework/sys/printable.hpp"

namespace certctl::est {
namespace {

constexpr std::size_t kShownAnswer = 200;

std::string_view text_of(const Bytes& body) {
  return {reinterpret_cast<const char*>(body.data()), body.size()};
}

bool looks_like_page(const HttpReply& reply) {
  const std::string_view text = text_of(reply.body);
  const std::size_t start = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  return is_type(reply.content_type, "text/html") || (start != std::string_view::npos && text[start] == '<');
}

// Line breaks become blanks; what else a terminal might obey is escaped.
std::string shown(std::string_view text) {
  std::string line;
  for (const char c : text.substr(0, 4 * kShownAnswer)) {
    const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (blank && (line.empty() || line.back() == ' ')) continue;
    line += blank ? ' ' : c;
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return sys::printable_start(line, kShownAnswer);
}

std::string status_text(const HttpReply& reply) {
  return "HTTP " + std::to_string(reply.status) + (reply.reason.empty() ? "" : " " + reply.reason);
}

std::string describe(const HttpReply& reply, const std::string& what) {
  const std::string start = "the server answered " + what + " with ";
  if (looks_like_page(reply)) return start + "a web page (" + status_text(reply) + ")";
  std::string message = start + status_text(reply);
  if (reply.status >= 200 && reply.status < 300) {
    if (reply.body.empty()) return message + " and an empty body";
    message += " and " + std::to_string(reply.body.size()) + " bytes that are no EST";
    return reply.content_type.empty() ? message : message + " (content type " + shown(reply.content_type) + ")";
  }
  const std::string body = shown(text_of(reply.body));
  return body.empty() ? message : message + ": \"" + body + "\"";
}

// EST-017
std::string hint_for_login(const HttpReply& reply, const Access& access) {
  const std::string asked = reply.authenticate.empty() ? "" : " (it asks for " + reply.authenticate + ")";
  if (access.login) return "the server does not accept the login: check `user` and `password`" + asked;
  if (access.identity)
    return "the server does not accept the certificate that authenticates the request" + asked +
           "; if it wants a login as well, set `user` and `password`, and leave `renewal_login` on";
  return "the server wants to know who asks" + asked + ": set `user` and `password`, or `client_certificate`";
}

// EST-025
std::string hint_for(const HttpReply& reply, const Access& access) {
  switch (reply.status) {
    case 400: return "the CA does not like what is asked for: its words say why, or its operator";
    case 401: return hint_for_login(reply, access);
    case 403: return "who asks is known, and may not have this: ask the operator of the CA";
    case 404:
    case 410: return "check `url` and `label`: the server has no such operation there";
    case 405:
    case 501: return "the server does not have this operation";
    case 407: return "the proxy wants a login: check `proxy`";
    case 413: return "the request is too long for the server";
    case 415: return "the server does not take PKCS #10 there: check `url`";
    case 429: return "the server asks to be left alone for a while";
    case 502:
    case 503:
    case 504: return "the CA behind the web server does not answer; if it stays so, ask its operator";
    default: break;
  }
  if (reply.status >= 500) return "the server failed; if it stays so, ask the operator of the CA for its log";
  if (reply.status >= 300 && reply.status < 400) return "the server redirects: set `url` to the final address";
  return "check `url`: it must name the EST server";
}

bool may_pass(int status) {
  return status >= 500 || status == 408 || status == 425 || status == 429 || (status >= 200 && status < 300);
}

}  // namespace

std::string address_of(const Settings& settings, std::string_view operation) {
  return settings.base + "/" + std::string(operation);
}

Error error_of(const HttpReply& reply, const std::string& what, const Access& access) {
  const bool success = reply.status >= 200 && reply.status < 300;
  const char* code = success ? "not-est" : reply.status == 401 ? "login-refused" : "http-error";
  Error error{code, describe(reply, what), hint_for(reply, access),
              may_pass(reply.status) ? RetryClass::later : RetryClass::never, std::chrono::seconds{0}};
  if (looks_like_page(reply)) error.hint += "; is it the EST server, and not its administration or login page?";
  if (error.retry == RetryClass::later && !success && reply.retry_after.count() > 0) {
    error.retry = RetryClass::after;
    error.delay = reply.retry_after;
  }
  return error;
}

Failure failure_of(const HttpReply& reply, const std::string& what, const Access& access) {
  return Failure(error_of(reply, what, access));
}

// EST-004, EST-005
std::vector<crypto::Certificate> fetch_ca_certificates(const Settings& settings, Transport& transport) {
  const Access anybody;
  const HttpReply reply = transport.get(address_of(settings, kCaCertificates), anybody);
  if (reply.status != 200 || looks_like_page(reply)) throw failure_of(reply, "cacerts", anybody);
  try {
    return parse_certificates(reply.body);
  } catch (const Failure& failure) {
    throw Failure("ca-unreadable", "the server's CA certificates cannot be read: " + failure.error().message,
                  "is `url` the address of an EST server? if so, ask the operator of the CA");
  }
}

// EST-008
WishedAttributes fetch_csr_attributes(const Settings& settings, Transport& transport, const Access& access) {
  WishedAttributes wished;
  std::string why;
  try {
    const HttpReply reply = transport.get(address_of(settings, kCsrAttributes), access);
    if (reply.status == 204 || reply.status == 404) return wished;
    if (reply.status != 200) {
      why = error_of(reply, "csrattrs", access).message;
    } else if (!reply.body.empty()) {
      const auto der = decode_transfer(reply.body);
      if (!der) crypto::malformed("no base64");
      wished.attributes = parse_csr_attributes(*der);
    }
  } catch (const TransportFailure& failure) {
    if (failure.nothing_sent()) throw;
    why = failure.error().message;
  } catch (const Failure& failure) {
    why = failure.error().message;
  }
  if (!why.empty()) wished.warnings.push_back("what the server wants in requests is not known, it is left out: " + why);
  return wished;
}

}  // namespace certctl::est
