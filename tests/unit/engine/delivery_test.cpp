// The delivery transaction over fakes: every failure at every phase, and a crash at every commit and effect.
#include <catch2/catch.hpp>

#include "tests/unit/engine/fake_target.hpp"

using namespace certctl;
using namespace certctl::engine;
using namespace certctl::engine::test;

TEST_CASE("all targets get the new generation; equal reload keys run once") {
  World world = old_world({"a", "b", "c"});
  FakeTarget a(world, "a", "restart"), b(world, "b", "restart"), c(world, "c", "");
  Process process(world, {&a, &b, &c});
  CHECK(deliver(process.tools, order({"a", "b", "c"})));
  CHECK(world.file == std::map<std::string, int>{{"a", 2}, {"b", 2}, {"c", 2}});
  CHECK(a.reload_runs + b.reload_runs == 1);
  CHECK(world.disk_journal.targets.at("a").state == TargetState::ok);
  CHECK(world.disk_journal.targets.at("c").generation == 2);
  CHECK(world.disk_journal.delivery.phase == DeliveryPhase::idle);
  CHECK(world.disk_undo.empty());
}

TEST_CASE("a failure at any phase gives every target its old pair back, and all are in debt") {
  Faults faults;
  SECTION("prepare") {
    faults.prepare = true;
  }
  SECTION("install") {
    faults.install = true;
  }
  SECTION("install half done") {
    faults.install_after_effect = true;
  }
  SECTION("reload") {
    faults.reload = true;
  }
  SECTION("a reload that returns 0 but keeps the old certificate") {
    faults.not_served = true;
  }
  World world = old_world({"a", "b", "c"});
  FakeTarget a(world, "a", "ra"), b(world, "b", "rb", faults), c(world, "c", "rc");
  a.reload_group = {{"a", 1}};
  b.reload_group = {{"b", 1}};
  c.reload_group = {{"c", 1}};
  Process process(world, {&a, &b, &c});
  CHECK_FALSE(deliver(process.tools, order({"a", "b", "c"})));
  for (const char* name : {"a", "b", "c"}) {
    CAPTURE(name);
    CHECK(world.file.at(name) == 1);
    CHECK(world.served.at(name) == 1);
    CHECK(world.disk_journal.targets.at(name).state == TargetState::debt);
    CHECK(world.disk_journal.targets.at(name).failed_itself == (name[0] == 'b'));
    CHECK(world.disk_journal.targets.at(name).next_try > kNow);
  }
  CHECK(world.disk_undo.empty());
}

TEST_CASE("each target is told which generation it holds, before the new one is prepared") {
  World world = old_world({"a", "b", "c"});
  world.disk_journal.targets["b"].generation = 2;  // holds it already
  world.disk_journal.targets["c"].generation = 0;  // unknown: the newest that others hold
  FakeTarget a(world, "a", ""), b(world, "b", ""), c(world, "c", "");
  Process process(world, {&a, &b, &c});
  CHECK(deliver(process.tools, order({"a", "b", "c"})));
  CHECK(a.prepared_over == 1);
  CHECK(b.prepared_over == 2);
  CHECK(c.prepared_over == 1);

  World fresh = old_world({"a"});
  fresh.disk_journal.targets.clear();
  FakeTarget first(fresh, "a", "");
  Process run(fresh, {&first});
  CHECK(deliver(run.tools, order({"a"}, false)));
  CHECK(first.prepared_over == 0);
}

TEST_CASE("an undone target is known to hold what it held before, not what the others had") {
  World world = old_world({"a", "b"});
  world.file["a"] = 7;
  world.served["a"] = 7;
  world.disk_journal.targets["a"].generation = 7;
  Faults faults;
  faults.reload = true;
  FakeTarget a(world, "a", ""), b(world, "b", "rb", faults);
  Process process(world, {&a, &b});
  CHECK_FALSE(deliver(process.tools, order({"a", "b"})));
  CHECK(world.file.at("a") == 7);
  CHECK(world.disk_journal.targets.at("a").state == TargetState::debt);
  CHECK(world.disk_journal.targets.at("a").generation == 7);
}

