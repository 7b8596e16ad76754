// The delivery transaction over fakes: every failure at every phase, and a crash at every commit and effect.
#include <catch2/catch.hpp>

#include <map>

#include "framework/engine/delivery.hpp"

using namespace certctl;
using namespace certctl::engine;

namespace {

struct Crash {};  // not an exception type of the program: stands for kill -9

constexpr EpochSeconds kNow = 1'800'000'000;

// What a target's file and its service hold: the generation's number.
struct World {
  std::map<std::string, int> file;
  std::map<std::string, int> served;
  std::map<std::string, std::string> disk_undo;
  Journal disk_journal;
  int crash_in = -1;  // effects until the crash; -1: never
  int effects = 0;
  Patience::Moment clock{};
  void effect() {
    ++effects;
    if (crash_in >= 0 && crash_in-- == 0) throw Crash{};
  }
};

struct Faults {
  bool prepare = false, install = false, install_after_effect = false, reload = false, not_served = false;
  bool undo_impossible = false;
};

class FakeTarget final : public TargetPort {
 public:
  FakeTarget(World& world, std::string name, std::string reload_key, Faults wanted = {},
             config::OnFailure on_failure = config::OnFailure::rollback)
      : faults(wanted), world_(world), name_(std::move(name)), key_(std::move(reload_key)), on_failure_(on_failure) {}
  const std::string& name() const override { return name_; }
  config::OnFailure on_failure() const override { return on_failure_; }
  Inspection inspect(const Credential*) override { return {}; }
  Secret prepare(const Credential&, const Credential* previous) override {
    prepared_over = previous == nullptr ? 0 : previous->generation;
    if (faults.prepare) throw Failure("prepare-failed", "cannot prepare");
    return Secret(std::to_string(world_.file[name_]));
  }
  InstallReport install(const Credential& credential, const Secret&) override {
    ++installs;
    if (faults.install) throw Failure("install-failed", "cannot install");
    const bool changed = world_.file[name_] != credential.generation;
    world_.effect();
    world_.file[name_] = credential.generation;
    world_.effect();
    if (faults.install_after_effect) throw Failure("install-failed", "cannot install all of it");
    return {changed, {}};
  }
  void undo(const Secret& token) override {
    if (faults.undo_impossible) throw Failure::never("undo-impossible", "scripts don't go back");
    world_.effect();
    world_.file[name_] = std::stoi(token.reveal());
    world_.effect();
  }
  std::vector<ReloadAction> reloads(const Credential&) override {
    if (key_.empty()) return {};
    return {{key_, [this] {
               ++reload_runs;
               if (faults.reload && world_.file[name_] == 2) throw Failure("reload-failed", "reload exits 1");
               world_.effect();
               if (!(faults.not_served && world_.file[name_] == 2)) {
                 for (auto& [target, generation] : world_.file) {
                   if (reload_group.empty() || reload_group.count(target) != 0) world_.served[target] = generation;
                 }
               }
               world_.effect();
             }}};
  }
  std::optional<Served> verify(const Credential&) override {
    if (key_.empty()) return std::nullopt;
    Served served;
    served.known = true;
    served.fingerprint = "f" + std::to_string(world_.served[name_]);
    return served;
  }
  std::chrono::milliseconds verify_timeout() const override { return std::chrono::seconds(30); }
  std::optional<ReloadAction> restart(const Credential&) override { return std::nullopt; }
  int installs = 0;
  int prepared_over = -1;  // generation that prepare() was told about
  int reload_runs = 0;
  std::map<std::string, int> reload_group;
  Faults faults;

 private:
  World& world_;
  std::string name_;
  std::string key_;
  config::OnFailure on_failure_;
};

class FakeUndo final : public UndoStore {
 public:
  explicit FakeUndo(World& world) : world_(world) {}
  std::string save(const std::string& target, const Secret& token) override {
    world_.effect();
    world_.disk_undo[target] = token.reveal();
    return "hash-" + token.reveal();
  }
  Secret load(const std::string& target, const std::string& hash) override {
    const auto it = world_.disk_undo.find(target);
    if (it == world_.disk_undo.end() || "hash-" + it->second != hash) throw Failure("undo-token-damaged", "gone");
    return Secret(it->second);
  }
  void erase_all() override {
    world_.effect();
    world_.disk_undo.clear();
  }

 private:
  World& world_;
};

// One "process": its memory is lost at a crash, the world stays.
struct Process {
  Process(World& w, std::vector<FakeTarget*> fakes)
      : world(w),
        journal(w.disk_journal),
        undo(w),
        tools{journal,
              undo,
              {fakes.begin(), fakes.end()},
              [this] {
                world.effect();
                world.disk_journal = journal_from_text(journal_to_text(journal));
                world.effect();
              },
              [](int generation) {
                Credential credential;
                credential.generation = generation;
                credential.fingerprint = "f" + std::to_string(generation);
                return credential;
              },
              [] { return kNow; },
              [] { return 0.5; },
              Patience{
                  [this] { return world.clock; }, [this](std::chrono::milliseconds time) { world.clock += time; }, {}},
              [](LogLevel, const std::string&) {}} {}
  World& world;
  Journal journal;
  FakeUndo undo;
  DeliveryTools tools;
};

World old_world(const std::vector<std::string>& names) {
  World world;
  for (const auto& name : names) {
    world.file[name] = world.served[name] = 1;
    TargetRecord record;
    record.state = TargetState::ok;
    record.generation = 1;
    world.disk_journal.targets[name] = record;
  }
  return world;
}

DeliveryOrder order(std::vector<std::string> names, bool may_undo = true) {
  return DeliveryOrder{2, may_undo ? 1 : 0, std::move(names), "active", may_undo, false};
}

}  // namespace

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
  Faults reload, served, half;
  reload.reload = true;
  served.not_served = true;
  half.install_after_effect = true;
  const Kind kinds[] = {{"nothing fails", {}, true},
                        {"reload fails", reload, false},
                        {"not served", served, false},
                        {"half installed", half, false}};
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
