// The run of one enroll() or resume() call: account, order, authorizations, certificate.
#pragma once

#include "enrollers/acme/challenges.hpp"
#include "enrollers/acme/client.hpp"
#include "enrollers/acme/names.hpp"
#include "enrollers/acme/settings.hpp"
#include "enrollers/acme/transaction.hpp"
#include "enrollers/acme/transport.hpp"

#include <certctl/enroller.hpp>

#include <optional>
#include <string>
#include <vector>

namespace certctl::acme {

class Enrollment {
 public:
  // All are borrowed for the life of this object.
  Enrollment(const Settings& settings, Transport& transport, const crypto::Key& account_key,
             const EnrollRequest& request, EnrollHost& host);

  EnrollOutcome begin();
  EnrollOutcome resume(const std::string& token, ResumeReason reason);

 private:
  // Nothing: the order is to be looked at again; or the run has its outcome.
  using Ended = std::optional<EnrollOutcome>;
  struct Look {
    Order order;
    std::chrono::seconds retry_after{0};
  };

  EnrollOutcome begin_with(Transaction transaction);
  void make_request(Transaction& transaction);
  void enter(Transaction& transaction, bool again);
  [[nodiscard]] std::string order_text(const Transaction& transaction, const std::string& predecessor) const;
  [[nodiscard]] std::string predecessor();
  // Fills order_url.
  Look place_order(Transaction& transaction);
  HttpReply post_order(Transaction& transaction);
  Look look_at(const Transaction& transaction);
  Look read_order(const Transaction& transaction, const HttpReply& reply) const;

  EnrollOutcome follow(Transaction& transaction, Look look);
  Ended step(Transaction& transaction, Look& look);
  void answer_challenges(Transaction& transaction, const Order& order);
  [[nodiscard]] Identifier ours(const Transaction& transaction, const Authorization& authorization) const;
  void lay_out(Transaction& transaction, const Authorization& authorization, const Challenge& challenge);
  void withdraw(Transaction& transaction);
  Ended finalize(Transaction& transaction, Look& look);
  EnrollOutcome failed(Transaction& transaction, const Order& order);
  // Precondition: the challenge has an error.
  [[nodiscard]] Error not_proved(const Identifier& identifier, const Challenge& challenge,
                                 const std::string& how) const;
  [[nodiscard]] Error reason_of(const Order& order);

  // What the order gave (enrollment_answer.cpp).
  EnrollOutcome download(Transaction& transaction, const Order& order);
  [[nodiscard]] std::vector<std::vector<crypto::Certificate>> fetch_chains(const Order& order);
  [[nodiscard]] std::vector<crypto::Certificate> parse_chain(const HttpReply& reply) const;
  [[nodiscard]] bool preferred(const std::vector<crypto::Certificate>& chain) const;
  [[nodiscard]] std::optional<trust::TrustedSet> trusted(const std::vector<crypto::Certificate>& chain,
                                                         const Transaction& transaction, std::string* why);
  EnrollOutcome rejected(Transaction& transaction, Error reason);
  EnrollOutcome outcome_of(EnrollState state, const Transaction& transaction);

  void save(const Transaction& transaction, Checkpoint state);
  void end(Transaction& transaction);
  void warn(std::string line) { warnings_.push_back(std::move(line)); }

  const Settings& settings_;
  Transport& transport_;
  const EnrollRequest& request_;
  EnrollHost& host_;
  Client client_;
  Challenges challenges_;
  Memory memory_;
  std::vector<std::string> warnings_;
  std::string unproved_;  // what the server says of a name at which it looked in vain, and will look again
  std::chrono::milliseconds waited_{0};
  bool last_poll_ = false;
};

}  // namespace certctl::acme
