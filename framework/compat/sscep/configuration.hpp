// The configuration file of -f.
#pragma once

#include "framework/compat/sscep/console.hpp"
#include "framework/compat/sscep/options.hpp"
#include "framework/crypto/conf_file.hpp"

namespace certctl::sscep {

// Fills the options that the command line did not give, from [sscep] and from the section of the operation; where both
// have a key, [sscep] counts. Unknown keys and sections are ignored, as they always were; a value that means nothing is
// reported. Throws Stop (file).
void apply_configuration(const crypto::ConfFile& file, Options& options, const Console& console);

// Reads the file of -f, if one is given, and applies it. Throws Stop (file).
std::optional<crypto::ConfFile> load_configuration(Options& options, const Console& console);

}  // namespace certctl::sscep
