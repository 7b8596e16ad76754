#include "framework/engine/delivery.hpp"

#include <algorithm>
#include <map>

#include "framework/engine/delivery_transaction.hpp"

namespace certctl::engine {
Error target_gone() {
  return Error{"target-gone", "the profile no longer has this target; it was left as it is",
               "look at the service yourself, or put the target back into the profile and run `certctl deliver`",
               RetryClass::never, std::chrono::seconds{0}};
}

TargetPort* Transaction::find_port(const std::string& name) const {
  for (TargetPort* port : tools_.targets) {
    if (port->name() == name) return port;
  }
  return nullptr;
}

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
    TargetPort* port = find_port(name);
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
  return turns_all(find_port(target.name));
}

bool Transaction::turns_all(const TargetPort* port) const {
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
    TargetPort* port = find_port(target.name);
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
    TargetPort* port = find_port(target.name);
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
  std::vector<Asked> asked;
  for (auto& target : record_.targets) {
    if (target.stage != stage || target.phase != TargetPhase::reloaded) continue;
    if (TargetPort* port = find_port(target.name)) {
      asked.push_back({&target, port, &credential, {}});
    } else {
      fail(target, target_gone());
    }
  }
  std::vector<Asked*> all;
  for (auto& one : asked) all.push_back(&one);
  ask(all);
  // A restart helps nobody when another target turns the delivery anyway.
  const bool lost = std::any_of(asked.begin(), asked.end(), [&](const Asked& one) {
    return one.error && turns_all(one.port) && !one.port->restart(credential);
  });
  if (!lost) restart_unserved(asked);

  std::string reason;
  for (auto& one : asked) {
    if (!one.error) {
      one.target->phase = TargetPhase::done;
      one.target->error.reset();
    } else if (fail(*one.target, *one.error) && reason.empty()) {
      reason = one.target->name + ": " + one.error->message;
    }
  }
  if (!reason.empty()) {
    turn(reason);
    return false;
  }
  tools_.commit();
  return true;
}

void Transaction::ask(const std::vector<Asked*>& list) {
  const Patience::Moment since = tools_.patience.now();
  for (Asked* one : list) {
    if (one->expected->fingerprint.empty()) continue;
    const Observation observed = wait_until_served(*one->port, *one->expected, tools_.patience, since, tools_.log);
    note_served(tools_.journal.targets[one->target->name], observed, tools_.now());
    if (observed.asked) one->error = observed.error;
  }
}

void Transaction::restart_unserved(std::vector<Asked>& asked) {
  std::map<std::string, std::optional<Error>> ran;  // by key: how it ended
  for (auto& one : asked) {
    if (!one.error) continue;
    const auto action = one.port->restart(*one.expected);
    if (!action || ran.count(action->key) != 0) continue;
    log(LogLevel::warning, one.target->name + ": " + one.error->message + ": the service is restarted");
    std::optional<Error>& end = ran[action->key];
    try {
      action->run();
    } catch (const Failure& failure) {
      end = failure.error();
    }
  }
  std::vector<Asked*> again;
  for (auto& one : asked) {
    const auto action = one.port->restart(*one.expected);
    const auto it = action ? ran.find(action->key) : ran.end();
    if (it == ran.end()) continue;
    if (it->second) {
      one.error = it->second;
    } else {
      one.error.reset();
      again.push_back(&one);  // who was served too: the restart was theirs as well
    }
  }
  ask(again);
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
    // What was undone holds what it held before: its generation stays.
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
