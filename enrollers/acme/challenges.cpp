#include "enrollers/acme/challenges.hpp"

#include "enrollers/acme/alpn_certificate.hpp"
#include "enrollers/acme/protocol/base64url.hpp"
#include "enrollers/acme/protocol/words.hpp"
#include "framework/crypto/der.hpp"
#include "framework/crypto/digest.hpp"
#include "framework/net/tcp_listener.hpp"
#include "framework/sys/atomic_file.hpp"
#include "framework/sys/shown_output.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <mutex>

namespace certctl::acme {
namespace {

constexpr std::chrono::seconds kConnection{10};
constexpr std::chrono::milliseconds kPortPause{500};
constexpr std::size_t kLongestRequest = 8192;

std::string file_of(const Settings& settings, const Presented& answer) {
  return settings.http_webroot + std::string(kHttpPath) + answer.token;
}

std::string record_value(const Presented& answer) {
  return base64url(crypto::sha256(crypto::bytes_of(answer.authorization)));
}

// For the web server's user, whatever our umask is. What goes wrong the file says better.
void make_public_directory(const std::filesystem::path& path) {
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored)) return;
  make_public_directory(path.parent_path());
  if (std::filesystem::create_directory(path, ignored))
    std::filesystem::permissions(path, static_cast<std::filesystem::perms>(0755), ignored);
}

// The start of a request, up to the end of its headers; the listener's deadline ends it.
std::string request_from(int socket) {
  std::string text;
  std::array<char, 1024> piece{};
  while (text.size() < kLongestRequest && text.find("\r\n\r\n") == std::string::npos) {
    const ssize_t got = ::recv(socket, piece.data(), piece.size(), 0);
    if (got <= 0) return {};
    text.append(piece.data(), static_cast<std::size_t>(got));
  }
  return text;
}

void send_all(int socket, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
}

// "GET /.well-known/acme-challenge/TOKEN HTTP/1.1"; empty: something else.
std::string token_asked(const std::string& request) {
  const std::string start = "GET " + std::string(kHttpPath);
  if (!request.starts_with(start)) return {};
  const std::size_t end = request.find(' ', start.size());
  return end == std::string::npos ? std::string() : request.substr(start.size(), end - start.size());
}

}  // namespace

// What the threads of the listeners read.
struct Challenges::Served {
  std::mutex mutex;
  std::map<std::string, std::string> authorizations;         // by token
  std::map<std::string, crypto::TlsPresented> certificates;  // by server name
  std::unique_ptr<net::TcpListener> http;
  std::unique_ptr<net::TcpListener> tls;

  void answer_http(int socket) {
    const std::string token = token_asked(request_from(socket));
    std::string body;
    {
      const std::lock_guard<std::mutex> lock(mutex);
      if (const auto it = authorizations.find(token); it != authorizations.end()) body = it->second;
    }
    send_all(socket,
             (body.empty() ? "HTTP/1.1 404 Not Found\r\n" : "HTTP/1.1 200 OK\r\n") +
                 std::string("Content-Type: application/octet-stream\r\nConnection: close\r\nContent-Length: ") +
                 std::to_string(body.size()) + "\r\n\r\n" + body);
  }

  void answer_tls(int socket) {
    std::optional<crypto::TlsPresented> found;  // stays while OpenSSL uses it
    (void)crypto::answer_handshake(
        socket, std::string(kAlpnProtocol),
        [&](const std::string& name) -> const crypto::TlsPresented* {
          const std::lock_guard<std::mutex> lock(mutex);
          const auto it = certificates.find(name);
          if (it == certificates.end()) return nullptr;
          found = it->second;
          return &*found;
        },
        kConnection);
  }
};

Challenges::Challenges(const Settings& settings, Transport& transport, Host& host)
    : settings_(settings), transport_(transport), host_(host), served_(std::make_unique<Served>()) {}

// The listeners first: their threads read the rest.
Challenges::~Challenges() {
  served_->http.reset();
  served_->tls.reset();
}

