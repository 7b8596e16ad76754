// Where private keys come from: files, or an engine that holds them.
#pragma once

#include "framework/compat/sscep/console.hpp"
#include "framework/compat/sscep/options.hpp"
#include "framework/crypto/conf_file.hpp"
#include "framework/crypto/engine_key.hpp"
#include "framework/crypto/key.hpp"

#include <optional>
#include <string>

namespace certctl::sscep {

// The engine that -g or the configuration file names; nothing without one. -g counts before the file's engine_id.
// Throws Stop (file) on a section that is missing or incomplete.
std::optional<crypto::EngineSettings> engine_settings(const Options& options,
                                                      const std::optional<crypto::ConfFile>& file);

class KeySource {
 public:
  // Starts the engine, if there is one. Throws Stop (error) when that fails.
  KeySource(const std::optional<crypto::EngineSettings>& settings, const Console& console);

  // What -k or -K names: for the engine, if it knows it; else a file. Throws Stop (file).
  [[nodiscard]] crypto::Key load(const std::string& name) const;

 private:
  const Console& console_;
  std::optional<crypto::Engine> engine_;
};

}  // namespace certctl::sscep
