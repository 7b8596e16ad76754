#include "framework/crypto/tls_client.hpp"

#include "framework/crypto/display.hpp"
#include "framework/crypto/error_fence.hpp"
#include "framework/crypto/ossl_ptr.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <new>

namespace certctl::crypto {
namespace {

// A handshake is some ten KiB; OpenSSL's own limit of what certificates may take is below this.
constexpr std::size_t kMaxHandshakeBytes = 256U << 10U;
constexpr long kMaxCertificateListBytes = 100L << 10U;
constexpr std::size_t kMaxServerName = 255;
constexpr std::size_t kMaxProtocolName = 255;
constexpr std::size_t kMaxProtocols = 16;

using SslContextPtr = OsslPtr<SSL_CTX, &SSL_CTX_free>;
using SslPtr = OsslPtr<SSL, &SSL_free>;

// Everything is compared by the caller; a chain of the peer's choice is not even built.
int accept_any(X509_STORE_CTX*, void*) {
  return 1;
}

const char* ciphers_for(const std::optional<PublicKeyType>& type) {
  if (type == PublicKeyType::rsa) return "aRSA:!eNULL:@SECLEVEL=0";
  if (type == PublicKeyType::ec) return "aECDSA:!eNULL:@SECLEVEL=0";
  return "ALL:!aNULL:!eNULL:@SECLEVEL=0";
}

const char* signatures_for(const std::optional<PublicKeyType>& type) {
  if (type == PublicKeyType::rsa) {
    return "rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:rsa_pss_rsae_sha512:RSA+SHA256:RSA+SHA384:RSA+SHA512:RSA+SHA1";
  }
  if (type == PublicKeyType::ec) return "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ECDSA+SHA1";
  return nullptr;
}

std::string wire_form(const std::vector<std::string>& protocols) {
  if (protocols.size() > kMaxProtocols) throw Failure::never("bad-option", "too many ALPN protocols");
  std::string wire;
  for (const std::string& name : protocols) {
    if (name.empty() || name.size() > kMaxProtocolName)
      throw Failure::never("bad-option", "an ALPN protocol is a name of 1 to 255 characters");
    wire += static_cast<char>(name.size());
    wire += name;
  }
  return wire;
}

void require(bool succeeded, const char* what) {
  if (!succeeded) throw Failure("tls-failed", std::string("cannot prepare TLS: ") + what + ": " + drain_errors());
}

SslContextPtr make_context(const TlsOffer& offer) {
  SslContextPtr context(SSL_CTX_new(TLS_client_method()));
  require(context != nullptr, "context");
  // The system's own policy is for connections that are trusted; here an old server must be seen too.
  require(SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) == 1 &&
              SSL_CTX_set_max_proto_version(context.get(), 0) == 1,
          "versions");
  SSL_CTX_set_options(
      context.get(), SSL_OP_LEGACY_SERVER_CONNECT | SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_max_cert_list(context.get(), kMaxCertificateListBytes);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_cert_verify_callback(context.get(), &accept_any, nullptr);
  require(SSL_CTX_set_cipher_list(context.get(), ciphers_for(offer.key_type)) == 1, "ciphers");
  if (const char* signatures = signatures_for(offer.key_type))
    require(SSL_CTX_set1_sigalgs_list(context.get(), signatures) == 1, "signatures");
  return context;
}

// The server's signature over this very handshake has been checked, though the handshake did not end well: so ends
// TLS 1.2 with a server that wants a client certificate.
bool key_was_proved(const SSL* ssl) {
  const SSL_CIPHER* const cipher = SSL_get_current_cipher(ssl);
  return cipher != nullptr && SSL_version(ssl) == TLS1_2_VERSION && SSL_CIPHER_get_kx_nid(cipher) != NID_kx_rsa &&
         SSL_get_state(ssl) == TLS_ST_CW_FINISHED;
}

}  // namespace

struct TlsClient::Session {
  SslContextPtr context;
  SslPtr ssl;
  BIO* from_peer = nullptr;  // owned by ssl
  BIO* to_peer = nullptr;    // owned by ssl
};

TlsClient::TlsClient(const TlsOffer& offer) : session_(std::make_unique<Session>()) {
  const ErrorFence fence;
  if (offer.server_name.size() > kMaxServerName || offer.server_name.find('\0') != std::string::npos)
    throw Failure::never("bad-option", "a server name has at most 255 characters");
  const std::string protocols = wire_form(offer.alpn);
  session_->context = make_context(offer);
  session_->ssl.reset(SSL_new(session_->context.get()));
  SSL* const ssl = session_->ssl.get();
  require(ssl != nullptr, "session");
  BioPtr in(BIO_new(BIO_s_mem()));
  BioPtr out(BIO_new(BIO_s_mem()));
  require(in != nullptr && out != nullptr, "buffers");
  BIO_set_mem_eof_return(in.get(), -1);  // empty: more will come
  session_->from_peer = in.get();
  session_->to_peer = out.get();
  SSL_set_bio(ssl, in.release(), out.release());
  if (!offer.server_name.empty()) require(SSL_set_tlsext_host_name(ssl, offer.server_name.c_str()) == 1, "server name");
  if (!protocols.empty()) {
    require(SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(protocols.data()),
                                static_cast<unsigned>(protocols.size())) == 0,
            "protocols");
  }
  SSL_set_connect_state(ssl);
  go_on();
}

