// Delivery: one generation to all targets of a profile, as a transaction (design section 2, rows 9–12 of 6a).
//
// prepare all → install all → reload each key once → verify all, restart who is not served if its profile allows it. A
// failure turns the delivery: undo in reverse order, reload, verify that the old pair is served again, so that every
// service keeps the pair that it had — while that pair is worth having; otherwise each target that verifies keeps the
// new one and the rest is debt. Each step is in the journal before its effect; an interrupted delivery rolls forward.
#pragma once

#include <certctl/distributor.hpp>
#include <certctl/host.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "framework/config/profile.hpp"
#include "framework/engine/journal.hpp"
#include "framework/engine/retry.hpp"
#include "framework/engine/verification.hpp"

namespace certctl::engine {

// Something that makes a service read what was installed. Equal keys run once per delivery.
struct ReloadAction {
  std::string key;
  std::function<void()> run;  // throws Failure
};

// One target as the delivery sees it: a distributor and what the profile says about it. Implemented over a plugin by
// PluginTarget; by fakes in tests. Members throw Failure.
class TargetPort {
 public:
  virtual ~TargetPort() = default;
  [[nodiscard]] virtual const std::string& name() const = 0;
  [[nodiscard]] virtual config::OnFailure on_failure() const = 0;
  virtual Inspection inspect(const Credential* credential) = 0;
  virtual Secret prepare(const Credential& credential, const Credential* previous) = 0;
  virtual InstallReport install(const Credential& credential, const Secret& undo_token) = 0;
  virtual void undo(const Secret& undo_token) = 0;
  // `credential`: the one that the service is to read, for the environment of a reload command.
  [[nodiscard]] virtual std::vector<ReloadAction> reloads(const Credential& credential) = 0;
  // What may follow when the reload did not bring it; nothing: no restart is allowed. Equal keys run once.
  [[nodiscard]] virtual std::optional<ReloadAction> restart(const Credential& credential) = 0;
  // One look, a few seconds at most. Nothing when this target cannot be asked.
  virtual std::optional<Served> verify(const Credential& expected) = 0;
  // How long it may take until verify() sees what was delivered.
  [[nodiscard]] virtual std::chrono::milliseconds verify_timeout() const = 0;
};

// Where undo tokens are durable. They may hold secrets.
class UndoStore {
 public:
  virtual ~UndoStore() = default;
  // Returns the sha256 (hex) of what was stored.
  virtual std::string save(const std::string& target, const Secret& token) = 0;
  // Throws Failure undo-token-damaged when it is missing or has another hash.
  virtual Secret load(const std::string& target, const std::string& hash) = 0;
  virtual void erase_all() = 0;
};

struct DeliveryTools {
  Journal& journal;
  UndoStore& undo;
  std::vector<TargetPort*> targets;  // of the profile, in its order
  std::function<void()> commit;      // makes the journal durable; throws Failure
  std::function<Credential(int)> read_generation;
  std::function<EpochSeconds()> now;
  Random random;
  Patience patience;
  std::function<void(LogLevel, const std::string&)> log;
};

struct DeliveryOrder {
  int generation = 0;
  int previous = 0;
  std::vector<std::string> targets;  // names
  std::string reason;                // active, debt, target-changed, asked
  bool may_undo = true;              // the pair to go back to is worth having
  bool always_reload = false;
};

// Begins a delivery and brings it to its end. Precondition: none is open; the caller holds the locks of the targets'
// resources. A target that fails in `prepare` is treated like one that fails in `install`. Returns true when every
// target of the order has the generation. Throws Failure only when the journal or an undo token can't be written.
bool deliver(DeliveryTools& tools, const DeliveryOrder& order);

// Goes on with the delivery that the journal says is open, whichever direction it has.
bool settle_delivery(DeliveryTools& tools);

// Whether the pair that services hold is worth going back to (design section 2, "What undo may not do").
// `previous`: facts of the generation to go back to; nothing when there is none.
struct PreviousFacts {
  EpochSeconds not_before = 0;
  EpochSeconds not_after = 0;
  bool revoked = false;
};
[[nodiscard]] bool worth_going_back(const std::optional<PreviousFacts>& previous, bool issuer_revokes,
                                    bool new_one_self_signed, EpochSeconds now);

}  // namespace certctl::engine
