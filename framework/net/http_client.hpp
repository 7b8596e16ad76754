// HTTP for enrollers: one request, one reply, everything bounded.
//
// What the network says is never trusted to be short, quick, or well formed. The proxy comes from the settings only;
// environment variables and .netrc are not looked at. No Accept-Encoding and no Expect: 100-continue is sent. Threads:
// an HttpClient serves one thread at a time; several may be used side by side.
#pragma once

#include <certctl/result.hpp>
#include <certctl/types.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace certctl::net {

enum class HttpMethod : int { get, post };

struct HttpRequest {
  HttpMethod method = HttpMethod::get;
  std::string url;                                           // http or https
  std::vector<std::pair<std::string, std::string>> headers;  // further ones
  std::string content_type;                                  // post
  Bytes body;                                                // post; always sent with Content-Length
};

// A login for https only: it is refused for http, and never leaves for another origin.
struct HttpLogin {
  std::string user;  // empty: no login
  Secret password;
  bool basic = true;        // RFC 7617
  bool digest = true;       // RFC 7616; with both the server's 401 decides, and digest is the first choice
  bool when_asked = false;  // basic alone: wait for the 401 too
};

struct HttpSettings {
  std::string proxy;        // "http://host:port", "socks5h://host:port"; empty: none
  std::string tls_ca_file;  // PEM; empty: tls_ca_pem
  std::string tls_ca_pem;   // PEM text: these CAs and no other; empty: the system's
  // Any https server is spoken to: only for what is proved by something else. A login and tls_prepare are refused.
  bool tls_unverified = false;
  // Called with libssl's SSL_CTX of each connection before it is made (crypto::present_identity). May throw Failure,
  // which send() passes on: nothing was sent then. Not called for another origin after a redirect.
  std::function<void(void* ssl_context)> tls_prepare;
  HttpLogin login;
  std::chrono::milliseconds timeout{60'000};  // for the whole exchange, redirects included
  std::chrono::milliseconds connect_timeout{20'000};
  std::size_t max_reply = 4U << 20U;  // bytes of body
  int max_redirects = 3;              // GET only; same scheme or from http to https
  bool redirects_elsewhere = true;    // to another scheme, host or port
  std::string user_agent = "certctl";
};

// What bounds an exchange, as profiles say it: the same for every enroller. max_reply in bytes; no connection may take
// longer than the whole exchange.
[[nodiscard]] HttpSettings bounded_settings(std::string proxy, std::string tls_ca_file, std::chrono::seconds timeout,
                                            std::int64_t max_reply);

struct HttpReply {
  int status = 0;
  std::string reason;                   // reason phrase, cleaned for display; may be empty
  std::string content_type;             // as sent, cleaned; may be empty
  Bytes body;                           // whatever the status
  std::chrono::seconds retry_after{0};  // Retry-After in seconds, or until its date by the reply's own Date; 0: none
  std::string authenticate = {};        // WWW-Authenticate of a 401, cleaned; several joined by "; "; may be empty
  std::string url = {};                 // whose reply it is, after redirects
  // Every header line in its order: the name in lower case, the value as sent. Clean it before it is shown.
  std::vector<std::pair<std::string, std::string>> headers = {};
};

// An exchange without a usable reply. Codes:
//   ca-unreachable   no connection (name, route, refused, proxy refused, deadline of connecting)
//   tls-untrusted    the server's certificate was not accepted
//   tls-failed       no TLS connection for another reason
//   tls-refused      the server ended the handshake because of our certificate, or because there was none
//   reply-lost       the connection broke, or what came was no HTTP, after the request may have left
//   deadline         the deadline for the whole exchange passed
//   reply-too-large  more than max_reply, or more than 256 KiB or 1000 lines of headers
//   redirect-refused too many redirects, to another scheme, or of a POST
//   bad-url, bad-ca-file, bad-proxy, bad-login   never: the settings are wrong
class HttpFailure : public Failure {
 public:
  HttpFailure(Error error, bool nothing_sent) : Failure(std::move(error)), nothing_sent_(nothing_sent) {}
  // True when surely no byte of the request reached the server: it can't have acted on it.
  [[nodiscard]] bool nothing_sent() const noexcept { return nothing_sent_; }

 private:
  bool nothing_sent_;
};

class HttpClient {
 public:
  explicit HttpClient(HttpSettings settings);
  ~HttpClient();
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;

  // A reply of any status, or throws HttpFailure. Each request has a connection of its own.
  [[nodiscard]] HttpReply send(const HttpRequest& request);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace certctl::net
