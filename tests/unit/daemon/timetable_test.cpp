#include "framework/daemon/timetable.hpp"

#include <catch2/catch.hpp>

#include <set>

namespace {

using namespace certctl;
using daemon::Due;
using daemon::Task;
using daemon::Timetable;
using engine::EpochSeconds;
using engine::NextRun;

constexpr EpochSeconds kStart = 1'800'000'000;

std::vector<std::string> words(const std::vector<Due>& list) {
  std::vector<std::string> texts;
  for (const Due& due : list)
    texts.push_back(due.profile + (due.task == Task::look ? ":look" : due.task == Task::run ? ":run" : ":verify"));
  return texts;
}

using Words = std::vector<std::string>;

// Knows profile "a", which has just been looked at.
Timetable looked_at(const NextRun& next, const std::string& device = "device") {
  Timetable table(device, {});
  table.set_profiles({"a"}, {}, kStart);
  table.began("a");
  table.ended({"a", Task::look}, &next, kStart);
  return table;
}

}  // namespace

TEST_CASE("timetable: a new profile is looked at at once, and then does what it needs when it is due") {
  Timetable table("device", {});
  table.set_profiles({"a", "b"}, {}, kStart);
  CHECK(words(table.due(kStart)) == Words{"a:look", "b:look"});
  table.began("a");
  CHECK(words(table.due(kStart)) == Words{"b:look"});
  const NextRun poll{kStart + 60, kStart + 60};
  table.ended({"a", Task::look}, &poll, kStart);
  const NextRun nothing{};
  table.began("b");
  table.ended({"b", Task::look}, &nothing, kStart);
  CHECK(table.due(kStart + 59).empty());
  CHECK(table.next(kStart) == kStart + 60);
  CHECK(words(table.due(kStart + 60)) == Words{"a:run"});
  // A profile that nothing is known of is looked at again in an hour.
  table.set_profiles({"b"}, {}, kStart);
  CHECK(table.next(kStart) == kStart + 3600);
}

TEST_CASE("timetable: a process that fails, and a run that leaves something due, wait a minute") {
  Timetable table = looked_at({kStart, kStart});
  CHECK(words(table.due(kStart)) == Words{"a:run"});
  table.began("a");
  CHECK(table.due(kStart).empty());
  CHECK(table.next(kStart) == 0);
  table.ended({"a", Task::run}, nullptr, kStart);
  CHECK(table.due(kStart + 59).empty());
  CHECK(words(table.due(kStart + 60)) == Words{"a:run"});
  table.began("a");
  const NextRun still{kStart, kStart};
  table.ended({"a", Task::run}, &still, kStart + 60);
  CHECK(table.due(kStart + 119).empty());
  CHECK(words(table.due(kStart + 120)) == Words{"a:run"});
}

TEST_CASE(
    "timetable: renewals are spread, the same on each start and otherwise on each device; appointments are kept") {
  const EpochSeconds at = kStart + 1000;
  const NextRun renewal{at, at + 100'000};
  std::set<EpochSeconds> times;
  for (int device = 0; device < 200; ++device) {
    const std::string name = "device-" + std::to_string(device);
    const EpochSeconds run = looked_at(renewal, name).run_at("a");
    CHECK(run == looked_at(renewal, name).run_at("a"));
    CHECK(run >= at);
    CHECK(run < at + 3600);
    times.insert(run / 360);
  }
  // All ten parts of the hour are used.
  CHECK(times.size() >= 10);
  CHECK(looked_at({at, at}).run_at("a") == at);
  // Never later than it may be.
  CHECK(looked_at({at, at + 10}).run_at("a") <= at + 10);
}

TEST_CASE("timetable: targets are asked from time to time; a changed file and a touched journal bring a look") {
  Timetable table = looked_at({});
  EpochSeconds verify = kStart;
  while (words(table.due(verify)) != Words{"a:verify"} && verify < kStart + 90'000) {
    if (words(table.due(verify)) == Words{"a:look"}) {
      const NextRun nothing{};
      table.began("a");
      table.ended({"a", Task::look}, &nothing, verify);
    }
    verify += 60;
  }
  CHECK(verify <= kStart + 24 * 3600);
  table.began("a");
  const NextRun nothing{};
  table.ended({"a", Task::verify}, &nothing, verify);
  CHECK(table.due(verify).empty());
  table.touched("a", verify);
  CHECK(words(table.due(verify)) == Words{"a:look"});
  table.began("a");
  table.ended({"a", Task::look}, &nothing, verify);
  table.set_profiles({"a"}, {"a"}, verify);
  CHECK(words(table.due(verify)) == Words{"a:look"});
}

TEST_CASE("timetable: a clock that was set back puts looks off by an interval at most") {
  Timetable table = looked_at({});
  CHECK(words(table.due(kStart - 400 * 24 * 3600)) == Words{"a:verify"});
}

TEST_CASE("timetable: what somebody else's work shows does not end ours") {
  Timetable table = looked_at({kStart, kStart});
  table.began("a");
  table.learned("a", {kStart, kStart}, kStart);
  CHECK(table.due(kStart).empty());
}
