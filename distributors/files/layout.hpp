// What the options of `files` say: which files there are and what is in them.
#pragma once

#include <certctl/options.hpp>

#include <vector>

#include "distributors/files/output/file_set.hpp"

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
    kOwnerOption,
    kGroupOption,
    kModeOption,
    kKeyModeOption,
};

// Those with the key first. Failure bad-option (RetryClass::never).
[[nodiscard]] std::vector<Output> read_layout(const Options& options);

}  // namespace certctl::files
