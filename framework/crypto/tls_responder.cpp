#include "framework/crypto/tls_responder.hpp"

#include "framework/crypto/error_fence.hpp"
#include "framework/crypto/ossl_ptr.hpp"

#include <openssl/ssl.h>

#include <fcntl.h>
#include <poll.h>

#include <algorithm>

namespace certctl::crypto {
namespace {

using SslContextPtr = OsslPtr<SSL_CTX, &SSL_CTX_free>;
using SslPtr = OsslPtr<SSL, &SSL_free>;

struct Wanted {
  const std::string& protocol;
  const std::function<const TlsPresented*(const std::string&)>& find;
};

// RFC 7301 §3.1: names, each after its length.
int choose_protocol(SSL* /*ssl*/, const unsigned char** out, unsigned char* out_length, const unsigned char* offered,
                    unsigned length, void* argument) {
  const std::string& protocol = static_cast<const Wanted*>(argument)->protocol;
  for (unsigned at = 0; at < length; at += 1U + offered[at]) {
    const unsigned size = offered[at];
    if (size > length - at - 1) break;
    if (protocol.compare(0, std::string::npos, reinterpret_cast<const char*>(offered + at + 1), size) != 0) continue;
    *out = offered + at + 1;
    *out_length = static_cast<unsigned char>(size);
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

int choose_certificate(SSL* ssl, void* argument) {
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (name == nullptr) return 0;
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  const TlsPresented* presented = static_cast<const Wanted*>(argument)->find(lower);
  return presented != nullptr && SSL_use_certificate(ssl, presented->certificate.get()) == 1 &&
                 SSL_use_PrivateKey(ssl, presented->key.get()) == 1
             ? 1
             : 0;
}

}  // namespace

bool answer_handshake(int socket, const std::string& protocol,
                      const std::function<const TlsPresented*(const std::string& server_name)>& find,
                      std::chrono::milliseconds deadline) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point end = Clock::now() + deadline;
  const ErrorFence fence;
  const int flags = ::fcntl(socket, F_GETFL);
  if (flags < 0 || ::fcntl(socket, F_SETFL, flags | O_NONBLOCK) != 0) return false;
  Wanted wanted{protocol, find};
  const SslContextPtr context(SSL_CTX_new(TLS_server_method()));
  if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1) return false;
  SSL_CTX_set_alpn_select_cb(context.get(), &choose_protocol, &wanted);
  SSL_CTX_set_cert_cb(context.get(), &choose_certificate, &wanted);
  const SslPtr ssl(SSL_new(context.get()));
  if (!ssl || SSL_set_fd(ssl.get(), socket) != 1) return false;
  for (;;) {
    const int result = SSL_accept(ssl.get());
    if (result == 1) {
      (void)SSL_shutdown(ssl.get());
      return true;
    }
    const int why = SSL_get_error(ssl.get(), result);
    if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) return false;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
    if (left <= 0) return false;
    pollfd ready{socket, static_cast<short>(why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT), 0};
    (void)::poll(&ready, 1, static_cast<int>(left));
  }
}

}  // namespace certctl::crypto
