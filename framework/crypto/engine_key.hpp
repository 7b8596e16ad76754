// Private keys that an OpenSSL engine holds: PKCS #11 tokens, TPMs. OpenSSL 3 calls engines deprecated and has nothing
// in their place that Debian 12 packages for PKCS #11; all of it is in this pair of files.
#pragma once

#include "framework/crypto/key.hpp"

#include <certctl/types.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

struct engine_st;

namespace certctl::crypto {

struct EngineSettings {
  std::string id;            // "pkcs11"
  std::string dynamic_path;  // shared object; empty: OpenSSL finds it by the id
  std::string module_path;   // what the engine itself loads; empty: the engine's own choice
  // Sent in order after loading, before the engine starts. A value may be a secret: it is never shown. An empty value
  // sends none.
  std::vector<std::pair<std::string, Secret>> commands;
};

class Engine {
 public:
  // Loads and starts it. Fails with "engine-failed" (never).
  [[nodiscard]] static Engine open(const EngineSettings& settings);

  // The key that the engine knows by this name. A PIN that is not set is asked for on the terminal. Fails with
  // "engine-failed" (never).
  [[nodiscard]] Key private_key(const std::string& name) const;

 private:
  explicit Engine(engine_st* started);
  std::shared_ptr<engine_st> engine_;
};

}  // namespace certctl::crypto
