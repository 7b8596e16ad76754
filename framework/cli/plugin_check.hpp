// `certctl plugin check`: runs the conformance suites, a program of the package for authors of plugins.
#pragma once

#include <string>

#include "framework/cli/program.hpp"

namespace certctl::cli {

struct PluginCheck {
  std::string path;
  std::string options;
  std::string fixture;
  std::string ca;
  int timeout = 600;  // seconds
};

// Prints one line per rule. Returns 0 when every rule held, 1 when one is broken. Throws Failure when the file is
// refused as a plugin, or the program is not installed; RunFailure when the plugin ended the suite.
int check_plugin(const Program& program, const PluginCheck& check);

}  // namespace certctl::cli
