// The rules: who gets a certificate, and what is in it.
#pragma once

#include "enrollers/scep/protocol/reply.hpp"
#include "enrollers/scep/protocol/request.hpp"
#include "framework/devca/authority.hpp"
#include "framework/devca/faults.hpp"
#include "framework/devca/settings.hpp"
#include "framework/devca/state.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace certctl::devca {

// A shorter key gets no certificate.
inline constexpr int kMinimalRsaBits = 1024;

// What is said to one request.
struct Decision {
  scep::PkiStatus status = scep::PkiStatus::failure;
  scep::FailInfo fail_info = scep::FailInfo::bad_request;
  std::string text;                           // failInfoText
  std::optional<crypto::Certificate> issued;  // SUCCESS
  Secret challenge;                           // for a reply to a key that cannot decrypt
  std::string http_reason;                    // like OpenXPKI: for the status line
  // for the log
  std::string signer = "self-signed";     // self-signed, issued, foreign
  std::string challenge_word = "absent";  // absent, right, wrong, used, unchecked
  bool replay = false;                    // answered from the record of the same request
};

// Names of the faults in what is decided, and in whether an answer to it comes.
std::span<const std::string_view> behaviour_faults();

class Enrollment {
 public:
  Enrollment(const ServeSettings& settings, const Authority& authority, State& state, Faults& faults, TimePoint now)
      : settings_(settings), authority_(authority), state_(state), faults_(faults), now_(now) {}

  // PKCSReq and RenewalReq. Precondition: request.problem is empty.
  Decision request(const scep::ReceivedRequest& request);
  Decision poll(const scep::ReceivedRequest& request);

  // A request of EST, whose sender is known already: the same bytes are the same request (RFC 7030 §4.2.3).
  struct Submission {
    crypto::Csr csr;
    bool renewal = false;
    bool server_key = false;                    // the CA makes the key
    std::optional<crypto::Certificate> client;  // of TLS
  };
  struct SubmissionDecision {
    Decision decision;
    std::string key_pem;  // SUCCESS, with server_key
  };
  static std::string transaction_id_of(const Submission& submission);
  SubmissionDecision submit(const Submission& submission);

 private:
  struct Signer {
    std::string word;
    bool may_renew = false;
    std::string problem;  // why not, for a signer that is no self-signed one
  };
  [[nodiscard]] Signer judge_signer(const scep::ReceivedRequest& request) const;
  [[nodiscard]] bool holds(const Transaction& transaction) const;

 public:
  // A challenge as EST has it: a password. The word for the log: right, wrong, used. A right one of one use is used up.
  [[nodiscard]] std::string judge_password(const std::string& text, const std::string& transaction_id) const;
  // All that are right, for digests.
  [[nodiscard]] std::vector<std::string> passwords() const;

 private:
  // Fills challenge_word; the text of the refusal, or nothing.
  std::optional<std::string> judge_challenge(const scep::ReceivedRequest& request, bool renewal,
                                             const std::string& transaction_id, Decision& decision) const;
  Decision request_like_openxpki(const scep::ReceivedRequest& request);
  // A renewal that comes long before the end.
  [[nodiscard]] bool is_early(const crypto::Certificate& old) const;
  void shape_like_openxpki(const Transaction& transaction, const crypto::Csr& csr, crypto::IssueSpec& spec) const;
  void revoke_others(const crypto::Certificate& issued) const;
  Decision settle(Transaction& transaction, Decision decision);
  [[nodiscard]] std::string own_url() const;
  crypto::Certificate issue(const Transaction& transaction);
  [[nodiscard]] std::optional<crypto::Certificate> latest_for(const Bytes& subject_der) const;

  const ServeSettings& settings_;
  const Authority& authority_;
  State& state_;
  Faults& faults_;
  TimePoint now_;
};

}  // namespace certctl::devca
