// The run of one enroll() or resume() call: both ladders, checkpoints, and what an answer means.
#pragma once

#include "enrollers/scep/exchange.hpp"
#include "enrollers/scep/settings.hpp"
#include "enrollers/scep/transaction.hpp"
#include "enrollers/scep/transport.hpp"
#include "enrollers/scep/trust/pin.hpp"

#include <certctl/enroller.hpp>

#include <optional>
#include <string>
#include <vector>

namespace certctl::scep {

class Enrollment {
 public:
  // All are borrowed for the life of this object.
  Enrollment(const Settings& settings, Transport& transport, const EnrollRequest& request, EnrollHost& host);

  EnrollOutcome begin();
  EnrollOutcome resume(const std::string& token, ResumeReason reason);

 private:
  // The next step of the ladder is due; or the run has its outcome.
  using Ended = std::optional<EnrollOutcome>;

  void check_key(evp_pkey_st* key, const char* whose) const;
  [[nodiscard]] std::optional<TimePoint> trusted_now() const;
  [[nodiscard]] Secret challenge();
  [[nodiscard]] Secret password_for(const Transaction& transaction);
  [[nodiscard]] evp_pkey_st* signer_key(const Transaction& transaction) const;
  bool current_can_sign();
  [[nodiscard]] bool current_is_of(const std::vector<crypto::Certificate>& anchors,
                                   const std::vector<crypto::Certificate>& set) const;
  trust::TrustedSet fetch_trusted_set(std::string_view remembered);
  void renew_ca_set(Transaction& transaction);

  // Fills step, next, id, CSR and signer.
  void make_request(Transaction& transaction, std::vector<Step> steps);
  [[nodiscard]] crypto::Certificate self_signed_for(const Transaction& transaction, const crypto::Key& key,
                                                    crypto::Digest digest) const;
  void save(const Transaction& transaction, Checkpoint state);

  EnrollOutcome climb(Transaction transaction);
  Ended try_step(Transaction& transaction);
  Ended settle(Transaction& transaction);
  Ended poll_in_doubt(Transaction& transaction);
  EnrollOutcome poll(Transaction& transaction);
  Answer send_request(const Transaction& transaction);
  Answer send_poll(const Transaction& transaction);

  Ended conclude(Transaction& transaction, Answer& answer);
  EnrollOutcome issued(Transaction& transaction, Reply& reply);
  EnrollOutcome rejected(const Transaction& transaction, const Answer& answer, bool more_steps);
  EnrollOutcome outcome_of(EnrollState state, const Transaction& transaction);
  void warn(std::string line) { warnings_.push_back(std::move(line)); }

  const Settings& settings_;
  Transport& transport_;
  const EnrollRequest& request_;
  EnrollHost& host_;
  Exchange exchange_;
  Memory memory_;
  std::vector<crypto::Certificate> vouched_;  // CA certificates that hold beside the pin
  std::optional<Secret> challenge_;
  std::vector<std::string> warnings_;
  bool was_in_doubt_ = false;
};

}  // namespace certctl::scep
