#include "framework/daemon/sessions.hpp"

#include <catch2/catch.hpp>

using namespace certctl::daemon;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST_CASE("a session lives while it is used, and twelve hours at most") {
  Sessions sessions(minutes{30});
  Sessions::Time now{};
  const std::string token = sessions.begin(now);
  CHECK(token.size() == 64);
  CHECK(sessions.use(token, now += minutes{29}));
  CHECK(sessions.use(token, now += minutes{29}));
  CHECK_FALSE(sessions.use(token, now += minutes{31}));
  CHECK_FALSE(sessions.use(token, now));

  const std::string busy = sessions.begin(now);
  const auto began = now;
  while (now - began < hours{12}) {
    REQUIRE(sessions.use(busy, now));
    now += minutes{20};
  }
  CHECK_FALSE(sessions.use(busy, now += minutes{1}));
}

TEST_CASE("only tokens that were given out are known") {
  Sessions sessions(minutes{30});
  const Sessions::Time now{};
  const std::string token = sessions.begin(now);
  for (const std::string& other : std::initializer_list<std::string>{"", token.substr(1), token + "0",
                                                                     std::string(64, '0'), std::string(64, '\0')})
    CHECK_FALSE(sessions.use(other, now));
  CHECK(sessions.begin(now) != token);
  sessions.end(token);
  CHECK_FALSE(sessions.use(token, now));
}

TEST_CASE("the number of sessions is bounded: the one that was idle longest ends") {
  Sessions sessions(hours{2});
  Sessions::Time now{};
  const std::string first = sessions.begin(now);
  const std::string second = sessions.begin(now += seconds{1});
  for (std::size_t i = 2; i < Sessions::kMost; ++i) (void)sessions.begin(now += seconds{1});
  CHECK(sessions.use(first, now += seconds{1}));
  (void)sessions.begin(now += seconds{1});
  CHECK(sessions.use(first, now));
  CHECK_FALSE(sessions.use(second, now));
  sessions.end_all();
  CHECK_FALSE(sessions.use(first, now));
}
