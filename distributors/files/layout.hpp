// What the options of `files` say: which files there are, what is in them, who may read them.
#pragma once

#include "distributors/settings/editor/edit.hpp"  // KeyFormat

#include <certctl/options.hpp>

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace certctl::files {

inline constexpr OptionSpec kOptions[] = {
    {"certificate", OptionType::path, "", false, false, "", "file for the certificate alone"},
    {"key", OptionType::path, "", false, false, "", "file for the private key"},
    {"chain", OptionType::path, "", false, false, "", "file for the certificates between it and the trust anchor"},
    {"fullchain", OptionType::path, "", false, false, "", "file for the certificate and its chain"},
    {"ca", OptionType::path, "", false, false, "", "file for the CA certificates, the issuer first"},
    {"combined", OptionType::path, "", false, false, "", "file for private key, certificate and chain"},
    {"der", OptionType::boolean, "false", false, false, "", "write DER instead of PEM (certificate and key only)"},
    {"key_format", OptionType::choice, "auto", false, false, "auto|traditional|pkcs8",
     "PRIVATE KEY (pkcs8) or RSA PRIVATE KEY (traditional); auto: as the key that is there"},
    {"owner", OptionType::text, "", false, false, "", "user the files belong to; else as the file that is there"},
    {"group", OptionType::text, "", false, false, "", "group the files belong to; else as the file that is there"},
    {"mode", OptionType::text, "", false, false, "",
     "mode of files without a key; else as the file that is there, 0644 for a new one"},
    {"key_mode", OptionType::text, "", false, false, "",
     "mode of files with a key; else as the file that is there, 0600 for a new one"},
};

enum class Part : int { certificate, key, chain, fullchain, ca, combined };
[[nodiscard]] std::string part_word(Part part);
[[nodiscard]] std::optional<Part> part_from_word(const std::string& word) noexcept;
[[nodiscard]] bool holds_key(Part part) noexcept;

struct Output {
  Part part = Part::certificate;
  std::string path;  // as configured
};

struct Layout {
  std::vector<Output> outputs;  // those with the key first
  bool der = false;
  settings::KeyFormat key_format = settings::KeyFormat::automatic;
  std::string owner;  // name or number; empty: not given
  std::string group;
  std::optional<mode_t> mode;
  std::optional<mode_t> key_mode;
};

// Failure bad-option (RetryClass::never).
[[nodiscard]] Layout read_layout(const Options& options);

// Failure bad-option (never) when there is none. A number needs no entry.
[[nodiscard]] uid_t user_id(const std::string& name);
[[nodiscard]] gid_t group_id(const std::string& name);

}  // namespace certctl::files
