// nginx's whole configuration as its files have it now: each `include` replaced by what it includes. Files are only
// read: nginx itself, asked with -T, would make its pid file and open its logs, and says nothing at all while a
// certificate is missing.
#pragma once

#include <string>
#include <vector>

#include "distributors/nginx/configuration_text.hpp"

namespace certctl::nginx {

struct Configuration {
  std::string file;       // absolute
  std::string directory;  // what relative names of certificates and includes are relative to
  std::vector<Directive> directives;
};

// Failure configuration-unreadable (later): the words of configuration_text.hpp, a file that is missing, files that
// include one another, or more of them than certctl reads.
[[nodiscard]] Configuration read_configuration(const std::string& file);

// The last directive of this name in a block; null when there is none.
[[nodiscard]] const Directive* find_directive(const std::vector<Directive>& block, std::string_view name) noexcept;

}  // namespace certctl::nginx
