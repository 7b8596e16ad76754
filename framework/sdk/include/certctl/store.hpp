// Store: keeps complete credentials as numbered generations, one of which is active.
//
// Life: constructed with its options and the profile's name (from the host); one instance on one thread, under the
// profile's lock. Promise of every store: at each instant, also after a power cut, the active generation is a whole
// matching pair.
#pragma once

#include <certctl/host.hpp>
#include <certctl/types.hpp>

#include <optional>
#include <string>
#include <vector>

namespace certctl {

class Store {
 public:
  virtual ~Store() = default;

  // A path or URI that tells this store from others: for `store-moved`.
  [[nodiscard]] virtual std::string location() const = 0;

  // Stores the credential durably and returns its generation number; the active generation does not change. Idempotent
  // by fingerprint: the same certificate again returns the same number (its chain and CA set are replaced).
  // Never overwrites a key or certificate file. Errors: store-full, store-unwritable, store-foreign.
  virtual int put(const Credential& credential) = 0;

  // Makes a whole generation the active one, in one atomic step. Error: generation-broken, generation-unknown.
  virtual void activate(int generation) = 0;

  // The active generation; nothing when there is none. A generation that is not whole is returned with its problem.
  [[nodiscard]] virtual std::optional<Generation> active() = 0;

  // All generations, oldest first.
  [[nodiscard]] virtual std::vector<Generation> list() = 0;

  // One generation as a value, key included. Error: generation-broken, generation-unknown.
  [[nodiscard]] virtual Credential read(int generation) = 0;

  // Removes generations, oldest first, until at most `keep` are left; never the active one and never one in `needed`.
  // Also removes temporary files that a crash left. Returns the numbers removed.
  virtual std::vector<int> prune(int keep, const std::vector<int>& needed) = 0;
};

// May: take over a directory that another program made, without changing the pair in it.
class Adopts {
 public:
  // Returns the number of the generation that is active now, or nothing when there was nothing to take over.
  virtual std::optional<int> adopt() = 0;

 protected:
  ~Adopts() = default;
};

}  // namespace certctl
