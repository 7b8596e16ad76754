#include "framework/engine/delivery.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace certctl::engine {
namespace {

TargetPort* find_port(const DeliveryTools& tools, const std::string& name) {
  for (TargetPort* port : tools.targets) {
    if (port->name() == name) return port;
  }
  return nullptr;
}

Error target_gone() {
  return Error{"target-gone", "the profile no longer has this target; it was left as it is",
               "look at the service yourself, or put the target back into the profile and run `certctl deliver`",
               RetryClass::never, std::chrono::seconds{0}};
}

// One open delivery on its way. The record in the journal is the only state.
class Transaction {
 public:
  explicit Transaction(DeliveryTools& tools) : tools_(tools), record_(tools.journal.delivery) {}

  void begin(const DeliveryOrder& order);
  bool run();

 private:
  // All return false when the delivery has turned.
  bool forward();
  bool install_stage(int stage, const Credential& credential);
  bool reload_stage(int stage, const Credential& credential);
  bool verify_stage(int stage, const Credential& credential);

  void backward();
  void reload_old();
  bool finish();
  [[nodiscard]] std::optional<Credential> read_old(int generation) const;

  // Notes a failure; true when the whole delivery turns because of it.
  bool fail(DeliveryTarget& target, const Error& error);
  void turn(const std::string& reason);
  [[nodiscard]] Secret token(const DeliveryTarget& target) const {
    return tools_.undo.load(target.name, target.undo_hash);
  }
  void log(LogLevel level, const std::string& line) const { tools_.log(level, line); }

