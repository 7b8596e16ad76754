#include "framework/engine/run.hpp"

#include <algorithm>
#include <array>
#include <thread>

#include "framework/config/profile_hash.hpp"
#include "framework/engine/delivery_run.hpp"
#include "framework/engine/enrollment.hpp"
#include "framework/engine/notify.hpp"
#include "framework/engine/renewal_window.hpp"
#include "framework/engine/words.hpp"

namespace certctl::engine {
namespace {

// Runs `body` and turns what it throws into a report.
template <class Body>
RunReport reported(const config::Profile& profile, Body&& body) noexcept {
  RunReport report;
  report.profile = profile.name;
  try {
    body(report);
  } catch (const Failure& failure) {
    report.error = failure.error();
    report.exit = worse(report.exit, failure.error().code == "busy" ? ExitState::busy : ExitState::failed);
    report.summary = failure.error().message;
  } catch (const std::exception& exception) {
    report.error =
        Error{"internal", exception.what(), "this is a defect of certctl; please report it", RetryClass::later, {}};
    report.exit = ExitState::failed;
    report.summary = exception.what();
  }
  return report;
}

bool work_owed(const Journal& journal) {
  const auto in_debt = [](const auto& target) { return target.second.state == TargetState::debt; };
  const auto success_hook = [](const HookDebt& debt) { return debt.event == "delivered"; };
  return std::any_of(journal.targets.begin(), journal.targets.end(), in_debt) ||
         std::any_of(journal.hook_debts.begin(), journal.hook_debts.end(), success_hook);
}

// The state after the run, from facts alone.
void conclude(ProfileSession& session, RunReport& report) {
  const PlanInput facts = session.plan_input({}, true);
  const Decision next = plan(facts);
  const Journal& journal = session.journal();
  report.generation = session.active() ? session.active()->number : 0;
  const auto add = [&](ExitState state) { report.exit = worse(report.exit, state); };

  if (journal.last_error) {
    add(ExitState::failed);
    if (!report.error) report.error = journal.last_error->error;
  }
  if (next.blocked == "clock-untrusted" || next.blocked == "store-moved" || next.blocked == "backing-off") {
    add(ExitState::failed);
    if (!report.error) {
      report.error = Error{next.blocked, next.blocked_sentence, "", RetryClass::later, {}};
    }
  }
  if (session.active() && !session.active()->whole) {
    // What could not be read was not delivered.
    add(ExitState::failed);
    if (!report.error) {
      report.error = Error{
          "store-broken",
          "generation " + std::to_string(session.active()->number) + " cannot be used: " + session.active()->problem,
          "the next run looks again, and replaces it if that stays so",
          RetryClass::later,
          {}};
    }
  }
  for (const auto& target : facts.targets) {
    if (target.present == Present::unreadable) session.log(LogLevel::warning, target.name + ": " + target.detail);
  }
  if (session.rollover_damage()) {
    add(ExitState::failed);
    if (!report.error) report.error = session.rollover_damage();
  }
  if (work_owed(journal)) {
    add(ExitState::debt);
    for (const auto& [name, target] : journal.targets) {
      if (target.state == TargetState::debt && target.failed_itself && target.error && !report.error) {
        report.error = target.error;
        report.error->message = name + ": " + report.error->message;
      }
    }
  }
  const RequestPhase phase = journal.request.phase;
  if (journal.request.open()) add(ExitState::pending);

  if (report.error) {
    report.summary = report.error->message;
  } else if (phase == RequestPhase::pending) {
    report.summary = "transaction " + journal.request.transaction_id + ": next poll " +
                     say_time(journal.request.next_poll) +
                     "; an operator of the CA has to approve it, or the challenge is wrong: correct it and run `renew "
                     "--new-request`";
  } else if (!next.blocked.empty()) {
    report.summary = next.blocked_sentence;
  } else if (report.renewed) {
    report.summary = "generation " + std::to_string(report.generation) + " is active" +
                     (facts.targets.empty() ? "; " : " and delivered; ") + next.sentence;
  } else {
    const bool waits = next.due(session.now()) || journal.request.open();
    report.summary = waits ? next.sentence : "nothing to do: " + next.sentence;
  }
}

void greet(ProfileSession& session) {
  if (!session.journal_damage().empty()) {
    session.log(LogLevel::error,
                "the journal was damaged (" + session.journal_damage() +
                    "); it was made anew from the open request's files, the old one is kept beside it");
  }
  if (session.was_interrupted()) session.log(LogLevel::warning, "the run before this one was interrupted");
}

// A prepared request that never left and no longer says what the profile says is made anew; its key stays.
void drop_stale_preparation(ProfileSession& session) {
  Journal& journal = session.journal();
  if (journal.request.phase != RequestPhase::prepared) return;
  const auto text = session.state().request();
  if (text) {
    std::optional<RecordedRequest> recorded;
    try {
      recorded = recorded_request_from_text(*text);
    } catch (const Failure& failure) {
      session.log(LogLevel::warning, failure.error().message + "; it was not sent yet, and is made anew");
    }
    // With several issuers: of the one that a new request goes to.
    if (recorded && recorded->request_hash == config::request_hash(session.profile(), session.next_issuer())) return;
    if (recorded && recorded->key_is_current) {
      session.state().clear_transaction();
    } else {
      session.state().clear_transaction_but_key();
    }
  }
  journal.request = RequestRecord{};
  session.commit();
}

void sleep_until(const ProfileSession& session, EpochSeconds until, std::chrono::steady_clock::time_point deadline) {
  while (session.now() < until && std::chrono::steady_clock::now() < deadline && !session.context().stopping()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
}

// Abandons what the operator no longer wants; an answer that is in hand is settled instead.
void apply_wishes(ProfileSession& session, const Wishes& wishes) {
  Journal& journal = session.journal();
  if (wishes.reset_attempts) {
    clear_attempts(journal.attempts);
    journal.issuers.clear();
    session.commit();
  }
  if (wishes.new_request && journal.request.open()) {
    const RequestPhase phase = journal.request.phase;
    if (phase == RequestPhase::prepared || phase == RequestPhase::sent || phase == RequestPhase::pending) {
      const bool in_doubt = phase == RequestPhase::sent;
      Enrollment(session).abandon(in_doubt ? "in-doubt" : "abandoned", "a new request was asked for");
    }
  }
}

// An attempt that failed while nothing was due (`renew --force`), and whose back-off is over, is owed to nobody:
// without this, the exit code would say "failed" until the certificate's age brings the next attempt, months later.
void forget_what_nobody_owes(ProfileSession& session) {
  Journal& journal = session.journal();
  if (!journal.last_error || journal.request.open()) return;
  const Decision next = plan(session.plan_input({}, false));
  const bool good = next.reason == "expiring" && next.blocked.empty() && !next.due(session.now());
  if (!good || !journal.refused_drift.empty()) return;
  if (next_attempt(journal.attempts, session.now(), false, false) > session.now()) return;
  journal.last_error.reset();
  journal.request = RequestRecord{};
  session.commit();
}

// latest.* lead to the active generation, whatever somebody did to them (P1). Nothing is written when they do.
void mend_store(ProfileSession& session, RunReport& report) {
  const auto& active = session.active();
  if (!active || !active->whole || session.journal().active != active->number) return;
  try {
    session.store().call(&StoreApi::activate, active->number);
  } catch (const Failure& failure) {
    session.log(LogLevel::error, failure.error().message);
    report.error = failure.error();
    report.exit = worse(report.exit, ExitState::failed);
  }
}

// One decision and what follows from it. Returns whether a new generation became active.
EnrollmentEnd act(ProfileSession& session, const Decision& decision) {
  Enrollment enrollment(session);
  return decision.action == Action::resume ? enrollment.resume() : enrollment.begin(decision);
}

void run_request(ProfileSession& session, const RunRequest& request, RunReport& report) {
  const auto deadline = std::chrono::steady_clock::now() + request.wait.value_or(std::chrono::seconds(0));
  Wishes wishes = request.wishes;
  for (;;) {
    if (session.context().stopping()) return;
    const Decision decision = plan(session.plan_input(wishes, false));
    if (!decision.due(session.now())) {
      // What stands in the way of something that was asked for is an answer, not silence.
      const bool asked = wishes.force || wishes.rekey || wishes.new_request;
      if (asked && (decision.blocked == "clock-untrusted" || decision.blocked == "backing-off")) {
        report.exit = worse(report.exit, ExitState::failed);
        report.error = Error{decision.blocked, decision.blocked_sentence, "", RetryClass::later, {}};
      }
      const bool waits = session.journal().request.phase == RequestPhase::pending;
      if (!waits || !request.wait || std::chrono::steady_clock::now() >= deadline) return;
      sleep_until(session, decision.at, deadline);
      if (session.now() < decision.at) return;
      continue;
    }
    session.log(LogLevel::info, std::string(action_word(decision.action)) + ": " + decision.sentence);
    const EnrollmentEnd end = act(session, decision);
    // What was wished for was done (or tried) once.
    wishes = Wishes{};
    switch (end) {
      case EnrollmentEnd::activated: report.renewed = true; return;
      case EnrollmentEnd::waiting: return;
      case EnrollmentEnd::pending:
        Notifier(session).send("pending",
                               "transaction " + session.journal().request.transaction_id + " waits for the issuer");
        if (!request.wait) return;
        break;
      case EnrollmentEnd::failed: {
        // A refused change must not keep a certificate from being renewed in time (design section 7).
        Wishes again;
        again.reset_attempts = true;
        const Decision fallback = plan(session.plan_input(again, false));
        if (decision.reason == "drift" && fallback.use_recorded_request && fallback.due(session.now())) {
          session.log(LogLevel::warning, "the change was refused; renewing with the request that was granted before");
          report.renewed = act(session, fallback) == EnrollmentEnd::activated;
        }
        return;
      }
    }
  }
}

}  // namespace

const char* exit_word(ExitState state) {
  switch (state) {
    case ExitState::ok: return "ok";
    case ExitState::failed: return "failed";
    case ExitState::configuration: return "configuration";
    case ExitState::pending: return "pending";
    case ExitState::debt: return "not delivered";
    case ExitState::work: return "work to do";
    case ExitState::busy: return "busy";
  }
  return "failed";
}

ExitState worse(ExitState a, ExitState b) {
  constexpr std::array<ExitState, 7> kOrder{
      ExitState::configuration, ExitState::failed, ExitState::debt, ExitState::busy,
      ExitState::pending,       ExitState::work,   ExitState::ok};
  for (const ExitState state : kOrder) {
    if (a == state || b == state) return state;
  }
  return a;
}

RunReport renew(const Context& context, const config::Profile& profile, const RunRequest& request) noexcept {
  return reported(profile, [&](RunReport& report) {
    ProfileSession session(context, profile, Access::work);
    greet(session);
    Notifier notifier(session);
    DeliveryRun delivery(session);
    // An open delivery is settled before an answer is activated.
    delivery.settle();
    drop_stale_preparation(session);
    apply_wishes(session, request.wishes);
    notifier.pay_debts();
    mend_store(session, report);
    forget_what_nobody_owes(session);
    ask_for_renewal_window(session);
    run_request(session, request, report);
    ask_for_renewal_window(session);  // about a new certificate at once
    delivery.run_due(request.wishes);
    delivery.tidy();
    conclude(session, report);
    if (report.exit == ExitState::failed || report.exit == ExitState::debt) {
      if (report.error) notifier.failing(*report.error);
    } else if (report.exit == ExitState::ok) {
      notifier.well(report.summary);
    }
  });
}

RunReport deliver_again(const Context& context, const config::Profile& profile) noexcept {
  return reported(profile, [&](RunReport& report) {
    ProfileSession session(context, profile, Access::work);
    greet(session);
    DeliveryRun delivery(session);
    delivery.settle();
    if (!session.active()) {
      throw Failure::never("nothing-to-deliver", "there is no active certificate",
                           "run `certctl renew " + profile.name + "` first");
    }
    delivery.run_all("asked");
    Notifier(session).pay_debts();
    conclude(session, report);
    if (report.exit == ExitState::ok) {
      report.summary = "generation " + std::to_string(report.generation) + " is delivered to all targets";
    }
  });
}

RunReport verify(const Context& context, const config::Profile& profile) noexcept {
  return reported(profile, [&](RunReport& report) {
    ProfileSession session(context, profile, Access::work);
    greet(session);
    if (!session.active()) {
      throw Failure::never("nothing-to-verify", "there is no active certificate",
                           "run `certctl renew " + profile.name + "` first");
    }
    report.targets = DeliveryRun(session).verify_all();
    for (const auto& target : report.targets) {
      if (!target.error || target.state == "debt") continue;
      report.exit = worse(report.exit, ExitState::failed);
      if (report.error) continue;
      report.error = target.error;
      report.error->message = target.target + ": " + report.error->message;
    }
    conclude(session, report);
    if (report.exit == ExitState::ok)
      report.summary = "no target serves anything else than generation " + std::to_string(report.generation);
  });
}

RunReport roll_back(const Context& context, const config::Profile& profile, int generation, bool force) noexcept {
  return reported(profile, [&](RunReport& report) {
    ProfileSession session(context, profile, Access::work);
    greet(session);
    DeliveryRun delivery(session);
    delivery.settle();
    delivery.roll_back(generation, force);
    conclude(session, report);
    if (report.exit == ExitState::ok) {
      report.summary = "generation " + std::to_string(report.generation) +
                       " is active again, delivered and held: `certctl release` ends the hold";
    }
  });
}

RunReport release(const Context& context, const config::Profile& profile) noexcept {
  return reported(profile, [&](RunReport& report) {
    ProfileSession session(context, profile, Access::work);
    greet(session);
    const bool held = session.journal().hold.has_value();
    session.journal().hold.reset();
    session.commit();
    conclude(session, report);
    if (report.exit == ExitState::ok || report.exit == ExitState::pending) {
      report.summary = held ? "the hold is ended; the next run renews as the profile says" : "there was no hold";
    }
  });
}

}  // namespace certctl::engine