TEST_CASE("on_failure: keep fails alone") {
  World world = old_world({"a", "b"});
  Faults faults;
  faults.install = true;
  FakeTarget a(world, "a", "ra"), b(world, "b", "rb", faults, config::OnFailure::keep);
  Process process(world, {&a, &b});
  CHECK_FALSE(deliver(process.tools, order({"a", "b"})));
  CHECK(world.file.at("a") == 2);
  CHECK(world.disk_journal.targets.at("a").state == TargetState::ok);
  CHECK(world.disk_journal.targets.at("b").state == TargetState::debt);
}

TEST_CASE("without a pair worth going back to, what verifies keeps the new one") {
  World world = old_world({"a", "b", "c"});
  Faults faults;
  faults.not_served = true;
  FakeTarget a(world, "a", "ra"), b(world, "b", "rb", faults), c(world, "c", "rc");
  a.reload_group = {{"a", 1}};
  b.reload_group = {{"b", 1}};
  c.reload_group = {{"c", 1}};
  Process process(world, {&a, &b, &c});
  CHECK_FALSE(deliver(process.tools, order({"a", "b", "c"}, false)));
  CHECK(world.served == std::map<std::string, int>{{"a", 2}, {"b", 1}, {"c", 2}});
  CHECK(world.disk_journal.targets.at("a").state == TargetState::ok);
  CHECK(world.disk_journal.targets.at("b").state == TargetState::debt);
  CHECK(world.disk_journal.targets.at("c").state == TargetState::ok);
}

TEST_CASE("a target that failed before goes first, alone; the living are not touched until it verifies") {
  World world = old_world({"a", "b"});
  Faults faults;
  faults.reload = true;
  FakeTarget a(world, "a", "ra"), b(world, "b", "rb", faults);
  a.reload_group = {{"a", 1}};
  b.reload_group = {{"b", 1}};
  {
    Process process(world, {&a, &b});
    CHECK_FALSE(deliver(process.tools, order({"a", "b"})));
  }
  const int a_installs = a.installs;
  {
    Process process(world, {&a, &b});
    CHECK_FALSE(deliver(process.tools, order({"a", "b"})));
  }
  CHECK(a.installs == a_installs);
  CHECK(world.disk_journal.targets.at("a").state == TargetState::debt);
  CHECK(world.disk_journal.targets.at("b").tries == 2);
  b.faults.reload = false;
  {
    Process process(world, {&a, &b});
    CHECK(deliver(process.tools, order({"a", "b"})));
  }
  CHECK(world.served == std::map<std::string, int>{{"a", 2}, {"b", 2}});
}

TEST_CASE("a target that cannot go back keeps the new pair and is not in debt for it") {
  World world = old_world({"a", "b"});
  Faults no_undo, failing;
  no_undo.undo_impossible = true;
  failing.install = true;
  FakeTarget a(world, "a", "", no_undo), b(world, "b", "", failing);
  Process process(world, {&a, &b});
  CHECK_FALSE(deliver(process.tools, order({"a", "b"})));
  CHECK(world.file.at("a") == 2);
  CHECK(world.disk_journal.targets.at("a").state == TargetState::ok);
  CHECK(world.disk_journal.targets.at("a").generation == 2);
  CHECK(world.disk_journal.targets.at("b").state == TargetState::debt);
}

TEST_CASE("a reload is skipped when nothing changed, never for a debt or when asked to") {
  World world = old_world({"a"});
  world.file["a"] = 2;
  world.served["a"] = 2;
  FakeTarget a(world, "a", "ra");
  {
    Process process(world, {&a});
    CHECK(deliver(process.tools, order({"a"})));
    CHECK(a.reload_runs == 0);
  }
  {
    Process process(world, {&a});
    DeliveryOrder asked = order({"a"});
    asked.always_reload = true;
    CHECK(deliver(process.tools, asked));
    CHECK(a.reload_runs == 1);
  }
  {
    Process process(world, {&a});
    process.journal.targets["a"].state = TargetState::debt;
    CHECK(deliver(process.tools, order({"a"})));
    CHECK(a.reload_runs == 2);
  }
}