// ACME-010
const Challenge* Challenges::choose(const Authorization& authorization) const {
  const bool http = !settings_.http_webroot.empty() || settings_.http_listen;
  for (const auto& [type, here] :
       {std::pair(kHttp, http && !authorization.wildcard),
        std::pair(kTlsAlpn, settings_.tls_listen && !authorization.wildcard),
        std::pair(kDns, !settings_.dns_script.empty() && authorization.identifier.type == "dns")}) {
    if (!here) continue;
    for (const Challenge& one : authorization.challenges)
      if (one.type == type && !one.token.empty()) return &one;
  }
  return nullptr;
}

namespace {

// Another profile's run may have the port for a moment.
std::unique_ptr<net::TcpListener> listen(const sys::HostPort& at, std::chrono::seconds patience, Transport& transport,
                                         const net::TcpListener::Handler& handler) {
  for (std::chrono::milliseconds waited{0};; waited += kPortPause) {
    try {
      return std::make_unique<net::TcpListener>(at.host, at.port, kConnection, handler);
    } catch (const Failure& failure) {
      if (failure.error().retry == RetryClass::never || waited >= patience) throw;
    }
    transport.pause(kPortPause);
  }
}

}  // namespace

void Challenges::serve_http(const Presented& answer) {
  {
    const std::lock_guard<std::mutex> lock(served_->mutex);
    served_->authorizations[answer.token] = answer.authorization;
  }
  if (!served_->http)
    served_->http = listen(*settings_.http_listen, settings_.wait, transport_,
                           [served = served_.get()](int socket) { served->answer_http(socket); });
}

void Challenges::serve_tls(const Presented& answer) {
  {
    crypto::TlsPresented made = alpn_certificate(answer.identifier, answer.authorization, host_.now());
    const std::lock_guard<std::mutex> lock(served_->mutex);
    served_->certificates.insert_or_assign(alpn_server_name(answer.identifier), std::move(made));
  }
  if (!served_->tls)
    served_->tls = listen(*settings_.tls_listen, settings_.wait, transport_,
                          [served = served_.get()](int socket) { served->answer_tls(socket); });
}

// ACME-013. The name is one of the profile's, the value a hash: nothing of them is the server's own text (P12).
void Challenges::run_script(const std::string& verb, const Presented& answer) {
  const Command command{
      false, {settings_.dns_script, verb, std::string(kDnsLabel) + answer.identifier.value, record_value(answer)}};
  const CommandOutcome outcome = host_.run(command, nullptr, settings_.dns_timeout).value();
  if (!outcome.succeeded())
    throw Failure(
        "dns-script-failed",
        "dns_01: '" + settings_.dns_script + " " + verb + "': " + sys::describe_failure(outcome, settings_.dns_timeout),
        "run it by hand: " + settings_.dns_script + " " + verb + " _acme-challenge.NAME VALUE");
}

void Challenges::present(const Presented& answer) {
  if (answer.type == kDns) {
    run_script("present", answer);
    records_are_new_ = true;
  } else if (answer.type == kTlsAlpn) {
    serve_tls(answer);
  } else if (settings_.http_webroot.empty()) {
    serve_http(answer);
  } else {
    const std::string file = file_of(settings_, answer);
    make_public_directory(std::filesystem::path(file).parent_path());
    sys::WriteOptions options;
    options.mode = 0644;
    options.durable = false;
    sys::replace_file(file, answer.authorization, options);
  }
}

void Challenges::wait_for_propagation() {
  if (!records_are_new_ || settings_.dns_propagation.count() <= 0) return;
  host_.log(LogLevel::info, "waiting for the DNS: " + std::to_string(settings_.dns_propagation.count()) + " s");
  transport_.pause(settings_.dns_propagation);
  records_are_new_ = false;
}

// ACME-014
void Challenges::withdraw(const Presented& answer) noexcept {
  try {
    if (answer.type == kDns) {
      if (!settings_.dns_script.empty()) run_script("cleanup", answer);
    } else if (answer.type == kHttp && !settings_.http_webroot.empty()) {
      sys::remove_file(file_of(settings_, answer));
    } else {
      const std::lock_guard<std::mutex> lock(served_->mutex);
      served_->authorizations.erase(answer.token);
      served_->certificates.erase(alpn_server_name(answer.identifier));
    }
  } catch (const Failure& failure) {
    host_.log(LogLevel::warning, "the answer to a challenge stays: " + failure.error().message);
  } catch (const std::exception&) {
    host_.log(LogLevel::warning, "the answer to a challenge stays");
  }
}

}  // namespace certctl::acme
