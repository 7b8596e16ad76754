// The command line of scep_replace_pem: that of the router app, and a few options before it.
#pragma once

#include "distributors/settings/editor/edit.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace certctl::replace_pem {

struct Arguments {
  bool help = false;
  std::string store;  // directory; empty: the usual one
  std::string locks;  // directory; empty: that of the configuration
  std::chrono::seconds lock_timeout{30};
  settings::EditOptions edit{settings::EncodingChoice::automatic, settings::KeyFormat::automatic,
                             settings::Missing::append};
  std::string file;
  std::vector<settings::Wanted> wanted;
};

// Failure bad-arguments (RetryClass::never), with what is wrong.
[[nodiscard]] Arguments parse_arguments(const std::vector<std::string>& words);

[[nodiscard]] const char* help_text() noexcept;

}  // namespace certctl::replace_pem
