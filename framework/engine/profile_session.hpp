// One profile opened for work or for looking: its state directory, journal, plugins and facts. On one thread.
#pragma once

#include <certctl/plugin.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "framework/config/profile.hpp"
#include "framework/crypto/certificate.hpp"
#include "framework/crypto/key.hpp"
#include "framework/engine/context.hpp"
#include "framework/engine/delivery.hpp"
#include "framework/engine/engine_host.hpp"
#include "framework/engine/journal.hpp"
#include "framework/engine/plan.hpp"
#include "framework/engine/plugin_target.hpp"
#include "framework/engine/recorded_request.hpp"
#include "framework/engine/state_directory.hpp"
#include "framework/registry/registry.hpp"
#include "framework/sys/lock.hpp"

namespace certctl::engine {

enum class Access : int {
  look,  // no lock, nothing is written: plan, status
  work,  // the profile's lock is held: renew, deliver, verify, rollback …
};

// The key of a request or of the active generation, opened.
struct OpenedKey {
  KeyRef reference;
  KeyHandle handle;
};

class ProfileSession {
 public:
  // Access::work waits for the profile's lock (Failure busy: who holds it), makes the state directory, and leaves the
  // mark that this profile is at work. Throws state-volatile, journal-newer, nested-run, store-… Failures.
  ProfileSession(const Context& context, const config::Profile& profile, Access access);
  ~ProfileSession();
  ProfileSession(const ProfileSession&) = delete;
  ProfileSession& operator=(const ProfileSession&) = delete;

  [[nodiscard]] const Context& context() const noexcept { return context_; }
  [[nodiscard]] const config::Profile& profile() const noexcept { return profile_; }
  [[nodiscard]] StateDirectory& state() noexcept { return state_; }
  [[nodiscard]] const StateDirectory& state() const noexcept { return state_; }
  [[nodiscard]] Journal& journal() noexcept { return journal_; }
  [[nodiscard]] const Journal& journal() const noexcept { return journal_; }
  [[nodiscard]] const std::string& journal_damage() const noexcept { return journal_damage_; }
  [[nodiscard]] bool was_interrupted() const noexcept { return was_interrupted_; }
  // rollover.json can't be read: logged once, told by status and by the exit code; stops nothing.
  void report_rollover_damage(const Error& error) const;
  [[nodiscard]] const std::optional<Error>& rollover_damage() const noexcept { return rollover_damage_; }
  void commit();
  void log(LogLevel level, const std::string& line) const;
  // Keeps an error for status.
  void remember(const Error& error);

  // --- time ---
  [[nodiscard]] EpochSeconds now() const { return context_.now(); }
  [[nodiscard]] EpochSeconds floor() const;
  [[nodiscard]] bool clock_trusted() const { return now() >= floor(); }

  // --- plugins ---
  [[nodiscard]] registry::Instance<StoreApi>& store() { return *store_; }
  [[nodiscard]] const std::string& store_location() const noexcept { return store_location_; }
  [[nodiscard]] registry::Instance<KeyProviderApi> key_provider(const std::string& name);
  [[nodiscard]] std::vector<std::unique_ptr<PluginTarget>>& targets();
  [[nodiscard]] EngineHost& host() noexcept { return *host_; }

  // --- issuers ---
  [[nodiscard]] const std::vector<std::string>& issuer_hashes() const noexcept { return issuer_hashes_; }
  // The place in the profile's list of the issuer that a new request goes to.
  [[nodiscard]] std::size_t next_issuer() const;
  // That of the active certificate's issuer; where it is none of the profile's, next_issuer().
  [[nodiscard]] std::size_t issuer_in_service() const;
  // "scep", of several "scep (issuer 2 of 3)".
  [[nodiscard]] std::string issuer_text(std::size_t issuer) const;

  // --- the active credential ---
  [[nodiscard]] const std::optional<Generation>& active() const noexcept { return active_; }
  void refresh_active();
  // Its certificate; null when there is none or it can't be parsed.
  [[nodiscard]] const crypto::Certificate* active_certificate() const {
    return certificate_ ? &*certificate_ : nullptr;
  }
  // A generation as targets get it: during a rollover with the CA certificates of both CAs.
  [[nodiscard]] Credential read_for_targets(int generation);
  [[nodiscard]] OpenedKey open_key(const KeyRef& reference);

  // The facts for plan. Targets are inspected when asked for; a target that can't be looked at is `unreadable` with its
  // reason.
  [[nodiscard]] PlanInput plan_input(const Wishes& wishes, bool look_at_targets);
  // What `plan --diff` shows, target by target, after plan_input with look_at_targets.
  [[nodiscard]] const std::vector<std::pair<std::string, Inspection>>& inspections() const noexcept {
    return inspections_;
  }

 private:
  void load_journal();
  void drop_ended_request();
  [[nodiscard]] std::string issuer_note(std::size_t issuer) const;

  const Context& context_;
  const config::Profile& profile_;
  Access access_;
  StateDirectory state_;
  std::optional<sys::FileLock> lock_;
  Journal journal_;
  std::string journal_damage_;
  mutable std::optional<Error> rollover_damage_;  // found while reading
  bool was_interrupted_ = false;
  bool at_work_ = false;
  std::unique_ptr<EngineHost> host_;
  std::optional<registry::Instance<StoreApi>> store_;
  std::string store_location_;
  std::optional<Generation> active_;
  std::optional<crypto::Certificate> certificate_;
  std::vector<std::unique_ptr<PluginTarget>> targets_;
  bool targets_made_ = false;
  std::vector<std::string> issuer_hashes_;
  std::vector<std::pair<std::string, Inspection>> inspections_;
};

}  // namespace certctl::engine
