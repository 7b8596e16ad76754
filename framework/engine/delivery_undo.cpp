#include <map>
#include <set>

#include "framework/engine/delivery_transaction.hpp"

namespace certctl::engine {
namespace {

constexpr const char* kNotBack = "old-not-served";

}  // namespace

void Transaction::backward() {
  for (auto it = record_.targets.rbegin(); it != record_.targets.rend(); ++it) {
    DeliveryTarget& target = *it;
    // Without a token nothing was begun; `prepared` was never touched.
    if (target.undo_hash.empty() || target.phase == TargetPhase::prepared || target.phase == TargetPhase::waiting ||
        target.phase == TargetPhase::undone || target.phase == TargetPhase::undo_failed) {
      continue;
    }
    TargetPort* port = find_port(target.name);
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
  go_back();
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

// Services that may have read the new pair read the old one again, and show it where they can be asked.
void Transaction::go_back() {
  const Credential previous = read_old(record_.previous).value_or(Credential{});
  std::map<int, Credential> held{{record_.previous, previous}};
  std::vector<Asked> asked;
  std::set<std::string> reloaded;
  for (auto& target : record_.targets) {
    if (target.phase != TargetPhase::undone || !target.changed) continue;
    TargetPort* port = find_port(target.name);
    if (port == nullptr) continue;
    const auto known = tools_.journal.targets.find(target.name);
    // 0: after a failed undo nobody knows what it held, and there is nothing to compare with.
    const int generation = known == tools_.journal.targets.end() ? 0 : known->second.generation;
    if (held.count(generation) == 0) held[generation] = read_old(generation).value_or(Credential{});
    asked.push_back({&target, port, &held.at(generation), {}});
    try {
      for (const auto& action : port->reloads(previous)) {
        if (reloaded.insert(action.key).second) action.run();
      }
    } catch (const Failure& failure) {
      log(LogLevel::error, target.name + ": reload after undo: " + failure.error().message);
      asked.back().error = failure.error();
    }
  }
  std::vector<Asked*> all;
  for (auto& one : asked) all.push_back(&one);
  ask(all);
  restart_unserved(asked);
  for (const auto& one : asked) {
    // What a run said that was interrupted here is said anew, or no longer true.
    if (one.target->error && one.target->error->code == kNotBack) one.target->error.reset();
    if (one.error) tell_not_back(*one.target, *one.error);
  }
  tools_.commit();
}

void Transaction::tell_not_back(DeliveryTarget& target, const Error& error) {
  const std::string begin = "its old certificate was given back but is not served: ";
  log(LogLevel::error, target.name + ": " + begin + error.message);
  if (!target.error) {
    target.error = error;
    target.error->code = kNotBack;
    target.error->message = begin + error.message;
  } else if (target.error->message.find(begin) == std::string::npos) {
    target.error->message += "; and " + begin + error.message;
  }
}

}  // namespace certctl::engine
