// What the daemon does next, and when. No clock of its own, no processes: times in, profiles out.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "framework/engine/next_run.hpp"

namespace certctl::daemon {

using engine::EpochSeconds;

enum class Task : int {
  look,    // what is the state, and when is it due? Reads only
  run,     // do what is due, as `certctl renew`
  verify,  // ask the targets what they serve, as `certctl verify`
};

struct Intervals {
  std::chrono::seconds look{3600};         // a profile is looked at this often although nothing was due
  std::chrono::seconds verify{24 * 3600};  // its targets are asked this often; 0: never
  std::chrono::seconds spread{3600};       // renewals because of age are put off by up to this much
  std::chrono::seconds after_failure{60};  // a run whose process failed is tried again after this
};

struct Due {
  std::string profile;
  Task task = Task::look;
};

class Timetable {
 public:
  // `device`: what tells this device from others; the same on every start.
  Timetable(std::string device, Intervals intervals) : device_(std::move(device)), intervals_(intervals) {}

  // The profiles that there are now. New ones, and those in `changed`, are due for a look at once; others are
  // forgotten.
  void set_profiles(const std::vector<std::string>& names, const std::vector<std::string>& changed, EpochSeconds now);

  // What is due and not at work; each profile at most once. The caller starts it and says began().
  [[nodiscard]] std::vector<Due> due(EpochSeconds now) const;
  // The next time at which something is due; 0: nothing ever. What is at work does not count.
  [[nodiscard]] EpochSeconds next(EpochSeconds now) const;

  void began(const std::string& profile);
  // What the end of the work showed. Without `next` the process failed before it could say anything.
  void ended(const Due& work, const engine::NextRun* next, EpochSeconds now);
  // What somebody else's work on it showed.
  void learned(const std::string& profile, const engine::NextRun& next, EpochSeconds now);
  // Something outside has touched its state: look at it soon.
  void touched(const std::string& profile, EpochSeconds now);

  // When the run of a profile is due by its own device's share of the spread.
  [[nodiscard]] EpochSeconds run_at(const std::string& profile) const;

 private:
  struct Entry {
    EpochSeconds look = 0;
    EpochSeconds run = 0;     // 0: not known
    EpochSeconds verify = 0;  // 0: never
    bool busy = false;
  };
  // A fraction in [0, 1) that this device has for this profile on every start.
  [[nodiscard]] double share(const std::string& profile) const;
  [[nodiscard]] EpochSeconds limited(EpochSeconds at, std::chrono::seconds interval, EpochSeconds now) const;

  std::string device_;
  Intervals intervals_;
  std::map<std::string, Entry> entries_;
};

}  // namespace certctl::daemon
