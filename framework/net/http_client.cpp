#include "framework/net/http_client.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <string_view>

#include "framework/net/curl_library.hpp"
#include "framework/net/reply_collector.hpp"
#include "framework/net/url.hpp"
#include "framework/sys/printable.hpp"

namespace certctl::net {
namespace {

using Steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

struct FreeList {
  void operator()(curl_slist* list) const noexcept { curl().slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

void append(HeaderList& list, const std::string& line) {
  curl_slist* longer = curl().slist_append(list.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  (void)list.release();
  list.reset(longer);
}

// What is known of one exchange while it runs.
struct Exchange {
  explicit Exchange(std::size_t max_body) : collector(max_body) {}
  ReplyCollector collector;
  bool threw = false;          // out of memory in a callback
  bool enough = false;         // more came than may
  std::exception_ptr refused;  // what tls_prepare threw
  const HttpSettings* settings = nullptr;
  curl_off_t sent = 0;          // bytes of the request that were written to the connection
  curl_off_t sent_connect = 0;  // of them, of a CONNECT, which is for the proxy alone
};

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  try {
    return exchange.collector.take_header({data, size * count}) ? size * count : 0;
  } catch (...) {
    exchange.threw = true;
    return 0;
  }
}

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  const std::size_t bytes = size * count;
  if (bytes == 0) return 0;
  try {
    return exchange.collector.take_body({data, bytes}) ? bytes : 0;
  } catch (...) {
    exchange.threw = true;
    return 0;
  }
}

// Told of all that goes over the wire; nothing is kept but the count.
int on_debug(CURL* /*curl*/, curl_infotype type, char* data, std::size_t size, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  if (type == CURLINFO_DATA_IN) {
    try {
      if (!exchange.collector.count_received(size)) exchange.enough = true;
    } catch (...) {
      exchange.threw = true;
    }
  } else if (type == CURLINFO_HEADER_OUT && std::string_view(data, size).starts_with("CONNECT ")) {
    exchange.sent_connect += static_cast<curl_off_t>(size);
  } else if (type == CURLINFO_HEADER_OUT || type == CURLINFO_DATA_OUT) {
    exchange.sent += static_cast<curl_off_t>(size);
  }
  return 0;
}

// Asked again and again while something is transferred; on_debug() can't stop it.
int on_progress(void* user, curl_off_t /*to_receive*/, curl_off_t /*received*/, curl_off_t /*to_send*/,
                curl_off_t /*sent*/) {
  const auto& exchange = *static_cast<const Exchange*>(user);
  return exchange.enough || exchange.threw ? 1 : 0;
}

CURLcode on_tls(CURL* /*curl*/, void* ssl_context, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  try {
    exchange.settings->tls_prepare(ssl_context);
    return CURLE_OK;
  } catch (...) {
    exchange.refused = std::current_exception();
    return CURLE_SSL_CERTPROBLEM;
  }
}

// Alerts of TLS that a server sends because of the client's certificate, and only while it shakes hands (RFC 8446
// §6.2): it has not looked at a request then. In TLS 1.3 they come after the client has sent it.
bool is_about_our_certificate(std::string_view words) {
  for (const char* alert :
       {"alert bad certificate", "alert unsupported certificate", "alert certificate revoked",
        "alert certificate expired", "alert certificate unknown", "alert unknown ca", "alert certificate required"})
    if (words.find(alert) != std::string_view::npos) return true;
  return false;
}

bool is_redirect(long status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

std::string in_seconds(milliseconds time) {
  const auto count = time.count();
  if (count % 1000 == 0) return std::to_string(count / 1000) + " s";
  return std::to_string(count) + " ms";
}

[[noreturn]] void fail(const char* code, const std::string& message, const std::string& hint, RetryClass retry,
                       bool nothing_sent) {
  throw HttpFailure(Error{code, message, hint, retry, std::chrono::seconds{0}}, nothing_sent);
}

}  // namespace

struct HttpClient::Parts {
  explicit Parts(HttpSettings given) : settings(std::move(given)) {
    handle = curl().easy_init();
    if (handle == nullptr) throw std::bad_alloc();
  }
  ~Parts() { curl().easy_cleanup(handle); }
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;

