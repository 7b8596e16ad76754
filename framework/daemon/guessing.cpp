#include "framework/daemon/guessing.hpp"

#include <algorithm>
#include <iterator>

namespace certctl::daemon {
namespace {

std::chrono::seconds wait_after(int failures) {
  if (failures < Guessing::kFreeTries) return std::chrono::seconds{0};
  const int doublings = std::min(failures - Guessing::kFreeTries, 6);
  return std::min(std::chrono::seconds{1 << doublings}, Guessing::kLongestWait);
}

// Rounded up: who waits as long as was said is let in.
std::chrono::seconds whole_seconds(Guessing::Time::duration left) {
  return std::chrono::ceil<std::chrono::seconds>(left);
}

}  // namespace

std::chrono::seconds Guessing::begin_try(const std::string& address, Time now) {
  forget_old(now);
  if (const auto known = addresses_.find(address); known != addresses_.end()) {
    const auto until = known->second.last + wait_after(known->second.failures);
    if (until > now) return whole_seconds(until - now);
  }
  if (!started_) filled_ = now;
  started_ = true;
  tokens_ = std::min<double>(kBurst, tokens_ + std::chrono::duration<double>(now - filled_).count());
  filled_ = now;
  if (!welcome_.contains(address)) {
    if (tokens_ < 1) return std::chrono::seconds{1};
    tokens_ -= 1;
  }
  Address& entry = addresses_[address];
  ++entry.failures;
  entry.last = now;
  return std::chrono::seconds{0};
}

void Guessing::succeeded(const std::string& address, Time /*now*/) {
  addresses_.erase(address);
  if (welcome_.size() < kMostAddresses) welcome_.insert(address);
}

void Guessing::forget_old(Time now) {
  for (auto it = addresses_.begin(); it != addresses_.end();)
    it = now - it->second.last > kForgotten ? addresses_.erase(it) : std::next(it);
  if (addresses_.size() < kMostAddresses) return;
  const auto oldest = std::min_element(addresses_.begin(), addresses_.end(),
                                       [](const auto& a, const auto& b) { return a.second.last < b.second.last; });
  addresses_.erase(oldest);
}

}  // namespace certctl::daemon
