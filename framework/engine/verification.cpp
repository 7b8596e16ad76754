#include "framework/engine/verification.hpp"

#include <algorithm>
#include <thread>

#include "framework/engine/delivery.hpp"

namespace certctl::engine {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{100};
constexpr milliseconds kLongestPause{2000};

Observation look_once(TargetPort& port, const Credential& expected) {
  Observation observed;
  try {
    observed.served = port.verify(expected);
    observed.asked = observed.served.has_value();
    if (observed.served && observed.served->known && observed.served->fingerprint != expected.fingerprint) {
      observed.error = Error{"not-served",
                             "serves another certificate" +
                                 (observed.served->detail.empty() ? std::string() : ": " + observed.served->detail),
                             "look at the service's own log; where a reload is not enough, the profile may allow a "
                             "restart: restart: COMMAND",
                             RetryClass::later, std::chrono::seconds{0}};
    }
  } catch (const Failure& failure) {
    observed.asked = true;
    observed.error = failure.error();
  }
  return observed;
}

}  // namespace

Patience real_patience(std::function<bool()> stopping) {
  return {[] { return std::chrono::steady_clock::now(); }, [](milliseconds time) { std::this_thread::sleep_for(time); },
          std::move(stopping)};
}

Observation wait_until_served(TargetPort& port, const Credential& expected, const Patience& patience,
                              Patience::Moment since, const std::function<void(LogLevel, const std::string&)>& log) {
  Patience::Moment deadline = since + port.verify_timeout();
  bool hurried = false;
  for (milliseconds pause = kFirstPause;; pause = std::min(2 * pause, kLongestPause)) {
    Observation observed = look_once(port, expected);
    if (!observed.error || observed.error->retry == RetryClass::never) return observed;
    const Patience::Moment now = patience.now();
    if (!hurried && patience.hurried && patience.hurried()) {
      hurried = true;
      deadline = std::min(deadline, now + kHurriedWait);
    }
    if (now >= deadline) return observed;
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - now) + milliseconds(1);
    if (pause == kFirstPause) {
      log(LogLevel::info, port.name() + ": waits up to " + std::to_string((left.count() + 500) / 1000) +
                              "s until it is served: " + observed.error->message);
    }
    patience.pause(std::min(pause, left));
  }
}

void note_served(TargetRecord& record, const Observation& observed, EpochSeconds now) {
  if (!observed.asked) return;
  record.served = observed.served && observed.served->known ? observed.served->fingerprint : "";
  record.served_at = now;
}

}  // namespace certctl::engine
