// Enrollment: rows 1 to 8 of the journal. Begins, resumes and settles the one open request of a profile, and passes it
// on to the profile's next issuer when one fails (failover.hpp).
#pragma once

#include <optional>
#include <string>

#include "framework/engine/plan.hpp"
#include "framework/engine/profile_session.hpp"

namespace certctl::engine {

enum class EnrollmentEnd : int {
  activated,  // a new generation is active
  pending,    // the issuer has not decided
  waiting,    // issued and stored; activated later (not valid yet, or a hold)
  failed,     // journal().last_error says why; the next try is scheduled
};

class Enrollment {
 public:
  explicit Enrollment(ProfileSession& session) : session_(session) {}

  // A new request. Precondition: none is open. `decision.action` is enroll, renew or rekey.
  EnrollmentEnd begin(const Decision& decision);
  // Goes on with the open one, wherever it was interrupted.
  EnrollmentEnd resume();
  // Gives the open request up: its key goes to kept/. `why` is for people.
  void abandon(const std::string& kind, const std::string& why);

 private:
  struct Call;  // the enroller, its host and what it is handed
  enum class Question : int { first, in_doubt, pending, last_poll };

  // --- failover (failover_steps.cpp) ---
  EnrollmentEnd pass_on(EnrollmentEnd end, Decision decision);
  bool next_issuer(Decision& decision);
  bool settle_with_issuer(const std::string& asked, const Error& error);
  void issuer_answered();
  [[nodiscard]] bool request_is_over() const;

  EnrollmentEnd begin_at_issuer(const Decision& decision);
  EnrollmentEnd go_on();
  void require_store();
  void prepare(const Decision& decision);
  EnrollmentEnd send();
  EnrollmentEnd ask_again();
  EnrollmentEnd ask(const RecordedRequest& request, Question question);
  EnrollmentEnd take(const EnrollOutcome& outcome, bool last_poll);
  void take_issuers_key(const EnrollOutcome& outcome);
  EnrollmentEnd take_failure(const Error& error);
  EnrollmentEnd settle_issued();
  EnrollmentEnd store_answer(const StoredAnswer& answer, const KeyRef& key, const crypto::Certificate& issued,
                             const std::vector<crypto::Certificate>& chain);
  EnrollmentEnd activate();
  EnrollmentEnd refuse(const Error& why);
  [[nodiscard]] RecordedRequest recorded() const;
  [[nodiscard]] std::unique_ptr<Call> make_call(const RecordedRequest& request);
  void count();

  ProfileSession& session_;
  std::string asked_issuer_;    // hash of the one that was asked last
  bool issuer_failed_ = false;  // the failure is that issuer's: not the store's, the key's or the journal's
};

}  // namespace certctl::engine