  // One request without redirects. Returns the reply, and where it redirects to, if it does.
  HttpReply exchange(const HttpRequest& request, const Url& url, const std::string& address, bool with_headers,
                     Steady::time_point deadline, bool sent_before, std::string& location);

  HttpSettings settings;
  CURL* handle = nullptr;

 private:
  template <class Value>
  void set(CURLoption option, Value value) {
    if (curl().easy_setopt(handle, option, value) != CURLE_OK) {
      fail("internal", "libcurl does not know option " + std::to_string(static_cast<int>(option)), "",
           RetryClass::never, true);
    }
  }
  void set_connection(milliseconds left);
  void set_identity(Exchange& exchange);
  HeaderList set_request(const HttpRequest& request, bool with_headers);
  [[noreturn]] void report(CURLcode code, const Exchange& exchange, const Url& url, std::string_view words,
                           bool sent_before);
};

void HttpClient::Parts::set_connection(milliseconds left) {
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_QUICK_EXIT, 1L);  // a name server that does not answer must not hold the end up
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(left.count()));
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(std::min(left, settings.connect_timeout).count()));
  // A connection that was used before may be dead, and curl would silently send the request a second time.
  set(CURLOPT_FRESH_CONNECT, 1L);
  set(CURLOPT_FORBID_REUSE, 1L);
  // Empty texts, not null: that would mean the environment's.
  set(CURLOPT_PROXY, settings.proxy.c_str());
  set(CURLOPT_NOPROXY, "");
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  if (!settings.tls_ca_file.empty()) {
    // The system's directory of CAs would be believed as well.
    set(CURLOPT_CAINFO, settings.tls_ca_file.c_str());
    set(CURLOPT_CAPATH, static_cast<char*>(nullptr));
    set(CURLOPT_PROXY_CAINFO, settings.tls_ca_file.c_str());
    set(CURLOPT_PROXY_CAPATH, static_cast<char*>(nullptr));
  } else if (!settings.tls_ca_pem.empty()) {
    curl_blob authorities{settings.tls_ca_pem.data(), settings.tls_ca_pem.size(), CURL_BLOB_COPY};
    set(CURLOPT_CAINFO, static_cast<char*>(nullptr));
    set(CURLOPT_CAPATH, static_cast<char*>(nullptr));
    set(CURLOPT_CAINFO_BLOB, &authorities);
  }
  if (settings.tls_unverified) {
    set(CURLOPT_SSL_VERIFYPEER, 0L);
    set(CURLOPT_SSL_VERIFYHOST, 0L);
  }
}

// Who we are: for the first origin only.
void HttpClient::Parts::set_identity(Exchange& exchange) {
  exchange.settings = &settings;
  if (settings.tls_prepare) {
    set(CURLOPT_SSL_CTX_FUNCTION, &on_tls);
    set(CURLOPT_SSL_CTX_DATA, static_cast<void*>(&exchange));
  }
  const HttpLogin& login = settings.login;
  if (login.user.empty()) return;
  unsigned long schemes = (login.basic ? CURLAUTH_BASIC : 0UL) | (login.digest ? CURLAUTH_DIGEST : 0UL);
  // Digest alone would begin with an empty body, which a server may refuse for that.
  if (login.basic != login.digest && (login.digest || login.when_asked)) schemes |= CURLAUTH_ONLY;
  set(CURLOPT_HTTPAUTH, schemes);
  set(CURLOPT_USERNAME, login.user.c_str());
  set(CURLOPT_PASSWORD, login.password.reveal().c_str());
}

HeaderList HttpClient::Parts::set_request(const HttpRequest& request, bool with_headers) {
  HeaderList headers;
  append(headers, "Expect:");  // old servers answer 417, or never
  append(headers, "User-Agent: " + settings.user_agent);
  if (with_headers) {
    for (const auto& [name, value] : request.headers) {
      const std::string line = name + ": " + value;
      if (line.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
        fail("internal", "a header of the request has a line break in it", "", RetryClass::never, true);
      }
      append(headers, line);
    }
  }
  if (request.method == HttpMethod::post) {
    append(headers, "Content-Type: " + request.content_type);
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(CURLOPT_POSTFIELDS, request.body.empty() ? "" : reinterpret_cast<const char*>(request.body.data()));
  } else {
    set(CURLOPT_HTTPGET, 1L);
  }
  set(CURLOPT_HTTPHEADER, headers.get());
  return headers;
}