TEST_CASE("a crash at any effect: the next run brings all targets to the same generation") {
  struct Kind {
    const char* what;
    Faults faults;
    bool ends_new;
  };
  Faults reload, served, half, restart;
  restart.not_served = true;
  reload.reload = true;
  served.not_served = true;
  half.install_after_effect = true;
  const Kind kinds[] = {{"nothing fails", {}, true},
                        {"reload fails", reload, false},
                        {"not served", served, false},
                        {"half installed", half, false},
                        {"a restart brings it", restart, true}};
  int crashes = 0;
  for (const Kind& kind : kinds) {
    for (int at = 0;; ++at) {
      CAPTURE(kind.what, at);
      World world = old_world({"a", "b", "c"});
      const auto targets = [&] {
        std::vector<std::unique_ptr<FakeTarget>> made;
        made.push_back(std::make_unique<FakeTarget>(world, "a", "ra"));
        made.push_back(std::make_unique<FakeTarget>(world, "b", "rb", kind.faults));
        made.push_back(std::make_unique<FakeTarget>(world, "c", "rc"));
        for (auto& target : made) target->reload_group = {{target->name(), 1}};
        if (kind.ends_new) made[1]->restart_key = "restart b";
        return made;
      };
      world.crash_in = at;
      bool crashed = false;
      {
        auto made = targets();
        Process process(world, {made[0].get(), made[1].get(), made[2].get()});
        try {
          (void)deliver(process.tools, order({"a", "b", "c"}));
        } catch (const Crash&) {
          crashed = true;
        }
      }
      if (!crashed) break;
      ++crashes;
      // The second run crashes once too, one effect later, then a third completes.
      world.crash_in = at % 5;
      for (int run = 0; run < 2; ++run) {
        auto made = targets();
        Process process(world, {made[0].get(), made[1].get(), made[2].get()});
        try {
          if (process.journal.delivery.phase != DeliveryPhase::idle) {
            (void)settle_delivery(process.tools);
          } else if (process.journal.targets.at("a").generation != 2 &&
                     process.journal.targets.at("a").state == TargetState::ok) {
            (void)deliver(process.tools, order({"a", "b", "c"}));
          }
        } catch (const Crash&) {
        }
        world.crash_in = -1;
      }
      const int expected = kind.ends_new ? 2 : 1;
      CHECK(world.file == std::map<std::string, int>{{"a", expected}, {"b", expected}, {"c", expected}});
      CHECK(world.served == std::map<std::string, int>{{"a", expected}, {"b", expected}, {"c", expected}});
      CHECK(world.disk_journal.delivery.phase == DeliveryPhase::idle);
    }
  }
  CHECK(crashes > 100);
}

TEST_CASE("what is worth going back to") {
  const PreviousFacts good{kNow - 10 * 86400, kNow + 20 * 86400, false};
  CHECK(worth_going_back(good, false, false, kNow));
  CHECK_FALSE(worth_going_back(std::nullopt, false, false, kNow));
  CHECK_FALSE(worth_going_back(good, true, false, kNow));
  CHECK_FALSE(worth_going_back(good, false, true, kNow));
  CHECK_FALSE(worth_going_back(PreviousFacts{kNow - 80 * 86400, kNow + 20 * 86400, false}, false, false, kNow));
  CHECK_FALSE(worth_going_back(PreviousFacts{kNow - 10 * 86400, kNow + 20 * 86400, true}, false, false, kNow));
  CHECK_FALSE(worth_going_back(PreviousFacts{kNow - 10 * 86400, kNow - 1, false}, false, false, kNow));
}
