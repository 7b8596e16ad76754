// The client's side of a TLS handshake, over bytes in memory: it opens no socket, waits for nothing and sends nothing
// itself. It is there to see which certificates a server presents, and that the server has their key; it trusts none
// of them, and nothing is ever sent through it but a farewell. TLS 1.2 and 1.3.
//
// One object on one thread. Its own static library (certctl_tls), so that only who asks servers loads libssl.
#pragma once

#include "framework/crypto/certificate.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace certctl::crypto {

struct TlsOffer {
  std::string server_name;                // SNI, a DNS name; empty: none is sent
  std::vector<std::string> alpn;          // names of protocols; empty: none
  std::optional<PublicKeyType> key_type;  // only certificates with such a key are asked for (rsa, ec); nothing: any
};

enum class TlsState : int {
  going_on,   // wants bytes of the peer
  presented,  // the server has presented its certificates and proved that it has the key
  failed,     // problem() says why
};

class TlsClient {
 public:
  // Failure bad-option (never) for a name that cannot be sent.
  explicit TlsClient(const TlsOffer& offer);
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  // What is to be sent now; empty: nothing.
  [[nodiscard]] Bytes output();
  // What the peer sent; more than a handshake can need makes it fail.
  void receive(BytesView bytes);
  // The peer sends no more.
  void peer_closed();

  [[nodiscard]] TlsState state() const noexcept { return state_; }
  // For people, without the peer's name: "refuses the handshake (…)".
  [[nodiscard]] const std::string& problem() const noexcept { return problem_; }
  // failed, because the server has nothing that fits the offer: without `key_type` it may present something.
  [[nodiscard]] bool offer_refused() const noexcept { return offer_refused_; }
  // In the server's order, its own first; never empty. Precondition: presented.
  [[nodiscard]] const std::vector<Certificate>& certificates() const noexcept { return certificates_; }
  // Last words to the server (encrypted) and TLS's own end, to be sent; empty when the handshake is not complete.
  [[nodiscard]] Bytes farewell(std::string_view last_words);

 private:
  struct Session;
  void go_on();
  void fail_with_queue();
  void take_certificates();

  std::unique_ptr<Session> session_;
  TlsState state_ = TlsState::going_on;
  std::string problem_;
  bool offer_refused_ = false;
  bool closed_ = false;
  std::size_t received_ = 0;
  std::vector<Certificate> certificates_;
};

}  // namespace certctl::crypto
