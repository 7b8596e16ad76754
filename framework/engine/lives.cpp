#include "framework/engine/lives.hpp"

#include <filesystem>

#include "framework/engine/profile_session.hpp"
#include "framework/engine/words.hpp"
#include "framework/sys/atomic_file.hpp"

namespace certctl::engine {

std::vector<HistoryEntry> history(const Context& context, const config::Profile& profile) {
  ProfileSession session(context, profile, Access::look);
  const Journal& journal = session.journal();
  std::vector<HistoryEntry> entries;
  for (const auto& generation : session.store().call(&StoreApi::list)) {
    HistoryEntry entry;
    entry.generation = generation.number;
    entry.serial = generation.serial;
    entry.fingerprint = generation.fingerprint;
    entry.active = generation.active;
    entry.whole = generation.whole;
    entry.problem = generation.problem;
    entry.held = journal.hold && journal.hold->generation == generation.number;
    if (generation.whole) {
      const auto certificate =
          crypto::Certificate::from_pem(session.store().call(&StoreApi::read, generation.number).certificate_pem);
      entry.subject = certificate.subject_text();
      entry.not_before = certificate.not_before_seconds();
      entry.not_after = certificate.not_after_seconds();
    }
    const auto record = journal.generations.find(generation.number);
    if (record != journal.generations.end()) {
      entry.activated = record->second.activated;
      entry.differs = record->second.differs;
    }
    for (const auto& [name, target] : journal.targets) {
      if (target.generation == generation.number) entry.targets.push_back(name);
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

void adopt_state(const Context& context, const std::string& old_name, const config::Profile& profile) {
  StateDirectory from(context.settings.state, old_name);
  StateDirectory to(context.settings.state, profile.name);
  if (!from.exists())
    throw Failure::never("profile-unknown", "there is no state of '" + old_name + "'",
                         "see the orphans in `certctl status`");
  if (to.exists() && to.load().existed) {
    throw Failure::never("profile-exists", "profile '" + profile.name + "' has a state already",
                         "`certctl forget " + profile.name + "` removes it first");
  }
  {
    const auto lock = sys::FileLock::acquire(from.lock_file(), context.lock_timeout, "profile '" + old_name + "'");
    sys::remove_tree(to.path());
    sys::rename_durably(from.path(), to.path());
  }
  LoadedJournal loaded = to.load();
  loaded.journal.profile = profile.name;
  to.save(loaded.journal);
  // The store is taken over by name: its owner file still says the old profile.
  EngineHost host(context, profile.name, &to, "store", [] { return true; });
  auto store = context.registry->make<StoreApi>(profile.store.plugin, profile.store.options, host);
  if (store->supports_adopt()) (void)store.call(&StoreApi::adopt);
}

void forget(const Context& context, const std::string& name, bool abandon) {
  StateDirectory state(context.settings.state, name);
  if (name.empty() || name.find('/') != std::string::npos || name[0] == '.' || !state.exists()) {
    throw Failure::never("profile-unknown", "there is no state of '" + name + "'", "see `certctl status`");
  }
  const auto lock = sys::FileLock::acquire(state.lock_file(), context.lock_timeout, "profile '" + name + "'");
  const LoadedJournal loaded = state.load();
  if (!abandon && (loaded.journal.request.open() || loaded.journal.delivery.phase != DeliveryPhase::idle)) {
    throw Failure::never(
        "transaction-open", "'" + name + "' has an open transaction",
        "let `certctl renew " + name + "` settle it, or `certctl forget --abandon " + name + "` gives its key up");
  }
  sys::remove_tree(state.path());
}

}  // namespace certctl::engine
