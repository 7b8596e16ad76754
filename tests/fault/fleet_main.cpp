// certctl-fleet [--no-jitter] [--days N] [--devices N] [--steps N]: prints what simulated years, fleets and renewal
// windows show, one line each; exit 1 if a promise is broken: more than 24 attempts a day, a peak above three times the
// mean, a renewal that is due at the wrong time. --no-jitter: chance always says "almost one", which must be found.
#include <cstdlib>
#include <iomanip>
#include <iostream>
#include <random>

#include "tests/fault/fleet.hpp"

namespace {

using namespace certctl;
using namespace certctl::fault;

int broken = 0;

void require(bool good, const std::string& what) {
  if (good) return;
  std::cout << "not ok - " << what << "\n";
  broken = 1;
}

void years(int days, const engine::Random& random) {
  const struct {
    const char* name;
    Error error;
  } errors[] = {{"never", {"refused", "", "", RetryClass::never, std::chrono::seconds{0}}},
                {"later", {"unreachable", "", "", RetryClass::later, std::chrono::seconds{0}}},
                {"after 0 s", {"busy", "", "", RetryClass::after, std::chrono::seconds{0}}},
                {"after 10^9 s", {"busy", "", "", RetryClass::after, std::chrono::seconds{1'000'000'000}}}};
  for (const auto& [name, error] : errors) {
    for (const int cron : {1, 300}) {
      const Year year = simulate_year(error, cron, days, random);
      std::cout << "a CA that always fails (" << name << "), asked every " << cron << " s: " << year.attempts
                << " attempts in " << days << " days, at most " << year.most_a_day << " a day; first delays";
      for (const int delay : year.first_delays) std::cout << " " << delay;
      std::cout << " s\n";
      require(year.most_a_day <= engine::kAttemptsPerDay, "more than 24 attempts in a day");
      require(year.attempts >= static_cast<std::size_t>(days) - 1, "it gave up");
    }
  }
}

void recoveries(std::size_t devices, const engine::Random& random) {
  for (const bool all_waiting : {true, false}) {
    const Recovery one = simulate_recovery(devices, 12, all_waiting, random);
    std::cout << devices << " devices after an outage of 12 h, "
              << (all_waiting ? "all waiting from its beginning" : "falling due during it") << ": peak " << one.peak
              << " requests a minute, mean " << std::fixed << std::setprecision(1) << one.mean << ", peak/mean "
              << static_cast<double>(one.peak) / one.mean << ", the last after " << one.longest_wait / 60 << " min\n";
    // A renewal that fell due just before the end of the outage is tried again within minutes: those come on top.
    const double most = all_waiting ? 3 : 5;
    require(static_cast<double>(one.peak) <= most * one.mean, "the peak is too far above the mean");
  }
}

}  // namespace

int main(int argc, char** argv) {
  int days = 365;
  std::size_t devices = 10000;
  int steps = 100000;
  bool jitter = true;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--no-jitter") {
      jitter = false;
    } else if (word == "--days" && i + 1 < argc) {
      days = std::atoi(argv[++i]);
    } else if (word == "--steps" && i + 1 < argc) {
      steps = std::atoi(argv[++i]);
    } else if (word == "--devices" && i + 1 < argc) {
      devices = static_cast<std::size_t>(std::atol(argv[++i]));
    } else {
      std::cerr << "usage: certctl-fleet [--no-jitter] [--days N] [--devices N] [--steps N]\n";
      return 2;
    }
  }
  std::mt19937_64 generator(20261130);
  std::uniform_real_distribution<double> even(0.0, 1.0);
  const engine::Random random = [&] { return jitter ? even(generator) : 0.999; };
  years(days, random);
  recoveries(devices, random);
  std::size_t tried = 0;
  const auto found = sweep_renewal_windows(steps, tried);
  for (const std::string& line : found) require(false, line);
  std::cout << "renewal windows: " << tried << " instants, " << found.size() << " wrong\n";
  return broken;
}
