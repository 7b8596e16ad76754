#include "framework/engine/delivery_run.hpp"

#include <algorithm>
#include <set>

#include "framework/engine/notify.hpp"
#include "framework/engine/words.hpp"

namespace certctl::engine {

HeldResources::HeldResources(StateDirectory& state, std::vector<sys::FileLock> locks)
    : state_(state), locks_(std::move(locks)), before_(state.lock_tokens().size()) {
  for (const auto& lock : locks_) {
    if (!lock.token().empty()) state_.lock_tokens().push_back(lock.token());
  }
}

HeldResources::~HeldResources() {
  state_.lock_tokens().resize(before_);
}

DeliveryTools DeliveryRun::tools() {
  std::vector<TargetPort*> ports;
  for (const auto& target : session_.targets()) ports.push_back(target.get());
  return DeliveryTools{session_.journal(),
                       session_.state(),
                       std::move(ports),
                       [this] { session_.commit(); },
                       [this](int generation) { return session_.read_for_targets(generation); },
                       [this] { return session_.now(); },
                       session_.context().random,
                       real_patience([this] { return session_.context().stopping(); }),
                       [this](LogLevel level, const std::string& line) { session_.log(level, line); }};
}

// Locks are taken in sorted order, so that two profiles never wait for each other crosswise.
std::vector<sys::FileLock> DeliveryRun::lock_resources(const std::vector<std::string>& names) {
  std::set<std::string> resources;
  for (const auto& target : session_.targets()) {
    if (std::find(names.begin(), names.end(), target->name()) == names.end()) continue;
    try {
      for (const auto& resource : target->inspect(nullptr).resources) resources.insert(resource);
    } catch (const Failure&) {
      // A target that can't be looked at fails in `prepare`, with its own words.
    }
  }
  return sys::lock_resources(session_.context().locks_directory, {resources.begin(), resources.end()},
                             session_.context().lock_timeout);
}

int DeliveryRun::held_by_targets(int delivered) const {
  int newest = 0;
  for (const auto& [name, target] : session_.journal().targets) {
    if (target.generation != delivered) newest = std::max(newest, target.generation);
  }
  return newest;
}

void DeliveryRun::report_delivered(bool delivered) {
  if (!delivered) return;
  const std::string serial = session_.active() ? session_.active()->serial : "";
  const std::size_t count = session_.targets().size();
  Notifier(session_).send("delivered", "serial " + serial + " is delivered to " + std::to_string(count) +
                                           (count == 1 ? " target" : " targets"));
}

void DeliveryRun::settle() {
  Journal& journal = session_.journal();
  if (journal.delivery.phase != DeliveryPhase::idle) {
    session_.log(LogLevel::warning, journal.delivery.phase == DeliveryPhase::undoing
                                        ? "an interrupted delivery is being undone"
                                        : "an interrupted delivery goes on");
    std::vector<std::string> names;
    for (const auto& target : journal.delivery.targets) names.push_back(target.name);
    const HeldResources locks(session_.state(), lock_resources(names));
    DeliveryTools with = tools();
    report_delivered(settle_delivery(with));
  }
  // An interrupted rollback: the hold is durable before the store is switched.
  if (journal.hold && session_.active() && journal.hold->generation != session_.active()->number) {
    session_.store().call(&StoreApi::activate, journal.hold->generation);
    journal.active = journal.hold->generation;
    session_.commit();
    session_.refresh_active();
  }
}

void DeliveryRun::run(const std::vector<std::string>& names, const std::string& reason, bool always_reload) {
  Journal& journal = session_.journal();
  const int generation = session_.active()->number;
  const HeldResources locks(session_.state(), lock_resources(names));
  if (const auto veto = Notifier(session_).veto()) {
    const Error error{"vetoed", "a hook refuses the delivery: " + *veto, "mend what the hook complains about",
                      RetryClass::later, std::chrono::seconds{0}};
    for (const auto& name : names) {
      TargetRecord& target = journal.targets[name];
      target.state = TargetState::debt;
      target.error = error;
      target.failed_itself = true;
      ++target.tries;
      target.next_try = session_.now() + delay_after(error, target.tries - 1, session_.context().random).count();
    }
    session_.log(LogLevel::error, error.message);
    session_.commit();
    return;
  }
  DeliveryOrder order;
  order.generation = generation;
  order.previous = held_by_targets(generation);
  order.targets = names;
  order.reason = reason;
  order.always_reload = always_reload;
  std::optional<PreviousFacts> previous;
  if (order.previous != 0) {
    const auto known = journal.generations.find(order.previous);
    if (known != journal.generations.end())
      previous = PreviousFacts{known->second.not_before, known->second.not_after, known->second.revoked_at != 0};
  }
  const auto& issuer = session_.profile().issuers[session_.issuer_in_service()].options;
  const bool revokes = issuer.values().count("renewal_revokes") != 0 && issuer.flag("renewal_revokes");
  const auto delivered_record = journal.generations.find(generation);
  const bool self_signed = delivered_record != journal.generations.end() && delivered_record->second.self_signed;
  order.may_undo = worth_going_back(previous, revokes, self_signed, session_.now());
  DeliveryTools with = tools();
  report_delivered(deliver(with, order));
}

void DeliveryRun::run_due(const Wishes& wishes) {
  if (!session_.active() || session_.context().stopping()) return;
  const Decision decision = plan(session_.plan_input(wishes, true));
  if (!decision.delivery_due(session_.now())) return;
  if (decision.deliver_reason != "debt") {
    session_.log(LogLevel::info, "deliver: " + std::to_string(decision.deliver_targets.size()) + " of " +
                                     std::to_string(session_.targets().size()) + " targets need generation " +
                                     std::to_string(session_.active()->number));
  }
  run(decision.deliver_targets, decision.deliver_reason, false);
}

void DeliveryRun::run_all(const std::string& reason) {
  std::vector<std::string> names;
  for (const auto& target : session_.targets()) names.push_back(target->name());
  if (!names.empty()) run(names, reason, true);
}

// Where nobody can be asked what is served, what the target holds is all there is.
void DeliveryRun::look_at_held(TargetPort& target, const Credential& credential, TargetReport& report) const {
  report.state = "unverified";
  try {
    const Inspection inspection = target.inspect(&credential);
    if (report.detail.empty()) report.detail = inspection.detail;
    if (inspection.present == Present::unreadable) report.state = "unknown";
    if (inspection.present == Present::other || inspection.present == Present::none) {
      throw Failure("target-changed", "holds another certificate",
                    "run `certctl deliver " + session_.profile().name + "`");
    }
  } catch (const Failure& failure) {
    report.error = failure.error();
  }
}

std::vector<TargetReport> DeliveryRun::verify_all() {
  Journal& journal = session_.journal();
  const Credential credential = session_.read_for_targets(session_.active()->number);
  std::vector<TargetReport> reports;
  const Patience patience = real_patience([this] { return session_.context().stopping(); });
  const Patience::Moment since = patience.now();
  const auto log = [this](LogLevel level, const std::string& line) { session_.log(level, line); };
  for (const auto& target : session_.targets()) {
    TargetReport report;
    report.target = target->name();
    TargetRecord& known = journal.targets[target->name()];
    const Observation observed = wait_until_served(*target, credential, patience, since, log);
    note_served(known, observed, session_.now());
    report.served = observed.asked ? known.served : "";
    if (observed.served) report.detail = observed.served->detail;
    report.error = observed.error;
    if (!observed.asked || (!observed.error && !observed.served->known)) look_at_held(*target, credential, report);
    // Who cannot be asked at the moment still holds what was delivered: that is no debt, and no answer either.
    const bool no_answer = report.error && report.error->code == "unreachable";
    if (report.error && !no_answer) {
      known.state = TargetState::debt;
      known.failed_itself = true;
      known.next_try = session_.now();
    }
    if (report.error || known.state != TargetState::debt) known.error = report.error;
    if (known.state == TargetState::debt) {
      report.state = "debt";
    } else if (no_answer) {
      report.state = "unknown";
    } else if (report.state.empty()) {
      report.state = "ok";
    }
    reports.push_back(std::move(report));
  }
  session_.commit();
  return reports;
}

void DeliveryRun::roll_back(int generation, bool force) {
  Journal& journal = session_.journal();
  if (!session_.active()) throw Failure::never("nothing-to-roll-back", "there is no active certificate");
  const int active = session_.active()->number;
  const auto all = session_.store().call(&StoreApi::list);
  if (generation == 0) {
    for (const auto& one : all) {
      if (one.number < active && one.whole) generation = one.number;
    }
    if (generation == 0)
      throw Failure::never("nothing-to-roll-back", "there is no older whole generation", "see `certctl history`");
  }
  const auto wanted =
      std::find_if(all.begin(), all.end(), [&](const Generation& one) { return one.number == generation; });
  if (wanted == all.end()) {
    throw Failure::never("generation-unknown", "there is no generation " + std::to_string(generation),
                         "see `certctl history`");
  }
  if (!wanted->whole) {
    throw Failure::never("generation-broken",
                         "generation " + std::to_string(generation) + " is broken: " + wanted->problem);
  }
  const Credential credential = session_.store().call(&StoreApi::read, generation);
  const auto certificate = crypto::Certificate::from_pem(credential.certificate_pem);
  if (!force && certificate.not_after_seconds() <= std::max(session_.now(), session_.floor())) {
    throw Failure::never(
        "expired",
        "generation " + std::to_string(generation) + " expired on " + say_time(certificate.not_after_seconds()),
        "`rollback --force` does it all the same");
  }
  if (const auto known = journal.generations.find(generation);
      !force && known != journal.generations.end() && known->second.revoked_at != 0) {
    throw Failure::never(
        "revoked", "generation " + std::to_string(generation) + " was revoked on " + say_time(known->second.revoked_at),
        "`rollback --force` does it all the same");
  }
  journal.hold = Hold{generation, session_.now()};
  session_.commit();  // from here an interrupted rollback is completed by the next run
  session_.store().call(&StoreApi::activate, generation);
  journal.active = generation;
  if (journal.generations.find(generation) == journal.generations.end()) {
    GenerationRecord& record = journal.generations[generation];
    record.fingerprint = certificate.fingerprint();
    record.not_before = certificate.not_before_seconds();
    record.not_after = certificate.not_after_seconds();
    record.activated = session_.now();
  }
  session_.commit();
  session_.refresh_active();
  session_.log(LogLevel::warning, "generation " + std::to_string(generation) + " is active again and held");
  run_all("rollback");
}

void DeliveryRun::tidy() {
  if (!session_.clock_trusted() && session_.context().settings.clock == config::ClockPolicy::check) return;
  Journal& journal = session_.journal();
  if (!session_.active()) return;
  std::vector<int> needed;
  for (const auto& [name, target] : journal.targets) {
    if (target.generation != 0) needed.push_back(target.generation);
  }
  if (journal.delivery.previous != 0) needed.push_back(journal.delivery.previous);
  if (journal.hold) needed.push_back(journal.hold->generation);
  if (journal.request.generation != 0) needed.push_back(journal.request.generation);
  if (const auto text = session_.state().request())
    needed.push_back(recorded_request_from_text(*text).signer_generation);
  const auto keep = std::max<std::int64_t>(1, session_.profile().store.options.integer("keep"));
  try {
    const auto removed = session_.store().call(&StoreApi::prune, static_cast<int>(keep), needed);
    for (const int number : removed) journal.generations.erase(number);
    const auto active = journal.generations.find(session_.active()->number);
    session_.state().prune_kept(session_.now(), active == journal.generations.end() ? 0 : active->second.activated);
    if (!removed.empty()) session_.commit();
  } catch (const Failure& failure) {
    session_.log(LogLevel::warning, "tidying up: " + failure.error().message);
  }
}

}  // namespace certctl::engine