HttpReply HttpClient::Parts::exchange(const HttpRequest& request, const Url& url, const std::string& address,
                                      bool with_headers, Steady::time_point deadline, bool sent_before,
                                      std::string& location) {
  const auto left = std::chrono::ceil<milliseconds>(deadline - Steady::now());
  if (left.count() <= 0) {
    fail("deadline", url.shown + " did not answer within " + in_seconds(settings.timeout), "", RetryClass::later,
         !sent_before);
  }
  curl().easy_reset(handle);
  Exchange state(settings.max_reply);
  std::array<char, CURL_ERROR_SIZE> words{};
  set_connection(left);
  if (with_headers) set_identity(state);
  const HeaderList headers = set_request(request, with_headers);
  set(CURLOPT_URL, address.c_str());
  set(CURLOPT_ERRORBUFFER, words.data());
  set(CURLOPT_HEADERFUNCTION, &on_header);
  set(CURLOPT_HEADERDATA, static_cast<void*>(&state));
  set(CURLOPT_WRITEFUNCTION, &on_body);
  set(CURLOPT_WRITEDATA, static_cast<void*>(&state));
  set(CURLOPT_DEBUGFUNCTION, &on_debug);
  set(CURLOPT_DEBUGDATA, static_cast<void*>(&state));
  set(CURLOPT_VERBOSE, 1L);  // calls on_debug
  set(CURLOPT_XFERINFOFUNCTION, &on_progress);
  set(CURLOPT_XFERINFODATA, static_cast<void*>(&state));
  set(CURLOPT_NOPROGRESS, 0L);

  const CURLcode code = curl().easy_perform(handle);
  if (state.threw) throw std::bad_alloc();
  if (state.refused) {
    try {
      std::rethrow_exception(state.refused);
    } catch (const Failure& failure) {
      throw HttpFailure(failure.error(), !sent_before);
    }
  }
  if (code != CURLE_OK) report(code, state, url, words.data(), sent_before);
  if (!state.collector.headers_complete()) {
    fail("reply-lost", "the connection to " + url.shown + " broke within the headers of the reply", "",
         RetryClass::later, false);
  }
  long status = 0;
  curl().easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  char* next = nullptr;
  if (is_redirect(status) && curl().easy_getinfo(handle, CURLINFO_REDIRECT_URL, &next) == CURLE_OK && next != nullptr) {
    location = next;
  }
  HttpReply reply = std::move(state.collector).reply();
  reply.status = static_cast<int>(status);
  reply.url = url.shown;
  return reply;
}

