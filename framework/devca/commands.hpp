// The commands of certctl-devca besides `serve`: they work on the state directory, whether a server runs or not.
#pragma once

#include "framework/devca/settings.hpp"

#include <string>
#include <vector>

namespace certctl::devca {

int show_pending(const std::string& directory);
// Empty `ids`: all that wait. Fails with "unknown-request".
int approve(const std::string& directory, const std::vector<std::string>& ids);
int deny(const std::string& directory, const std::vector<std::string>& ids, const std::string& reason);
int show_issued(const std::string& directory);
int revoke(const std::string& directory, const std::string& serial);
int roll_over_ca(const std::string& directory, bool only_ra);
int set_faults(const std::string& directory, const std::vector<std::string>& faults);
// Lines of requests.log; `type` filters by "type" or "operation"; `count`: only how many.
int show_requests(const std::string& directory, const std::string& type, bool count);

// Runs until TERM or INT.
int serve(const ServeSettings& settings);
int make_ca(const ServeSettings& settings);

}  // namespace certctl::devca
