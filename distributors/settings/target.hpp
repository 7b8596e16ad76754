// What the options of `settings` say.
#pragma once

#include "distributors/settings/editor/edit.hpp"

#include <certctl/options.hpp>

#include <string>
#include <vector>

namespace certctl::settings {

inline constexpr OptionSpec kOptions[] = {
    {"file", OptionType::path, "", true, false, "", "the settings file: NAME=value lines"},
    {"set", OptionType::map, "", true, false, "",
     "NAME: kind; kind is pkey (private key), cert, chain, or ca (CA certificates)"},
    {"encoding", OptionType::choice, "auto", false, false, "auto|base64-line|pem-quoted|pem-escaped",
     "how values are written; auto: as the values that are there"},
    {"key_format", OptionType::choice, "auto", false, false, "auto|traditional|pkcs8",
     "PRIVATE KEY (pkcs8) or RSA PRIVATE KEY (traditional); auto: as the key that is there"},
    {"missing", OptionType::choice, "refuse", false, false, "refuse|append",
     "what to do when a NAME is not in the file"},
};

struct Target {
  std::string file;  // as configured
  std::vector<Wanted> wanted;
  EditOptions options;
};

// Failure bad-option (RetryClass::never).
[[nodiscard]] Target read_target(const Options& options);

}  // namespace certctl::settings
