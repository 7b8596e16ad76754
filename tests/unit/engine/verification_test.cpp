// Waiting until it is served, restarts, and what is served after an undo: over fakes, with a clock of their own.
#include "framework/engine/verification.hpp"

#include <catch2/catch.hpp>

#include <numeric>

#include "tests/unit/engine/fake_target.hpp"

using namespace certctl;
using namespace certctl::engine;
using namespace certctl::engine::test;
using Catch::Contains;
using std::chrono::milliseconds;

namespace {

Faults silent(int looks) {
  Faults faults;
  faults.silent_looks = looks;
  return faults;
}
Faults reload_is_not_enough() {
  Faults faults;
  faults.not_served = true;
  return faults;
}

milliseconds waited(const World& world) {
  return std::accumulate(world.pauses.begin(), world.pauses.end(), milliseconds(0));
}

const TargetRecord& record(const World& world, const char* name) {
  return world.disk_journal.targets.at(name);
}

}  // namespace

TEST_CASE("a service that comes up slowly is waited for, with growing pauses") {
  World world = old_world({"a"});
  FakeTarget a(world, "a", "ra", silent(8));
  Process process(world, {&a});
  CHECK(deliver(process.tools, order({"a"})));
  CHECK(world.pauses == std::vector<milliseconds>{milliseconds(100), milliseconds(200), milliseconds(400),
                                                  milliseconds(800), milliseconds(1600), milliseconds(2000),
                                                  milliseconds(2000), milliseconds(2000)});
  CHECK(record(world, "a").served == "f2");
  CHECK(record(world, "a").served_at == kNow);
}

TEST_CASE("the target's own verify_timeout is the deadline, and the last answer is the error") {
  World world = old_world({"a"});
  FakeTarget a(world, "a", "ra", silent(1000));
  a.patience = milliseconds(5000);
  Process process(world, {&a});
  CHECK_FALSE(deliver(process.tools, order({"a"}, false)));
  CHECK(waited(world) >= milliseconds(5000));
  CHECK(waited(world) < milliseconds(5100));
  REQUIRE(record(world, "a").error);
  CHECK(record(world, "a").error->code == "unreachable");
  CHECK(record(world, "a").served.empty());
}