TlsClient::~TlsClient() = default;

Bytes TlsClient::output() {
  const ErrorFence fence;
  Bytes bytes(BIO_ctrl_pending(session_->to_peer));
  if (bytes.empty()) return bytes;
  const int size = BIO_read(session_->to_peer, bytes.data(), static_cast<int>(bytes.size()));
  bytes.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return bytes;
}

void TlsClient::receive(BytesView bytes) {
  if (state_ != TlsState::going_on || bytes.empty()) return;
  const ErrorFence fence;
  received_ += bytes.size();
  if (received_ > kMaxHandshakeBytes) {
    state_ = TlsState::failed;
    problem_ = "sends more than a handshake can need";
    return;
  }
  if (BIO_write(session_->from_peer, bytes.data(), static_cast<int>(bytes.size())) != static_cast<int>(bytes.size()))
    throw std::bad_alloc();
  go_on();
}

void TlsClient::peer_closed() {
  if (state_ != TlsState::going_on) return;
  const ErrorFence fence;
  closed_ = true;
  BIO_set_mem_eof_return(session_->from_peer, 0);
  go_on();
}

// Precondition: the caller has an ErrorFence.
void TlsClient::go_on() {
  ERR_clear_error();
  SSL* const ssl = session_->ssl.get();
  const int result = SSL_do_handshake(ssl);
  if (result == 1) {
    take_certificates();
    return;
  }
  const int error = SSL_get_error(ssl, result);
  if (!closed_ && (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)) return;
  if (key_was_proved(ssl)) {
    take_certificates();
  } else {
    fail_with_queue();
  }
}

void TlsClient::fail_with_queue() {
  state_ = TlsState::failed;
  const unsigned long code = ERR_peek_error();
  const int reason = ERR_GET_LIB(code) == ERR_LIB_SSL ? ERR_GET_REASON(code) : 0;
  switch (reason) {
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_WRONG_SSL_VERSION:
    case SSL_AD_REASON_OFFSET + SSL_AD_PROTOCOL_VERSION: problem_ = "speaks only a version of TLS before 1.2"; return;
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST: problem_ = "does not speak TLS"; return;
    case SSL_AD_REASON_OFFSET + SSL_AD_UNRECOGNIZED_NAME: problem_ = "refuses the server name"; return;
    case SSL_AD_REASON_OFFSET + SSL_AD_NO_APPLICATION_PROTOCOL:
      problem_ = "refuses the application protocols that are offered";
      return;
    case SSL_AD_REASON_OFFSET + SSL_AD_HANDSHAKE_FAILURE:
    case SSL_AD_REASON_OFFSET + SSL_AD_INSUFFICIENT_SECURITY:
    case SSL_R_WRONG_SIGNATURE_TYPE:
    case SSL_R_WRONG_CERTIFICATE_TYPE:
    case SSL_R_WRONG_CIPHER_RETURNED: offer_refused_ = true; break;
    default: break;
  }
  if (closed_ && (code == 0 || reason == SSL_R_UNEXPECTED_EOF_WHILE_READING)) {
    problem_ = received_ == 0 ? "closes the connection without an answer" : "closes the connection in the handshake";
    return;
  }
  problem_ = "refuses the handshake (" + first_openssl_error() + ")";
}

void TlsClient::take_certificates() {
  const STACK_OF(X509)* const chain = SSL_get_peer_cert_chain(session_->ssl.get());
  try {
    for (int i = 0; i < sk_X509_num(chain); ++i) {
      certificates_.push_back(Certificate::from_x509(sk_X509_value(chain, i)));
    }
  } catch (const Failure& failure) {
    state_ = TlsState::failed;
    problem_ = "presents something else than certificates: " + failure.error().message;
    return;
  }
  state_ = certificates_.empty() ? TlsState::failed : TlsState::presented;
  if (certificates_.empty()) problem_ = "presents no certificate";
}

Bytes TlsClient::farewell(std::string_view last_words) {
  const ErrorFence fence;
  SSL* const ssl = session_->ssl.get();
  if (state_ != TlsState::presented || SSL_is_init_finished(ssl) != 1) return {};
  ERR_clear_error();
  if (!last_words.empty() && SSL_write(ssl, last_words.data(), static_cast<int>(last_words.size())) <= 0) return {};
  SSL_shutdown(ssl);
  return output();
}

}  // namespace certctl::crypto
