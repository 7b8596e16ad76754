// What every distributor promises (certctl/distributor.hpp), tried on one target of one plugin.
#pragma once

#include <certctl/plugin.hpp>

#include <filesystem>
#include <functional>
#include <string>

#include "tests/contract/conformance.hpp"
#include "tests/contract/instance.hpp"
#include "tests/contract/test_host.hpp"

namespace certctl::contract {

struct DistributorSubject {
  Maker<DistributorApi> make;
  // Options for the target.
  std::function<Options()> options;
  // Credentials with different keys, generations 1 and 2.
  Credential old_credential;
  Credential new_credential;
  // Gives the target the state in which it holds `old_credential`, and nothing of earlier rounds.
  std::function<void()> reset;
  // Everything about the target that a service or an administrator could notice.
  std::function<std::string()> snapshot;
  // Something else at the target changes that is not ours to touch. May be empty: there is nothing else.
  std::function<void()> change_neighbour;
  // Somebody else puts a third credential there. May be empty: nobody can.
  std::function<void()> take_over;
  // The target goes away, so that it can be neither looked at nor written. May be empty.
  std::function<void()> break_target;
  // undo() brings back what snapshot() shows, byte for byte; false: it does its work anew (a script).
  bool restores = true;
  // It can tell what is there; then a delivery of what is there already says that nothing changed, too.
  bool looks = true;
  // It says the serial of another credential that it finds; false: at least never a wrong one.
  bool reads_serial = true;
  // It refuses a credential whose parts do not belong together.
  bool checks_credentials = true;
  // A text that must never be shown; may be empty.
  std::string secret;
};

void distributor_suite(const DistributorSubject& subject);

// For snapshots: name, type, mode, owner and content of everything below the directory.
std::string snapshot_of(const std::filesystem::path& directory);

}  // namespace certctl::contract
