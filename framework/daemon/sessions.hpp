// Who has logged in to the page. In memory only: a restart of the daemon ends all sessions. No clock of its own.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace certctl::daemon {

class Sessions {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit Sessions(std::chrono::seconds idle) : idle_(idle) {}

  // A new session's token: 256 random bits, which are kept as a hash only. Of more than kMost sessions the one that was
  // idle longest ends.
  [[nodiscard]] std::string begin(Time now);
  // Whether the token is that of a session, which is not idle any more then.
  [[nodiscard]] bool use(std::string_view token, Time now);
  void end(std::string_view token);
  void end_all() noexcept { sessions_.clear(); }

  static constexpr std::chrono::hours kLongest{12};  // then one logs in again, idle or not
  static constexpr std::size_t kMost = 32;

 private:
  struct Session {
    Time began;
    Time used;
  };
  [[nodiscard]] bool over(const Session& session, Time now) const noexcept {
    return now - session.used > idle_ || now - session.began > kLongest;
  }

  std::chrono::seconds idle_;
  std::map<std::string, Session> sessions_;  // by the token's hash: comparing takes no time that tells something of it
};

}  // namespace certctl::daemon
