// Enrollment, what happens between a profile's issuers: whether a failure passes the request on, and to whom.
#include <algorithm>

#include "framework/config/profile_hash.hpp"
#include "framework/engine/enrollment.hpp"
#include "framework/engine/failover.hpp"
#include "framework/engine/retry.hpp"
#include "framework/engine/words.hpp"

namespace certctl::engine {

bool Enrollment::request_is_over() const {
  return session_.plan_input({}, false).request_ends <= session_.now();
}

// It is reachable and trusted, whatever it said: its failures are no row any more.
void Enrollment::issuer_answered() {
  const auto it = session_.journal().issuers.find(asked_issuer_);
  if (it != session_.journal().issuers.end()) it->second.failures = 0;
}

// Ends the request that failed, if nothing of it is open at the issuer, and notes the failure. Returns whether the
// issuer was set aside.
bool Enrollment::settle_with_issuer(const std::string& asked, const Error& error) {
  Journal& journal = session_.journal();
  const RequestPhase phase = journal.request.phase;
  const bool answer_possible = phase == RequestPhase::sent || phase == RequestPhase::pending;
  const bool over = answer_possible && request_is_over();
  if (answer_possible && !over) return false;
  if (journal.request.open() && !answer_possible && phase != RequestPhase::prepared) return false;

  const PlanInput facts = session_.plan_input({}, false);
  const EpochSeconds judge = session_.clock_trusted() ? session_.now() : session_.floor();
  const bool serviceable = facts.active && facts.active->whole && facts.active->not_after > judge;
  IssuerRecord& record = journal.issuers[asked];
  ++record.failures;
  const bool ended = over || error.code == "gave-up";
  const auto aside = ended ? kAsideAfterRefusal : aside_after(error, record.failures, serviceable);
  if (!aside) {
    session_.commit();
    return false;
  }
  record.failures = 0;
  record.aside_until = session_.now() + aside->count();
  record.configuration_hash = facts.configuration_hash;
  record.why = ErrorRecord{error, session_.now()};
  if (over) {
    abandon(phase == RequestPhase::sent ? "in-doubt" : "given-up",
            "there was no answer within " + say_duration(session_.now() - journal.request.since) +
                ", and the profile has other issuers");
  }
  return true;
}

bool Enrollment::next_issuer(Decision& decision) {
  Journal& journal = session_.journal();
  const auto& hashes = session_.issuer_hashes();
  if (hashes.size() < 2 || !issuer_failed_ || !journal.last_error) return false;
  const auto asked = std::find(hashes.begin(), hashes.end(), asked_issuer_);
  if (asked == hashes.end() || session_.context().stopping()) return false;
  const Error error = journal.last_error->error;
  if (!settle_with_issuer(*asked, error)) return false;

  std::erase_if(journal.issuers,
                [&](const auto& one) { return std::find(hashes.begin(), hashes.end(), one.first) == hashes.end(); });
  const std::size_t next = session_.next_issuer();
  const auto record = journal.issuers.find(hashes[next]);
  const bool all_failed =
      record != journal.issuers.end() &&
      is_aside(record->second, session_.now(), config::hash_profile(session_.profile()).configuration);
  // Its time decides, however long the last one of them wants to be left alone.
  if (all_failed) journal.attempts.next_try = std::min(journal.attempts.next_try, record->second.aside_until);
  if (all_failed || attempts_today(journal.attempts, session_.now()) >= kAttemptsPerDay) {
    session_.commit();
    return false;
  }
  // It never left: what is prepared anew is for the other issuer.
  if (journal.request.phase == RequestPhase::prepared) {
    if (recorded().key_is_current) {
      session_.state().clear_transaction();
    } else {
      session_.state().clear_transaction_but_key();
    }
    journal.request = RequestRecord{};
  }
  journal.attempts.failures = 0;
  journal.attempts.next_try = 0;
  session_.commit();
  session_.log(LogLevel::warning, session_.issuer_text(static_cast<std::size_t>(asked - hashes.begin())) +
                                      " is set aside until " + say_time(journal.issuers[*asked].aside_until) +
                                      "; asking " + session_.issuer_text(next));
  shape_for_issuer(session_.plan_input({}, false), decision);
  return true;
}

EnrollmentEnd Enrollment::pass_on(EnrollmentEnd end, Decision decision) {
  while (end == EnrollmentEnd::failed && next_issuer(decision)) {
    issuer_failed_ = false;
    end = begin_at_issuer(decision);
  }
  return end;
}

}  // namespace certctl::engine
