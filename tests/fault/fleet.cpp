#include "tests/fault/fleet.hpp"

#include <algorithm>
#include <deque>

namespace certctl::fault {
namespace {

using engine::EpochSeconds;

constexpr EpochSeconds kBegin = 1'800'000'000;
constexpr EpochSeconds kHour = 3600;
constexpr EpochSeconds kDay = 24 * kHour;

// What `certctl renew` is given when the certificate is over due.
struct Device {
  engine::Journal journal;
  engine::PlanInput input;

  explicit Device(EpochSeconds due) {
    input.journal = &journal;
    input.store_location = journal.store_location = "scepclient:/store";
    input.active = engine::ActiveFacts{1, true, "", "sha256:1", due - 700 * kDay, due + 300 * kDay};
    journal.active = 1;
  }
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  bool due(EpochSeconds now) {
    input.now = now;
    return engine::plan(input).due(now);
  }
  void fail(const Error& error, EpochSeconds now, const engine::Random& random) {
    engine::count_attempt(journal.attempts, now, random);
    engine::fail_attempt(journal.attempts, error, now, random);
  }
  EpochSeconds next(EpochSeconds now) {
    input.now = now;
    return std::max(now + 1, engine::plan(input).at);
  }
};

}  // namespace

Year simulate_year(const Error& error, int cron_seconds, int days, const engine::Random& random) {
  Year year;
  year.days = days;
  Device device(kBegin);
  std::deque<EpochSeconds> last_day;
  EpochSeconds last = 0;
  for (EpochSeconds now = kBegin; now < kBegin + days * kDay; now += cron_seconds) {
    if (!device.due(now)) {
      // Nothing changes until then.
      now += (device.next(now) - now - 1) / cron_seconds * cron_seconds;
      continue;
    }
    device.fail(error, now, random);
    if (last != 0 && year.first_delays.size() < 14) year.first_delays.push_back(static_cast<int>(now - last));
    last = now;
    ++year.attempts;
    last_day.push_back(now);
    while (last_day.front() <= now - kDay) last_day.pop_front();
    year.most_a_day = std::max(year.most_a_day, last_day.size());
  }
  return year;
}

Recovery simulate_recovery(std::size_t devices, int outage_hours, bool all_waiting, const engine::Random& random) {
  const Error no_answer{"unreachable", "no answer", "", RetryClass::later, std::chrono::seconds{0}};
  const EpochSeconds end = kBegin + outage_hours * kHour;
  Recovery recovery;
  recovery.devices = devices;
  std::vector<std::size_t> waits;
  for (std::size_t i = 0; i < devices; ++i) {
    // Renewals fall due evenly in a fleet: an hour's devices were due in the hour before the outage.
    const auto share = static_cast<double>(i) / static_cast<double>(devices);
    const double span = all_waiting ? static_cast<double>(kHour) : static_cast<double>(outage_hours * kHour);
    EpochSeconds now = kBegin + static_cast<EpochSeconds>(share * span);
    Device device(now);
    while (now < end) {
      device.fail(no_answer, now, random);
      now = device.next(now);
    }
    waits.push_back(static_cast<std::size_t>(now - end));
  }
  std::sort(waits.begin(), waits.end());
  recovery.longest_wait = waits.back();
  std::vector<std::size_t> minutes(waits.back() / 60 + 1);
  for (const std::size_t wait : waits) ++minutes[wait / 60];
  recovery.peak = *std::max_element(minutes.begin(), minutes.end());
  const std::size_t most = waits.size() * 95 / 100;
  recovery.mean = static_cast<double>(most) / static_cast<double>(waits[most - 1] / 60 + 1);
  return recovery;
}

std::vector<std::string> sweep_renewal_windows(int steps, std::size_t& tried) {
  std::vector<std::string> found;
  constexpr EpochSeconds kYear = 365 * kDay;
  const std::vector<EpochSeconds> lifetimes = {600,       kHour,     6 * kHour,  kDay,      3 * kDay,  7 * kDay,
                                               30 * kDay, 90 * kDay, 397 * kDay, 2 * kYear, 3 * kYear, 10 * kYear};
  std::vector<config::RenewThreshold> thresholds;
  for (const int percent : {1, 10, 30, 49, 50, 51, 99}) {
    config::RenewThreshold one;
    one.percent_left = percent;
    one.text = std::to_string(percent) + "% left";
    thresholds.push_back(one);
  }
  for (const EpochSeconds left : {EpochSeconds{60}, kHour, kDay, 30 * kDay}) {
    config::RenewThreshold one;
    one.left = std::chrono::seconds(left);
    one.text = std::to_string(left) + "s left";
    thresholds.push_back(one);
  }
  for (const EpochSeconds lifetime : lifetimes) {
    for (const auto& threshold : thresholds) {
      Device device(kBegin);
      device.input.renew = threshold;
      device.input.active->not_before = kBegin;
      device.input.active->not_after = kBegin + lifetime;
      const std::string name = "lifetime " + std::to_string(lifetime) + " s, " + threshold.text;
      const EpochSeconds at = engine::renewal_time(threshold, kBegin, kBegin + lifetime);
      // Not in the first half of the life, or certificates would be asked for again and again; not after its end.
      if (at < kBegin + lifetime / 2 - 1 || at > kBegin + lifetime) found.push_back(name + ": due outside of its life");
      const EpochSeconds step = std::max<EpochSeconds>({1, std::min(kHour, lifetime / 200), lifetime / steps});
      bool was_due = false;
      for (EpochSeconds now = kBegin; now < kBegin + lifetime + kDay; now += step) {
        ++tried;
        const bool due = device.due(now);
        if (due != (now >= at)) found.push_back(name + ": due or not due at the wrong time");
        if (was_due && !due) found.push_back(name + ": due, and then no longer");
        was_due = due;
        if (found.size() > 20) return found;
      }
    }
  }
  return found;
}

}  // namespace certctl::fault
