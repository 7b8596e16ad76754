// Where private keys come from: files, or an engine that holds them.
#pragma once

#include "framework/compat/sscep/console.hpp"
#include "framework/compat/sscep/options.hpp"
#include "framework/crypto/conf_file.hpp"
#include "framework/crypto/key.hpp"

#include <optional>
#include <string>

namespace certctl::sscep {

class KeySource {
 public:
  // What -k or -K names. Throws Stop (file).
  [[nodiscard]] crypto::Key load(const std::string& name) const;
};

}  // namespace certctl::sscep
