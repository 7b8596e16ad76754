// Deliveries of one profile: which targets, what to go back to, under which locks; and what is tidied up afterwards.
#pragma once

#include <string>
#include <vector>

#include "framework/engine/profile_session.hpp"
#include "framework/engine/run.hpp"

namespace certctl::engine {

// The locks of a delivery's resources; while they live, scripts of this profile count them as held.
class HeldResources {
 public:
  HeldResources(StateDirectory& state, std::vector<sys::FileLock> locks);
  ~HeldResources();
  HeldResources(const HeldResources&) = delete;
  HeldResources& operator=(const HeldResources&) = delete;

 private:
  StateDirectory& state_;
  std::vector<sys::FileLock> locks_;
  std::size_t before_;
};

class DeliveryRun {
 public:
  explicit DeliveryRun(ProfileSession& session) : session_(session) {}

  // Goes on with an interrupted delivery; completes an interrupted rollback.
  void settle();
  // Delivers to the targets that owe the active generation and are due.
  void run_due(const Wishes& wishes);
  // Delivers to all targets, and always reloads.
  void run_all(const std::string& reason);
  // Waits for each target up to its verify_timeout, as a delivery does.
  std::vector<TargetReport> verify_all();
  void roll_back(int generation, bool force);
  // Prunes generations and kept keys, when the clock can be trusted.
  void tidy();

 private:
  void run(const std::vector<std::string>& names, const std::string& reason, bool always_reload);
  [[nodiscard]] std::vector<sys::FileLock> lock_resources(const std::vector<std::string>& names);
  [[nodiscard]] DeliveryTools tools();
  // The generation that targets hold now, to go back to; 0: none.
  [[nodiscard]] int held_by_targets(int delivered) const;
  void report_delivered(bool delivered);
  void look_at_held(TargetPort& target, const Credential& credential, TargetReport& report) const;

  ProfileSession& session_;
};

}  // namespace certctl::engine
