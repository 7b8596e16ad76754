// Enrollment: rows 1 to 8 of the journal. Begins, resumes and settles the one open request of a profile.
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

  void require_store();
  void prepare(const Decision& decision);
  EnrollmentEnd send();
  EnrollmentEnd ask_again();
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
};

}  // namespace certctl::engine
