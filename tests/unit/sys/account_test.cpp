#include "framework/sys/account.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <thread>
#include <vector>

using namespace certctl::sys;

TEST_CASE("users and groups are found by name and by number") {
  CHECK(user_id("root") == 0U);
  CHECK(user_id("0") == 0U);
  CHECK(user_id("1234567") == 1234567U);  // nobody has it: chown takes it
  CHECK(group_id("root") == 0U);
  CHECK(group_id("65534") == 65534U);
  REQUIRE(find_account("daemon"));
  CHECK(find_account("daemon")->user == 1U);
  CHECK(find_account("daemon")->group == 1U);
  for (const char* text : {"", "no-such-user-here", "-1", "4294967295", "4294967296", "0x0", " 0", "0 "}) {
    CAPTURE(text);
    CHECK_FALSE(user_id(text));
    CHECK_FALSE(group_id(text));
    CHECK_FALSE(find_account(text));
  }
}

TEST_CASE("threads that look up different users each get their own") {
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  const std::vector<std::pair<std::string, unsigned>> users = {{"root", 0}, {"daemon", 1}, {"bin", 2}, {"sys", 3}};
  for (const auto& user : users) {
    threads.emplace_back([&wrong, user] {
      for (int i = 0; i < 2000; ++i)
        if (user_id(user.first) != user.second || group_id(user.first) != user.second) ++wrong;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
}
