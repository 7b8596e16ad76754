#include "framework/compat/router_app/status_lines.hpp"

#include <algorithm>
#include <array>

namespace certctl::router_app {

StatusLines status_lines(const StatusFacts& facts) {
  // Open also when no process waits: the CA may still answer.
  static constexpr std::array<std::string_view, 4> kOpen = {"enrolling", "pending", "in_doubt", "issued"};
  StatusLines lines;
  const bool open = std::find(kOpen.begin(), kOpen.end(), facts.transaction) != kOpen.end();
  // Prepared, but no message ever went out: the attempt is over, and the next one begins anew.
  const bool unsent = facts.transaction == "enrolling" && facts.failed;
  lines.running = facts.automation && open && !unsent;
  lines.module = std::string("Module scepClient ") + (!facts.automation ? "disabled"
                                                      : lines.running   ? "running"
                                                                        : "not running");
  if (lines.running)
    lines.certificate = facts.serial.empty() ? "Certificate enrollment" : "Certificate re-enrollment";
  else
    lines.certificate = facts.serial.empty() ? "Certificate not enrolled" : "Certificate enrolled as " + facts.serial;
  return lines;
}

}  // namespace certctl::router_app