void HttpClient::Parts::report(CURLcode code, const Exchange& exchange, const Url& url, std::string_view words,
                               bool sent_before) {
  // A libcurl that was built without its debug calls still counts the bytes.
  curl_off_t counted = 0;
  long count = 0;
  if (curl().easy_getinfo(handle, CURLINFO_REQUEST_SIZE, &count) == CURLE_OK) counted = count;
  const bool nothing_sent = !sent_before && exchange.sent == 0 && counted <= exchange.sent_connect;
  const std::string why =
      sys::printable_start(words.empty() ? std::string_view(curl().easy_strerror(code)) : words, 200);
  const std::string through = settings.proxy.empty() ? "" : " through the proxy " + check_proxy(settings.proxy);

  if (exchange.collector.problem() == ReplyCollector::Problem::too_large) {
    fail("reply-too-large", url.shown + " sends " + exchange.collector.what(), "if that is right, raise `max_reply`",
         RetryClass::later, nothing_sent);
  }
  if (exchange.collector.problem() == ReplyCollector::Problem::malformed) {
    fail("reply-lost", "the reply of " + url.shown + " is malformed: " + exchange.collector.what(), "",
         RetryClass::later, nothing_sent);
  }
  if (!exchange.collector.headers_complete() && is_about_our_certificate(words)) {
    const bool presented = static_cast<bool>(settings.tls_prepare);
    fail("tls-refused",
         url.shown + through +
             (presented ? " does not accept our TLS certificate: " : " wants a TLS certificate of its clients: ") + why,
         presented ? "has it expired, is it revoked, does the server know the CA that issued it, and does it allow "
                     "clientAuth?"
                   : "",
         RetryClass::later, !sent_before);
  }
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_INVALIDCERTSTATUS:
      fail("tls-untrusted", "the TLS certificate of " + url.shown + " is not trusted: " + why,
           "name the CA that issued it with `tls_ca_file`, and use the host name that it has in the certificate",
           RetryClass::never, nothing_sent);
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CIPHER:
      fail("tls-failed", "no TLS connection to " + url.shown + through + ": " + why,
           "is it an https server that speaks TLS 1.2 or later?", RetryClass::later, nothing_sent);
    case CURLE_SSL_CACERT_BADFILE:
      fail("bad-ca-file", "the CA file " + settings.tls_ca_file + " can't be used: " + why,
           "`tls_ca_file` names a file with certificates in PEM", RetryClass::never, nothing_sent);
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      if (!nothing_sent) break;  // what came back was no HTTP/1
      fail("bad-url", "libcurl can't use " + url.shown + ": " + why, "mend `url` in the profile", RetryClass::never,
           true);
    case CURLE_OUT_OF_MEMORY:
      // Also what curl says to a header line beyond its own limit.
      if (nothing_sent || exchange.collector.headers_complete()) throw std::bad_alloc();
      fail("reply-too-large", url.shown + " sends a header line that is far too long", "", RetryClass::later, false);
    case CURLE_OPERATION_TIMEDOUT:
      if (nothing_sent) break;
      fail("deadline", url.shown + through + " did not answer completely within " + in_seconds(settings.timeout),
           "raise `timeout` if the server is that slow", RetryClass::later, false);
    default: break;
  }
  if (nothing_sent) {
    fail("ca-unreachable", "no connection to " + url.shown + through + ": " + why,
         "check the address, the network, name resolution and the proxy", RetryClass::later, true);
  }
  fail("reply-lost", "no reply of " + url.shown + through + ": " + why, "", RetryClass::later, false);
}

HttpClient::HttpClient(HttpSettings settings) : parts_(std::make_unique<Parts>(std::move(settings))) {}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;

HttpReply HttpClient::send(const HttpRequest& request) {
  const HttpSettings& settings = parts_->settings;
  (void)check_proxy(settings.proxy);
  const auto deadline = Steady::now() + settings.timeout;
  std::string address = request.url;
  Url url = check_url(address);
  const std::string first_origin = url.origin;
  const bool has_login = !settings.login.user.empty();
  if (has_login && url.scheme != "https") {
    fail("bad-login", "a password is not sent to " + url.shown + ", which is no https server", "use https",
         RetryClass::never, true);
  }
  if (settings.tls_unverified && (has_login || settings.tls_prepare)) {
    fail("internal", "nothing secret is sent to a server that is not verified", "", RetryClass::never, true);
  }
  for (int redirects = 0;; ++redirects) {
    std::string location;
    HttpReply reply =
        parts_->exchange(request, url, address, url.origin == first_origin, deadline, redirects > 0, location);
    if (location.empty()) return reply;
    const auto refuse = [&](const std::string& why) {
      fail("redirect-refused", url.shown + " redirects " + why,
           "if the server has moved, put its new address into the profile", RetryClass::never, false);
    };
    Url next;
    try {
      next = check_url(location);
    } catch (const HttpFailure&) {
      refuse("to '" + sys::printable_start(location, 200) + "', which is no URL of http or https");
    }
    if (request.method != HttpMethod::get) refuse("a POST to " + next.shown);
    if (!settings.redirects_elsewhere && next.origin != first_origin) refuse("to another server, " + next.shown);
    if (redirects >= settings.max_redirects) refuse("again and again, at last to " + next.shown);
    if (url.scheme == "https" && next.scheme != "https") refuse("from https to " + next.shown);
    address = location;
    url = next;
  }
}

}  // namespace certctl::net
