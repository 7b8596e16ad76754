// A world of targets for tests of delivery: what their files hold, what their services serve, and every fault.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "framework/engine/delivery.hpp"
#include "tests/unit/engine/moment.hpp"

namespace certctl::engine::test {

struct Crash {};  // not an exception type of the program: stands for kill -9

// What a target's file and its service hold: the generation's number.
struct World {
  std::map<std::string, int> file;
  std::map<std::string, int> served;
  std::map<std::string, std::string> disk_undo;
  Journal disk_journal;
  int crash_in = -1;  // effects until the crash; -1: never
  int effects = 0;
  Patience::Moment clock{};  // moves only while the engine waits
  std::vector<std::chrono::milliseconds> pauses;
  std::vector<std::string> warnings;
  void effect() {
    ++effects;
    if (crash_in >= 0 && crash_in-- == 0) throw Crash{};
  }
};

struct Faults {
  bool prepare = false, install = false, install_after_effect = false, reload = false, not_served = false;
  bool undo_impossible = false;
  bool restart = false;         // the restart command fails
  bool stuck = false;           // a reload brings nothing any more once the new one is served
  int silent_looks = 0;         // so many looks get no answer
  bool nobody_can_ask = false;  // a program is missing: RetryClass::never
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
               const bool stuck = faults.stuck && world_.served[name_] == 2;
               if (!stuck && !(faults.not_served && world_.file[name_] == 2)) {
                 for (auto& [target, generation] : world_.file) {
                   if (reload_group.empty() || reload_group.count(target) != 0) world_.served[target] = generation;
                 }
               }
               world_.effect();
             }}};
  }
  std::optional<ReloadAction> restart(const Credential&) override {
    if (restart_key.empty()) return std::nullopt;
    return ReloadAction{restart_key, [this] {
                          ++restart_runs;
                          if (faults.restart) throw Failure("restart-failed", "restart exits 1");
                          world_.effect();
                          for (auto& [target, generation] : world_.file) {
                            if (reload_group.empty() || reload_group.count(target) != 0)
                              world_.served[target] = generation;
                          }
                          world_.effect();
                        }};
  }
  std::optional<Served> verify(const Credential&) override {
    if (key_.empty()) return std::nullopt;
    ++looks;
    if (faults.nobody_can_ask) throw Failure::never("command-not-started", "no such program");
    if (looks <= faults.silent_looks) throw Failure("unreachable", "127.0.0.1:443 refuses the connection");
    Served served;
    served.known = true;
    served.fingerprint = "f" + std::to_string(world_.served[name_]);
    served.detail = "serial " + std::to_string(world_.served[name_]);
    return served;
  }
  std::chrono::milliseconds verify_timeout() const override { return patience; }
  int looks = 0;
  std::chrono::milliseconds patience{30'000};
  std::string restart_key;
  int restart_runs = 0;
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
              Patience{[this] { return world.clock; },
                       [this](std::chrono::milliseconds time) {
                         world.clock += time;
                         world.pauses.push_back(time);
                       },
                       {}},
              [this](LogLevel level, const std::string& line) {
                if (level == LogLevel::warning) world.warnings.push_back(line);
              }} {}
  World& world;
  Journal journal;
  FakeUndo undo;
  DeliveryTools tools;
};

inline World old_world(const std::vector<std::string>& names) {
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

inline DeliveryOrder order(std::vector<std::string> names, bool may_undo = true) {
  return DeliveryOrder{2, may_undo ? 1 : 0, std::move(names), "active", may_undo, false};
}

}  // namespace certctl::engine::test
