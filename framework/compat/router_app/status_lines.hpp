// The two lines of the router app's status, word for word.
#pragma once

#include <string>
#include <string_view>

namespace certctl::router_app {

struct StatusFacts {
  bool automation = false;  // Enable Automation
  std::string transaction;  // as `status --json` has it
  bool failed = false;      // the last attempt failed
  std::string serial;       // of the certificate in service; empty: there is none
};

struct StatusLines {
  std::string module;
  std::string certificate;
  bool running = false;
};

[[nodiscard]] StatusLines status_lines(const StatusFacts& facts);

}  // namespace certctl::router_app
