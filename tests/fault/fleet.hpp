// Simulated years and fleets: the engine's own plan and back-off, with time and chance handed in.
#pragma once

#include <certctl/result.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include "framework/engine/plan.hpp"
#include "framework/engine/retry.hpp"

namespace certctl::fault {

// A profile whose CA answers with this error, asked by cron as often as this, for so many days.
struct Year {
  int days = 0;
  std::size_t attempts = 0;
  std::size_t most_a_day = 0;     // in any 24 hours
  std::vector<int> first_delays;  // in seconds, between the first attempts
};
[[nodiscard]] Year simulate_year(const Error& error, int cron_seconds, int days, const engine::Random& random);

// Devices whose renewals fall due evenly during an outage, or (`all_waiting`) were all due before it.
struct Recovery {
  std::size_t devices = 0;
  std::size_t longest_wait = 0;  // seconds from the end of the outage to the last device's certificate
  std::size_t peak = 0;          // requests in the worst minute
  double mean = 0;               // requests a minute until 95 % have their certificate
};
[[nodiscard]] Recovery simulate_recovery(std::size_t devices, int outage_hours, bool all_waiting,
                                         const engine::Random& random);

// At every hour of lifetimes from 10 minutes to 10 years, and at most at so many instants of each. One line per
// violation: renewal is due too early, too late, or not for good.
[[nodiscard]] std::vector<std::string> sweep_renewal_windows(int steps, std::size_t& tried);

}  // namespace certctl::fault