  DeliveryTools& tools_;
  DeliveryRecord& record_;
};

void Transaction::begin(const DeliveryOrder& order) {
  const Credential credential = tools_.read_generation(order.generation);
  tools_.undo.erase_all();
  record_ = DeliveryRecord{};
  record_.generation = order.generation;
  record_.previous = order.previous;
  record_.reason = order.reason;
  record_.may_undo = order.may_undo;
  record_.always_reload = order.always_reload;
  record_.since = tools_.now();

  std::optional<std::string> turned;
  for (const std::string& name : order.targets) {
    TargetPort* port = find_port(tools_, name);
    if (port == nullptr) continue;
    DeliveryTarget target;
    target.name = name;
    const auto known = tools_.journal.targets.find(name);
    const bool debt = known != tools_.journal.targets.end() && known->second.state == TargetState::debt;
    target.changed = debt;
    // Living services don't flap: a target that failed before is tried alone first.
    const bool failed_before = debt && known->second.failed_itself;
    target.stage = order.may_undo && !failed_before ? 1 : 0;
    try {
      const int holds = known == tools_.journal.targets.end() ? 0 : known->second.generation;
      const std::optional<Credential> previous = read_old(holds != 0 ? holds : record_.previous);
      target.undo_hash = tools_.undo.save(name, port->prepare(credential, previous ? &*previous : nullptr));
      target.phase = TargetPhase::prepared;
    } catch (const Failure& failure) {
      if (fail(target, failure.error()) && !turned) turned = name + ": " + failure.error().message;
    }
    record_.targets.push_back(std::move(target));
  }
  record_.phase = turned ? DeliveryPhase::undoing : DeliveryPhase::delivering;
  if (turned) record_.reason = *turned;
  tools_.commit();  // row 9: all undo tokens are durable before the first effect
}

bool Transaction::run() {
  if (record_.phase == DeliveryPhase::delivering) forward();
  if (record_.phase == DeliveryPhase::undoing) backward();
  return finish();
}

bool Transaction::forward() {
  const Credential credential = tools_.read_generation(record_.generation);
  int last_stage = 0;
  for (const auto& target : record_.targets) last_stage = std::max(last_stage, target.stage);
  for (int stage = 0; stage <= last_stage; ++stage) {
    if (!install_stage(stage, credential) || !reload_stage(stage, credential) || !verify_stage(stage, credential)) {
      return false;
    }
  }
  return true;
}

bool Transaction::fail(DeliveryTarget& target, const Error& error) {
  target.phase = TargetPhase::failed;
  target.error = error;
  log(LogLevel::error, target.name + ": " + error.message + (error.hint.empty() ? "" : " (" + error.hint + ")"));
  const TargetPort* port = find_port(tools_, target.name);
  return port != nullptr && record_.may_undo && port->on_failure() == config::OnFailure::rollback;
}

void Transaction::turn(const std::string& reason) {
  record_.phase = DeliveryPhase::undoing;
  record_.reason = reason;
  tools_.commit();  // row 10: the direction is durable
  log(LogLevel::warning, "delivery fails (" + reason + "): every target gets its old certificate back");
}

bool Transaction::install_stage(int stage, const Credential& credential) {
  for (auto& target : record_.targets) {
    if (target.stage != stage) continue;
    if (target.phase != TargetPhase::prepared && target.phase != TargetPhase::installing) continue;
    TargetPort* port = find_port(tools_, target.name);
    if (port == nullptr) {
      fail(target, target_gone());
      continue;
    }
    const bool interrupted = target.phase == TargetPhase::installing;
    try {
      const Secret undo_token = token(target);
      target.phase = TargetPhase::installing;
      tools_.commit();
      const InstallReport report = port->install(credential, undo_token);
      for (const auto& warning : report.warnings) log(LogLevel::warning, target.name + ": " + warning);
      target.changed = target.changed || report.changed || interrupted;
      target.phase = TargetPhase::installed;
      tools_.commit();
    } catch (const Failure& failure) {
      if (fail(target, failure.error())) {
        turn(target.name + ": " + failure.error().message);
        return false;
      }
      tools_.commit();
    }
  }
  return true;
}

bool Transaction::reload_stage(int stage, const Credential& credential) {
  // Keys in the order of the targets; each with the targets that need it.
  std::vector<std::pair<ReloadAction, std::vector<DeliveryTarget*>>> actions;
  for (auto& target : record_.targets) {
    if (target.stage != stage) continue;
    if (target.phase != TargetPhase::installed && target.phase != TargetPhase::reloading) continue;
    // A reload that was interrupted may not have happened.
    if (target.phase == TargetPhase::reloading) target.changed = true;
    TargetPort* port = find_port(tools_, target.name);
    if (port == nullptr) {
      fail(target, target_gone());
      continue;
    }
    try {
      for (auto& action : port->reloads(credential)) {
        auto same =
            std::find_if(actions.begin(), actions.end(), [&](const auto& a) { return a.first.key == action.key; });
        if (same == actions.end()) same = actions.insert(actions.end(), {std::move(action), {}});
        same->second.push_back(&target);
      }
    } catch (const Failure& failure) {
      if (fail(target, failure.error())) {
        turn(target.name + ": " + failure.error().message);
        return false;
      }
    }
  }

  const auto failed = [](const DeliveryTarget* target) { return target->phase == TargetPhase::failed; };
  for (auto& [action, targets] : actions) {
    if (std::all_of(targets.begin(), targets.end(), failed)) continue;
    const bool needed = record_.always_reload ||
                        std::any_of(targets.begin(), targets.end(), [](const auto* target) { return target->changed; });
    if (!needed) continue;
    for (auto* target : targets) {
      if (!failed(target)) target->phase = TargetPhase::reloading;
    }
    tools_.commit();
    try {
      action.run();
    } catch (const Failure& failure) {
      bool turns = false;
      for (auto* target : targets) turns = fail(*target, failure.error()) || turns;
      if (turns) {
        turn(targets.front()->name + ": " + failure.error().message);
        return false;
      }
    }
  }
  for (auto& target : record_.targets) {
    if (target.stage != stage) continue;
    if (target.phase == TargetPhase::installed || target.phase == TargetPhase::reloading)
      target.phase = TargetPhase::reloaded;
  }
  tools_.commit();
  return true;
}

bool Transaction::verify_stage(int stage, const Credential& credential) {
  for (auto& target : record_.targets) {
    if (target.stage != stage || target.phase != TargetPhase::reloaded) continue;
    TargetPort* port = find_port(tools_, target.name);
    try {
      if (port == nullptr) throw Failure(target_gone());
      TargetRecord& known = tools_.journal.targets[target.name];
      if (const std::optional<Served> served = port->verify(credential)) {
        known.served = served->known ? served->fingerprint : "";
        known.served_at = tools_.now();
        if (served->known && served->fingerprint != credential.fingerprint) {
          throw Failure("not-served",
                        "the service still serves another certificate" +
                            (served->detail.empty() ? std::string() : ": " + served->detail),
                        "look at the service's own log; a restart instead of a reload may be needed");
        }
      }
      target.phase = TargetPhase::done;
      target.error.reset();
    } catch (const Failure& failure) {
      if (fail(target, failure.error())) {
        turn(target.name + ": " + failure.error().message);
        return false;
      }
    }
  }
  tools_.commit();
  return true;
}

void Transaction::backward() {
  for (auto it = record_.targets.rbegin(); it != record_.targets.rend(); ++it) {
    DeliveryTarget& target = *it;
    // Without a token nothing was begun; `prepared` was never touched.
    if (target.undo_hash.empty() || target.phase == TargetPhase::prepared || target.phase == TargetPhase::waiting ||
        target.phase == TargetPhase::undone || target.phase == TargetPhase::undo_failed) {
      continue;
    }
    TargetPort* port = find_port(tools_, target.name);
    target.phase = TargetPhase::undoing;
    tools_.commit();
    try {
      if (port == nullptr) throw Failure(target_gone());
      port->undo(token(target));
      target.phase = TargetPhase::undone;
    } catch (const Failure& failure) {
      target.phase = TargetPhase::undo_failed;
      const bool impossible = failure.error().code == "undo-impossible";
      log(impossible ? LogLevel::warning : LogLevel::error,
          target.name + ": cannot give the old certificate back: " + failure.error().message);
      if (!impossible || target.error) {
        Error both = target.error.value_or(failure.error());
        if (target.error)
          both.message += "; and its old certificate could not be given back: " + failure.error().message;
        target.error = both;
      }
    }
    tools_.commit();
  }
  reload_old();
}

// Nothing when there is none, or none that can be read.
std::optional<Credential> Transaction::read_old(int generation) const {
  if (generation == 0) return std::nullopt;
  try {
    return tools_.read_generation(generation);
  } catch (const Failure& failure) {
    log(LogLevel::warning, "generation " + std::to_string(generation) + ": " + failure.error().message);
    return std::nullopt;
  }
}

// Services that may have read the new pair read the old one again.
void Transaction::reload_old() {
  const Credential old = read_old(record_.previous).value_or(Credential{});
  std::set<std::string> done;
  for (auto& target : record_.targets) {
    if (target.phase != TargetPhase::undone || !target.changed) continue;
    TargetPort* port = find_port(tools_, target.name);
    if (port == nullptr) continue;
    try {
      for (const auto& action : port->reloads(old)) {
        if (done.insert(action.key).second) action.run();
      }
    } catch (const Failure& failure) {
      log(LogLevel::error, target.name + ": reload after undo: " + failure.error().message);
      if (!target.error) target.error = failure.error();
    }
  }
}

bool Transaction::finish() {
  const EpochSeconds now = tools_.now();
  bool all_done = true;
  EpochSeconds next = 0;
  for (auto& target : record_.targets) {
    if (target.error && target.error->code == "target-gone") {
      tools_.journal.targets.erase(target.name);
      continue;
    }
    TargetRecord& known = tools_.journal.targets[target.name];
    // What cannot be undone and did not fail holds the new pair.
    const bool kept_new = target.phase == TargetPhase::undo_failed && !target.error;
    if (target.phase == TargetPhase::done || kept_new) {
      const std::string served = known.served;
      const EpochSeconds served_at = known.served_at;
      known = TargetRecord{};
      known.state = TargetState::ok;
      known.generation = record_.generation;
      known.served = served;
      known.served_at = served_at;
      continue;
    }
    all_done = false;
    known.state = TargetState::debt;
    known.failed_itself = target.error.has_value();
    ++known.tries;
    if (target.phase == TargetPhase::undone) known.generation = record_.previous;
    if (target.phase == TargetPhase::failed || target.phase == TargetPhase::undo_failed) known.generation = 0;
    known.error = target.error.value_or(
        Error{"undone", "keeps its old certificate because another target failed: " + record_.reason,
              "mend the target that failed; `certctl deliver` tries again at once", RetryClass::later,
              std::chrono::seconds{0}});
    known.next_try = now + delay_after(*known.error, known.tries - 1, tools_.random).count();
    if (known.failed_itself) next = next == 0 ? known.next_try : std::min(next, known.next_try);
  }
  // The others wait for the one that failed.
  for (auto& target : record_.targets) {
    const auto known = tools_.journal.targets.find(target.name);
    if (known == tools_.journal.targets.end() || known->second.state != TargetState::debt) continue;
    if (!known->second.failed_itself && next != 0) known->second.next_try = next;
  }
  record_ = DeliveryRecord{};
  tools_.commit();  // row 11; only now the undo tokens may go
  tools_.undo.erase_all();
  return all_done;
}

}  // namespace

bool deliver(DeliveryTools& tools, const DeliveryOrder& order) {
  Transaction transaction(tools);
  transaction.begin(order);
  return transaction.run();
}

bool settle_delivery(DeliveryTools& tools) {
  if (tools.journal.delivery.phase == DeliveryPhase::idle) return true;
  return Transaction(tools).run();
}

bool worth_going_back(const std::optional<PreviousFacts>& previous, bool issuer_revokes, bool new_one_self_signed,
                      EpochSeconds now) {
  if (!previous || previous->revoked || issuer_revokes || new_one_self_signed) return false;
  const EpochSeconds lifetime = previous->not_after - previous->not_before;
  return lifetime > 0 && (previous->not_after - now) * 4 > lifetime;
}

}  // namespace certctl::engine