TEST_CASE("targets wait at the same time, and each is looked at") {
  World world = old_world({"a", "b"});
  FakeTarget a(world, "a", "ra", silent(1000)), b(world, "b", "rb");
  Process process(world, {&a, &b});
  CHECK_FALSE(deliver(process.tools, order({"a", "b"}, false)));
  CHECK(waited(world) < milliseconds(30'100));
  CHECK(record(world, "b").state == TargetState::ok);
}

TEST_CASE("what only a person can mend is not waited for") {
  World world = old_world({"a"});
  Faults faults;
  faults.nobody_can_ask = true;
  FakeTarget a(world, "a", "ra", faults);
  Process process(world, {&a});
  CHECK_FALSE(deliver(process.tools, order({"a"}, false)));
  CHECK(world.pauses.empty());
}

TEST_CASE("after a signal nobody waits for hours") {
  World world = old_world({"a"});
  FakeTarget a(world, "a", "ra", silent(100'000));
  a.patience = std::chrono::hours(1);
  Process process(world, {&a});
  process.tools.patience.hurried = [&] { return waited(world) > milliseconds(3000); };
  CHECK_FALSE(deliver(process.tools, order({"a"}, false)));
  CHECK(waited(world) < milliseconds(30'000));
}

TEST_CASE("a restart follows where it is allowed and needed, equal ones once") {
  World world = old_world({"a", "b", "c"});
  FakeTarget a(world, "a", "r", reload_is_not_enough()), b(world, "b", "r", reload_is_not_enough()),
      c(world, "c", "rc");
  c.reload_group = {{"c", 1}};
  a.restart_key = b.restart_key = "restart";
  c.restart_key = "restart c";
  Process process(world, {&a, &b, &c});
  CHECK(deliver(process.tools, order({"a", "b", "c"})));
  CHECK(a.restart_runs + b.restart_runs == 1);
  CHECK(c.restart_runs == 0);
  CHECK(world.served == std::map<std::string, int>{{"a", 2}, {"b", 2}, {"c", 2}});
  REQUIRE(world.warnings.size() == 1);
  CHECK_THAT(world.warnings[0], Contains("serves another certificate: serial 1: the service is restarted"));
}

TEST_CASE("a service that does not answer after its reload is restarted too") {
  World world = old_world({"a"});
  FakeTarget a(world, "a", "ra", silent(20));
  a.patience = milliseconds(20'000);
  a.restart_key = "restart";
  Process process(world, {&a});
  CHECK(deliver(process.tools, order({"a"})));
  CHECK(a.restart_runs == 1);
}

TEST_CASE("nobody is restarted for a delivery that another target turns anyway") {
  World world = old_world({"a", "b"});
  FakeTarget a(world, "a", "ra", reload_is_not_enough()), b(world, "b", "rb", reload_is_not_enough());
  a.reload_group = {{"a", 1}};
  b.reload_group = {{"b", 1}};
  a.restart_key = "restart a";
  Process process(world, {&a, &b});
  CHECK_FALSE(deliver(process.tools, order({"a", "b"})));
  CHECK(a.restart_runs == 0);
  CHECK(world.served == std::map<std::string, int>{{"a", 1}, {"b", 1}});
}

TEST_CASE("a restart that fails is the error, and everybody gets the old pair back") {
  World world = old_world({"a", "b"});
  Faults faults = reload_is_not_enough();
  faults.restart = true;
  FakeTarget a(world, "a", "ra"), b(world, "b", "rb", faults);
  a.reload_group = {{"a", 1}};
  b.reload_group = {{"b", 1}};
  b.restart_key = "restart b";
  Process process(world, {&a, &b});
  CHECK_FALSE(deliver(process.tools, order({"a", "b"})));
  CHECK(world.file == std::map<std::string, int>{{"a", 1}, {"b", 1}});
  CHECK(record(world, "b").error->code == "restart-failed");
  CHECK(b.restart_runs == 1);  // the reload brought the old one back: no restart is needed for that
}

TEST_CASE("after an undo the old certificate must be served, and the error says so where it is not") {
  World world = old_world({"a", "b"});
  Faults stuck, failing;
  stuck.stuck = true;
  failing.reload = true;
  FakeTarget a(world, "a", "ra", stuck), b(world, "b", "rb", failing);
  a.reload_group = {{"a", 1}};
  b.reload_group = {{"b", 1}};
  SECTION("without a restart") {
    // a is reloaded first and serves the new one; then b fails.
    Process process(world, {&a, &b});
    CHECK_FALSE(deliver(process.tools, order({"a", "b"})));
    CHECK(world.file.at("a") == 1);
    CHECK(world.served.at("a") == 2);
    REQUIRE(record(world, "a").error);
    CHECK(record(world, "a").error->code == "old-not-served");
    CHECK_THAT(record(world, "a").error->message,
               Contains("its old certificate was given back but is not served: serves another certificate: serial 2"));
    CHECK(record(world, "a").served == "f2");
    CHECK(record(world, "a").failed_itself);
    CHECK(waited(world) >= milliseconds(30'000));
  }
  SECTION("with a restart") {
    a.restart_key = "restart a";
    Process process(world, {&a, &b});
    CHECK_FALSE(deliver(process.tools, order({"a", "b"})));
    CHECK(a.restart_runs == 1);
    CHECK(world.served.at("a") == 1);
    CHECK(record(world, "a").served == "f1");
    CHECK(record(world, "a").error->code == "undone");
  }
}

TEST_CASE("both truths are told of a target that failed and did not come back") {
  World world = old_world({"a"});
  FakeTarget a(world, "a", "ra", silent(1000));
  Process process(world, {&a});
  CHECK_FALSE(deliver(process.tools, order({"a"})));
  CHECK_THAT(record(world, "a").error->message,
             Contains("127.0.0.1:443 refuses the connection; and its old certificate was given back but is not "
                      "served: 127.0.0.1:443 refuses"));
}

TEST_CASE("where it is not known what a target held, nothing is compared after an undo") {
  World world = old_world({"a", "b"});
  world.disk_journal.targets["a"].generation = 0;
  Faults failing;
  failing.reload = true;
  FakeTarget a(world, "a", "ra"), b(world, "b", "rb", failing);
  a.reload_group = {{"a", 1}};
  b.reload_group = {{"b", 1}};
  Process process(world, {&a, &b});
  CHECK_FALSE(deliver(process.tools, order({"a", "b"})));
  CHECK(a.looks == 0);
  CHECK(record(world, "a").error->code == "undone");
}
