#include "framework/daemon/timetable.hpp"

#include <algorithm>

#include "framework/crypto/digest.hpp"

namespace certctl::daemon {
namespace {

EpochSeconds earlier(EpochSeconds a, EpochSeconds b) {
  if (a == 0 || b == 0) return std::max(a, b);
  return std::min(a, b);
}

}  // namespace

void Timetable::set_profiles(const std::vector<std::string>& names, const std::vector<std::string>& changed,
                             EpochSeconds now) {
  std::map<std::string, Entry> entries;
  for (const std::string& name : names) {
    const auto known = entries_.find(name);
    Entry entry = known == entries_.end() ? Entry{} : known->second;
    if (known == entries_.end()) {
      entry.look = now;
      if (intervals_.verify.count() > 0)
        entry.verify = now + static_cast<EpochSeconds>(share(name) * static_cast<double>(intervals_.verify.count()));
    }
    if (std::find(changed.begin(), changed.end(), name) != changed.end()) entry.look = now;
    entries.emplace(name, entry);
  }
  entries_ = std::move(entries);
}

std::vector<Due> Timetable::due(EpochSeconds now) const {
  std::vector<Due> list;
  const auto is_due = [now](EpochSeconds at) { return at != 0 && at <= now; };
  for (const auto& [name, entry] : entries_) {
    if (entry.busy) continue;
    if (is_due(entry.run)) {
      list.push_back({name, Task::run});
    } else if (is_due(limited(entry.verify, intervals_.verify, now))) {
      list.push_back({name, Task::verify});
    } else if (is_due(limited(entry.look, intervals_.look, now))) {
      list.push_back({name, Task::look});
    }
  }
  return list;
}

EpochSeconds Timetable::next(EpochSeconds now) const {
  EpochSeconds soonest = 0;
  for (const auto& [name, entry] : entries_) {
    if (entry.busy) continue;
    soonest = earlier(soonest, entry.run);
    soonest = earlier(soonest, limited(entry.verify, intervals_.verify, now));
    soonest = earlier(soonest, limited(entry.look, intervals_.look, now));
  }
  return soonest;
}

void Timetable::began(const std::string& profile) {
  const auto entry = entries_.find(profile);
  if (entry != entries_.end()) entry->second.busy = true;
}

void Timetable::ended(const Due& work, const engine::NextRun* next, EpochSeconds now) {
  const auto found = entries_.find(work.profile);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  entry.busy = false;
  entry.look = now + intervals_.look.count();
  if (work.task == Task::verify) entry.verify = now + intervals_.verify.count();
  if (next == nullptr) {
    entry.run = work.task == Task::run ? now + intervals_.after_failure.count() : entry.run;
    if (work.task == Task::look) entry.look = now + intervals_.after_failure.count();
    return;
  }
  learned(work.profile, *next, now);
  // What is due the moment a run has ended is what that run could not do: not again and again without a pause.
  if (work.task == Task::run && entry.run != 0 && entry.run <= now) entry.run = now + intervals_.after_failure.count();
}

void Timetable::learned(const std::string& profile, const engine::NextRun& next, EpochSeconds now) {
  const auto found = entries_.find(profile);
  if (found == entries_.end()) return;
  found->second.look = now + intervals_.look.count();
  const EpochSeconds room = std::clamp<EpochSeconds>(next.latest - next.at, 0, intervals_.spread.count());
  found->second.run =
      next.at == 0 ? 0 : next.at + static_cast<EpochSeconds>(share(profile) * static_cast<double>(room));
}

void Timetable::touched(const std::string& profile, EpochSeconds now) {
  const auto entry = entries_.find(profile);
  if (entry != entries_.end()) entry->second.look = now;
}

EpochSeconds Timetable::run_at(const std::string& profile) const {
  const auto entry = entries_.find(profile);
  return entry == entries_.end() ? 0 : entry->second.run;
}

double Timetable::share(const std::string& profile) const {
  const std::string text = device_ + '\0' + profile;
  const Bytes hash = crypto::sha256({reinterpret_cast<const unsigned char*>(text.data()), text.size()});
  std::uint32_t number = 0;
  for (int i = 0; i < 4; ++i) number = number << 8U | hash[static_cast<std::size_t>(i)];
  return static_cast<double>(number) / 4294967296.0;
}

// A clock that was set back must not put things off for years.
EpochSeconds Timetable::limited(EpochSeconds at, std::chrono::seconds interval, EpochSeconds now) const {
  return at > now + interval.count() ? now : at;
}

}  // namespace certctl::daemon
