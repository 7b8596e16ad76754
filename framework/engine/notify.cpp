#include "framework/engine/notify.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "framework/engine/retry.hpp"
#include "framework/engine/words.hpp"

namespace certctl::engine {
namespace {

constexpr int kMostTries = 10;  // then the hook's event is dropped, with a line

std::string hook_name(const config::HookUse& hook, std::size_t place) {
  return hook.plugin.plugin + "-" + std::to_string(place + 1);
}

// The hook of that name, or null when the profile no longer has it.
const config::HookUse* find_hook(const config::Profile& profile, const std::string& name) {
  for (std::size_t i = 0; i < profile.hooks.size(); ++i) {
    if (hook_name(profile.hooks[i], i) == name) return &profile.hooks[i];
  }
  return nullptr;
}

std::string event_json(const Event& event) {
  nlohmann::json object = {{"schema", 1},
                           {"event", event.name},
                           {"profile", event.profile},
                           {"at", say_time(epoch(event.at))},
                           {"message", event.message},
                           {"code", event.code},
                           {"hint", event.hint}};
  if (event.credential != nullptr) {
    object["generation"] = event.credential->generation;
    object["serial"] = event.credential->serial;
    object["fingerprint"] = event.credential->fingerprint;
  }
  for (const auto& [name, value] : event.facts) object[name] = value;
  return object.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace

void Notifier::send(const std::string& event, const std::string& message, const Error* error) {
  const config::Profile& profile = session_.profile();
  std::vector<HookDebt> owed;
  for (std::size_t i = 0; i < profile.hooks.size(); ++i) {
    const auto& on = profile.hooks[i].on;
    if (std::find(on.begin(), on.end(), event) == on.end()) continue;
    HookDebt debt;
    debt.hook = hook_name(profile.hooks[i], i);
    debt.event = event;
    debt.message = message;
    if (error != nullptr) {
      debt.code = error->code;
      debt.hint = error->hint;
    }
    owed.push_back(std::move(debt));
  }
  if (owed.empty()) return;
  auto& debts = session_.journal().hook_debts;
  // The same event again replaces what was still owed.
  std::erase_if(debts, [&](const HookDebt& old) {
    return std::any_of(owed.begin(), owed.end(),
                       [&](const HookDebt& d) { return d.hook == old.hook && d.event == old.event; });
  });
  debts.insert(debts.end(), owed.begin(), owed.end());
  session_.commit();
  pay_debts();
}

void Notifier::pay_debts() {
  auto& debts = session_.journal().hook_debts;
  const EpochSeconds now = session_.now();
  bool changed = false;
  for (auto it = debts.begin(); it != debts.end();) {
    const bool far = it->next_try > now + kLongestDelay.count();
    if (it->next_try > now && !far) {
      ++it;
      continue;
    }
    changed = true;
    it = run(*it) ? debts.erase(it) : std::next(it);
  }
  if (changed) session_.commit();
}

bool Notifier::run(HookDebt& debt) {
  const config::HookUse* hook = find_hook(session_.profile(), debt.hook);
  if (hook == nullptr) return true;
  try {
    Event event;
    event.name = debt.event;
    event.profile = session_.profile().name;
    event.at = time_point(session_.now());
    event.message = debt.message;
    event.code = debt.code;
    event.hint = debt.hint;
    std::optional<Credential> credential;
    if (session_.active() && session_.active()->whole) {
      credential = session_.store().call(&StoreApi::read, session_.active()->number);
      event.credential = &*credential;
    }
    EngineHost host(session_.context(), session_.profile().name, &session_.state(), "hook-" + debt.hook,
                    [this] { return session_.clock_trusted(); });
    host.set_event(event.name, event_json(event));
    auto instance = session_.context().registry->make<HookApi>(hook->plugin.plugin, hook->plugin.options, host);
    instance.call(&HookApi::on_event, event);
    return true;
  } catch (const Failure& failure) {
    ++debt.tries;
    debt.error = failure.error();
    debt.next_try = session_.now() + delay_after(debt.error, debt.tries - 1, session_.context().random).count();
    session_.log(LogLevel::error, "hook " + debt.hook + " (" + debt.event + "): " + failure.error().message);
    if (debt.tries < kMostTries) return false;
    session_.log(LogLevel::error, "hook " + debt.hook + " (" + debt.event + ") failed " + std::to_string(kMostTries) +
                                      " times and is not run again for this event");
    return true;
  }
}

std::optional<std::string> Notifier::veto() {
  const config::Profile& profile = session_.profile();
  for (std::size_t i = 0; i < profile.hooks.size(); ++i) {
    const auto& hook = profile.hooks[i];
    if (std::find(hook.on.begin(), hook.on.end(), "before-deliver") == hook.on.end()) continue;
    Event event;
    event.name = "before-deliver";
    event.profile = profile.name;
    event.at = time_point(session_.now());
    event.message = "a delivery is about to begin";
    std::optional<Credential> credential;
    if (session_.active() && session_.active()->whole) {
      credential = session_.store().call(&StoreApi::read, session_.active()->number);
      event.credential = &*credential;
    }
    const std::string name = hook_name(hook, i);
    EngineHost host(session_.context(), profile.name, &session_.state(), "hook-" + name,
                    [this] { return session_.clock_trusted(); });
    host.set_event(event.name, event_json(event));
    auto instance = session_.context().registry->make<HookApi>(hook.plugin.plugin, hook.plugin.options, host);
    if (instance->supports_veto()) {
      const std::string reason = instance.call(&HookApi::veto, event);
      if (!reason.empty()) return name + ": " + reason;
    } else {
      // A hook without the power to refuse is told; its failure refuses nothing.
      try {
        instance.call(&HookApi::on_event, event);
      } catch (const Failure& failure) {
        session_.log(LogLevel::error, "hook " + name + " (before-deliver): " + failure.error().message);
      }
    }
  }
  return std::nullopt;
}

void Notifier::failing(const Error& error) {
  Journal& journal = session_.journal();
  const EpochSeconds now = session_.now();
  const EpochSeconds last = journal.failed_event_at;
  if (last != 0 && last <= now && now - last < kDay) return;
  journal.failed_event_at = now;
  send("failed", error.message, &error);
  session_.commit();
}

void Notifier::well(const std::string& message) {
  Journal& journal = session_.journal();
  if (journal.failed_event_at == 0) return;
  journal.failed_event_at = 0;
  send("recovered", message);
  session_.commit();
}

}  // namespace certctl::engine
