// Texts that somebody may put into a certificate in the hope that a program acts on them.
#pragma once

#include <certctl/types.hpp>

#include <string>
#include <vector>

namespace certctl::devca {

// NUL, line ends, terminal commands, paths, shell commands, markup, right-to-left overrides.
const std::vector<std::string>& hostile_texts();
// DER of a Name with one common name per text; written by hand, as a proper writer refuses such texts.
Bytes name_of_texts(const std::vector<std::string>& texts);
// DER of GeneralNames with one dNSName per text.
Bytes dns_names_of(const std::vector<std::string>& texts);

}  // namespace certctl::devca
