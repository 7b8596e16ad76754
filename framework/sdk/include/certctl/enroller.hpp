// Enroller: speaks one protocol to one issuer.
//
// Life: constructed with its options (the constructor validates and has no outside effect) → one or more calls →
// destroyed. One instance serves one profile on one thread. A call may take as long as the options' total deadline
// allows; it never sleeps to retry.
#pragma once

#include <certctl/host.hpp>
#include <certctl/types.hpp>

#include <optional>
#include <string>
#include <vector>

struct evp_pkey_st;  // OpenSSL's EVP_PKEY; the SDK includes no OpenSSL header

namespace certctl {

// Where the open request stands, told with each checkpoint.
enum class Checkpoint : int {
  about_to_send,  // the token is complete; the next thing that happens is that bytes leave
  not_sent,       // nothing left after all (no connection at all): the request is not in doubt
  awaiting,       // the server accepted the request and handed out what resume() needs
};

// A Host that can also make the open request durable.
class EnrollHost : public Host {
 public:
  // Stores what resume() needs (at most 64 KiB, no private key: CSR, signer certificate, transaction ID, CA set, ladder
  // step). Returns when it is on disk; a crash at any later instant leads to resume() with this token. Call it before
  // the first byte on which the CA can act leaves, and whenever the server hands out a handle. On error nothing may be
  // sent.
  [[nodiscard]] virtual Result<void> checkpoint(const std::string& token, Checkpoint state,
                                                const std::string& transaction_id) noexcept = 0;

 protected:
  ~EnrollHost() = default;
};

enum class EnrollAction : int {
  enroll,  // first certificate, or one whose identity changed: authenticate as the options say (challenge)
  renew,   // authenticate with the current credential; same or new key, whichever is in `key`
};

struct EnrollRequest {
  EnrollAction action = EnrollAction::enroll;
  CertificateRequest wanted;            // what the profile asks for
  evp_pkey_st* key = nullptr;           // the request's key; borrowed for the call
  bool key_is_current = false;          // `key` is also the key of `current` (rotate: never)
  const Credential* current = nullptr;  // the credential in service, if any; borrowed
  evp_pkey_st* current_key = nullptr;   // its key; borrowed; null exactly when `current` is
  bool current_usable = false;          // not expired, not known to be revoked
  std::string memory;                   // what the last result for this issuer identity asked to remember (<= 1 KiB)
  std::chrono::seconds signer_lifetime{0};  // how long a self-signed signer certificate must live
  // PEM of CA certificates that hold beside the configured pin: announced by the CA in service, or accepted by the
  // operator.
  std::vector<std::string> vouched_pem;
};

// Why resume() is called.
enum class ResumeReason : int {
  pending,    // the server said so; poll
  in_doubt,   // sent, and no valid answer known: settle what became of it
  last_poll,  // give_up has passed: one last poll, nothing new is sent
};

enum class EnrollState : int { issued, pending, rejected };

struct EnrollOutcome {
  EnrollState state = EnrollState::rejected;
  // issued: PEM of the certificate and everything that came with it or was fetched before. The enroller has verified
  // the message; the engine verifies the certificate against `anchors_pem`.
  std::string certificate_pem;
  std::vector<std::string> ca_set_pem;   // candidates for the chain, unordered
  std::vector<std::string> anchors_pem;  // those of the set that the pin vouches for
  bool self_signed_request = false;      // the request was signed by a self-signed certificate, not by `current`
  // pending
  std::string transaction_id;
  std::optional<std::chrono::seconds> poll_after;  // the server's own hint
  // rejected: the protocol's own reason
  Error reason;
  // all
  std::string display;                // one line for status: "transaction 4F…, step PKCSReq with challenge"
  std::vector<std::string> warnings;  // lines for people
  std::optional<std::string> memory;  // <= 1 KiB, given back with the next request to the same issuer identity
  // issued: the private key in PEM, when the issuer made it itself (EST /serverkeygen); the certificate carries it, and
  // EnrollRequest::key has only signed the request. It is in no token: what is lost on its way is lost.
  Secret key_pem;
};

// The CA set as fetched: for `certctl ca show|fetch`.
struct TrustAnchors {
  std::vector<std::string> ca_set_pem;
  std::vector<std::string> anchors_pem;   // those that the configured pin vouches for; empty: the pin does not match
  std::string pin_problem;                // why anchors_pem is empty
  std::vector<std::string> capabilities;  // the server's own words
};

// --- what an author derives from ------------------------------------------------------------------------------------
// Members throw Failure. A Failure after checkpoint(about_to_send) leaves the request in doubt unless
// checkpoint(not_sent) followed.

class Enroller {
 public:
  virtual ~Enroller() = default;
  virtual EnrollOutcome enroll(const EnrollRequest& request, EnrollHost& host) = 0;
  // `token` is the last checkpoint. Serves pending and in doubt.
  virtual EnrollOutcome resume(const EnrollRequest& request, const std::string& token, ResumeReason reason,
                               EnrollHost& host) = 0;
};

// May: derive from these in addition.
class FetchesTrustAnchors {
 public:
  // `vouched_pem` as in EnrollRequest.
  virtual TrustAnchors fetch_trust_anchors(const std::vector<std::string>& vouched_pem, Host& host) = 0;

 protected:
  ~FetchesTrustAnchors() = default;
};
class FetchesNextAnchors {
 public:
  // Rollover certificates, verified against the current CA.
  virtual std::vector<std::string> fetch_next_anchors(const std::vector<std::string>& current_ca_set_pem,
                                                      const std::vector<std::string>& vouched_pem, Host& host) = 0;

 protected:
  ~FetchesNextAnchors() = default;
};
class FetchesCertificate {
 public:
  // serial: hex. Returns the certificate in PEM.
  virtual std::string fetch_certificate(const std::string& serial, const EnrollRequest& request, Host& host) = 0;

 protected:
  ~FetchesCertificate() = default;
};
class FetchesCrl {
 public:
  // Returns the CRL in DER.
  virtual Bytes fetch_crl(const EnrollRequest& request, Host& host) = 0;

 protected:
  ~FetchesCrl() = default;
};
class Revokes {
 public:
  virtual void revoke(const EnrollRequest& request, int reason, Host& host) = 0;

 protected:
  ~Revokes() = default;
};
// When the issuer wants a credential to be renewed (ACME renewal information, RFC 9773).
struct RenewalWindow {
  TimePoint from{};
  TimePoint until{};                  // not before `from`
  std::chrono::seconds ask_again{0};  // the issuer's own interval (Retry-After); 0: it said none
};
class SuggestsRenewalWindow {
 public:
  virtual RenewalWindow renewal_window(const Credential& current, Host& host) = 0;

 protected:
  ~SuggestsRenewalWindow() = default;
};

}  // namespace certctl
