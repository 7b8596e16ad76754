// Slows those who guess the password. No clock of its own.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <set>
#include <string>

namespace certctl::daemon {

class Guessing {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // How long `address` is to wait before its next try; 0: it may try now, and this try is counted as one that failed
  // until succeeded() says otherwise.
  [[nodiscard]] std::chrono::seconds begin_try(const std::string& address, Time now);
  void succeeded(const std::string& address, Time now);

  // An address has this many tries, then waits 1 s, 2 s, 4 s … up to kLongestWait for each further one.
  static constexpr int kFreeTries = 3;
  static constexpr std::chrono::seconds kLongestWait{60};
  // Of all addresses together that nobody has logged in from: a burst, and then one a second. Whoever has many
  // addresses gains nothing, and cannot keep those out who were in before.
  static constexpr int kBurst = 20;
  static constexpr std::size_t kMostAddresses = 1000;
  static constexpr std::chrono::hours kForgotten{1};

 private:
  struct Address {
    int failures = 0;
    Time last;
  };
  void forget_old(Time now);

  std::map<std::string, Address> addresses_;
  std::set<std::string> welcome_;
  double tokens_ = kBurst;
  Time filled_;
  bool started_ = false;
};

}  // namespace certctl::daemon
