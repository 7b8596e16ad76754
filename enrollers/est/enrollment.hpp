// The run of one enroll() or resume() call: who authenticates it, checkpoints, and what an answer means.
#pragma once

#include "enrollers/est/settings.hpp"
#include "enrollers/est/transaction.hpp"
#include "enrollers/est/transport.hpp"

#include <certctl/enroller.hpp>

#include <optional>
#include <string>
#include <vector>

namespace certctl::est {

class Enrollment {
 public:
  // All are borrowed for the life of this object.
  Enrollment(const Settings& settings, Transport& transport, const EnrollRequest& request, EnrollHost& host);

  EnrollOutcome begin();
  EnrollOutcome resume(const std::string& token, ResumeReason reason);

 private:
  // Nothing: the next step is due; or the run has its outcome.
  using Ended = std::optional<EnrollOutcome>;

  [[nodiscard]] std::optional<TimePoint> trusted_now() const;
  trust::TrustedSet fetch_trusted_set(std::string_view remembered);
  // The set as it is now joins the one that the transaction began with.
  void renew_ca_set(Transaction& transaction);
  [[nodiscard]] bool current_authenticates(const trust::TrustedSet& trusted);
  [[nodiscard]] std::vector<Step> choose_steps(const trust::TrustedSet& trusted, bool& presents_current);
  [[nodiscard]] Access access_for(const Transaction& transaction);
  [[nodiscard]] Identity configured_identity();

  EnrollOutcome begin_with(const trust::TrustedSet& trusted);
  // Fills step, next, id and CSR.
  void make_request(Transaction& transaction, std::vector<Step> steps);
  void name(Transaction& transaction) const;
  void save(const Transaction& transaction, Checkpoint state);
  void next_step(Transaction& transaction);
  HttpReply send(const Transaction& transaction);
  EnrollOutcome climb(Transaction transaction);
  Ended try_step(Transaction& transaction);
  EnrollOutcome ask_again(Transaction& transaction);

  Ended conclude(Transaction& transaction, const HttpReply& reply);
  EnrollOutcome issued(Transaction& transaction, const HttpReply& reply);
  EnrollOutcome rejected(const Transaction& transaction, Error reason);
  void complete_ca_set(Transaction& transaction, const crypto::Certificate& certificate,
                       std::vector<crypto::Certificate>& candidates);
  EnrollOutcome outcome_of(EnrollState state, const Transaction& transaction);
  void warn(std::string line) { warnings_.push_back(std::move(line)); }
  void log_warnings();

  const Settings& settings_;
  Transport& transport_;
  const EnrollRequest& request_;
  EnrollHost& host_;
  Memory memory_;
  std::vector<crypto::Certificate> vouched_;  // CA certificates that hold beside the pin
  std::optional<crypto::Key> client_key_;     // of the configured client certificate
  std::vector<std::string> warnings_;
  bool was_in_doubt_ = false;
  bool was_pending_ = false;  // a refusal is then the CA's decision, not about the way
};

}  // namespace certctl::est
