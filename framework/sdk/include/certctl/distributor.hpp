// Distributor: delivers a credential to one target and, where it can, proves that the target serves it.
//
// Life: constructed with its options (validates, no outside effect) → inspect → prepare → install → (reload) →
// (verify), or undo. One instance on one thread. The engine holds the kernel locks of inspect()'s resources from
// prepare to the end.
#pragma once

#include <certctl/host.hpp>
#include <certctl/types.hpp>

#include <optional>
#include <string>
#include <vector>

namespace certctl {

// What a target holds now.
enum class Present : int {
  this_one,    // the credential that was asked about
  other,       // another certificate (Inspection::serial)
  none,        // none
  unreadable,  // could not be looked at: an error that is shown
  unknown,     // this distributor cannot tell: no work follows from it
};

struct Inspection {
  std::vector<std::string> resources;  // what to lock: "file:/etc/settings.ipsec"
  std::vector<std::string> values;  // what is written, for conflict checks: "file:/etc/settings.ipsec#IPSEC_LOCAL_KEY"
  std::vector<std::string> output_files;  // files that will hold a private key, for the lint of modes
  Present present = Present::unknown;
  std::string serial;             // Present::other: the serial found, if it could be read
  std::string detail;             // one line for people: what was found, or why it could not be read
  std::vector<std::string> diff;  // lines for `plan --diff`: names and fingerprints, never a secret
  std::string disturbance;        // what the change means to the service: "none", "reload", "restart", "script"
};

struct InstallReport {
  bool changed = true;  // false: the target held exactly this before; the reload may be skipped
  std::vector<std::string> warnings;
};

// What a target really serves.
struct Served {
  bool known = false;
  std::string fingerprint;  // of the end entity's certificate
  std::vector<std::string> chain_fingerprints;
  std::string detail;  // one line for people
};

class Distributor {
 public:
  virtual ~Distributor() = default;
  // Looks at the target without an effect. `credential` may be null: then `present` is other, none, unreadable or
  // unknown.
  virtual Inspection inspect(const Credential* credential) = 0;
  // Everything that undo() needs, opaque (it may hold secrets: the engine stores it 0600). No effect on the target.
  // `previous`: the credential that was delivered to this target last, for a distributor that cannot read it back from
  // the target; null when there is none.
  virtual Secret prepare(const Credential& credential, const Credential* previous) = 0;
  // Idempotent: a second call after a crash in the first completes it.
  virtual InstallReport install(const Credential& credential, const Secret& undo_token) = 0;
  // Idempotent. Succeeds when install() never or half happened; touches only what still equals what install() wrote.
  // Throws Failure("undo-impossible", …) when the target cannot be given its old credential back.
  virtual void undo(const Secret& undo_token) = 0;
};

// May: make the service read what install() wrote.
class Reloads {
 public:
  // Equal keys run once per delivery.
  [[nodiscard]] virtual std::string reload_key() const = 0;
  virtual void reload() = 0;

 protected:
  ~Reloads() = default;
};

// May: ask the service what it serves.
class Verifies {
 public:
  // One look, a few seconds at most: it does not wait for the service, for the engine looks again, after growing
  // pauses, until `expected` is served or the target's verify_timeout is over. Serving another certificate is no
  // exception: Served says which. No answer is Failure("unreachable", …), and so is whatever another look may find
  // mended; Failure::never ends the waiting. Served::known is false only where this target cannot be asked at all; it
  // never means that the service is down.
  virtual Served verify(const Credential& expected) = 0;

 protected:
  ~Verifies() = default;
};

}  // namespace certctl
