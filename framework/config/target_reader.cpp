#include "framework/config/target_reader.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "framework/config/option_reader.hpp"
#include "framework/config/plugin_reader.hpp"
#include "framework/config/probe_reader.hpp"
#include "framework/config/units.hpp"
#include "framework/config/value_text.hpp"

namespace certctl::config {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

// It is the name of a file below the state directory.
bool is_target_name(const std::string& name) {
  static constexpr const char* kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  return !name.empty() && name.size() <= 63 && name.find_first_not_of(kAllowed) == std::string::npos &&
         name[0] != '.' && name[0] != '-';
}

void read_timeout(const Node& map, const char* key, const std::string& place, seconds& timeout, Report& report) {
  const Entry* entry = map.find(key);
  if (entry != nullptr) {
    const auto read = read_duration(entry->value, seconds(1), hours(24), place + ": " + key, report);
    if (!read) return;
    timeout = *read;
  }
  report.value(place + "." + key, duration_text(timeout), entry == nullptr ? Mark{} : entry->mark());
}

void read_reload(const Node& map, const std::string& place, Target& target, Report& report) {
  const Entry* entry = map.find("reload");
  if (entry == nullptr) return;
  target.reload_given = true;  // `reload: []` says that none is needed
  if (!entry->value.is_sequence() || !entry->value.items.empty()) {
    auto command = read_command(entry->value, place + ": reload", report);
    if (!command) return;
    target.reload = std::move(*command);
  }
  report.value(place + ".reload", command_text(target.reload), entry->mark());
}

void read_restart(const Node& map, const std::string& place, Target& target, Report& report) {
  const Entry* entry = map.find("restart");
  if (entry == nullptr) return;
  auto command = read_command(entry->value, place + ": restart", report);
  if (!command) return;
  target.restart = std::move(*command);
  report.value(place + ".restart", command_text(target.restart), entry->mark());
}

void read_on_failure(const Node& map, const std::string& place, Target& target, Report& report) {
  const Entry* entry = map.find("on_failure");
  if (entry != nullptr) {
    const auto word = read_choice(entry->value, {"rollback", "keep"}, place + ": on_failure", report);
    if (!word) return;
    target.on_failure = *word == "keep" ? OnFailure::keep : OnFailure::rollback;
  }
  report.value(place + ".on_failure", target.on_failure == OnFailure::keep ? "keep" : "rollback",
               entry == nullptr ? Mark{} : entry->mark());
}

// Calls `read` for each entry of a list of maps.
template <class Read>
void for_each_map(const Node& profile_map, const char* key, Report& report, Read&& read) {
  const Entry* entry = profile_map.find(key);
  if (entry == nullptr) return;
  if (!entry->value.is_sequence()) {
    report.error(entry->value.mark(), "wrong-type",
                 std::string(key) + " must be a list, and is " + kind_word(entry->value.kind),
                 "begin each entry with `- `");
    return;
  }
  std::size_t i = 0;
  for (const Node& item : entry->value.items) read(item, std::string(key) + "[" + std::to_string(i++) + "]");
}

struct NamedTarget {
  Target target;
  Mark name_mark;  // no file: the name is not written
  std::string place;
};

// Names that are written are taken first; the others are numbered around them.
void name_targets(std::vector<NamedTarget>& targets, Report& report) {
  std::map<std::string, Mark> taken;
  for (const NamedTarget& t : targets) {
    if (t.target.name.empty()) continue;
    const auto [first, is_new] = taken.emplace(t.target.name, t.name_mark);
    if (!is_new)
      report.error(t.name_mark, "repeated-name", "two targets are called " + quote(t.target.name),
                   "the other is at " + format(first->second));
  }
  for (NamedTarget& t : targets) {
    for (int number = 1; t.target.name.empty(); ++number) {
      const std::string name =
          number == 1 ? t.target.plugin.plugin : t.target.plugin.plugin + "-" + std::to_string(number);
      if (taken.emplace(name, Mark{}).second) t.target.name = name;
    }
    report.value(t.place + ".name", t.target.name, t.name_mark);
  }
}

}  // namespace

void read_targets(const Node& profile_map, const PluginCatalog& catalog, Profile& profile, Report& report) {
  std::vector<NamedTarget> targets;
  for_each_map(profile_map, "deliver", report, [&](const Node& item, const std::string& name) {
    const PluginPlace place{PluginKind::distributor, name, {std::begin(kTargetKeys), std::end(kTargetKeys)}, {}};
    NamedTarget named;
    named.place = name;
    Target& target = named.target;
    auto use = read_plugin(place, item, catalog, report);
    if (!item.is_map()) return;
    if (const Entry* entry = item.find("name")) {
      const auto text = read_text(entry->value, name + ": name", report);
      if (text && !is_target_name(*text)) {
        report.error(entry->value.mark(), "bad-name", name + ": name cannot be " + quote(*text),
                     "use up to 63 letters, digits, '.', '_' and '-', beginning with a letter or digit");
      } else if (text) {
        target.name = *text;
        named.name_mark = entry->mark();
      }
    }
    read_reload(item, name, target, report);
    read_restart(item, name, target, report);
    read_timeout(item, "timeout", name, target.timeout, report);
    read_probes(item, name, target, report);
    read_timeout(item, "verify_timeout", name, target.verify_timeout, report);
    read_on_failure(item, name, target, report);
    if (!use) return;
    target.plugin = std::move(*use);
    targets.push_back(std::move(named));
  });
  name_targets(targets, report);
  for (NamedTarget& t : targets) profile.targets.push_back(std::move(t.target));
}

void read_hooks(const Node& profile_map, const PluginCatalog& catalog, Profile& profile, Report& report) {
  const std::vector<std::string> events(std::begin(kEvents), std::end(kEvents));
  for_each_map(profile_map, "hooks", report, [&](const Node& item, const std::string& name) {
    const PluginPlace place{PluginKind::hook, name, {std::begin(kHookKeys), std::end(kHookKeys)}, {}};
    HookUse hook;
    auto use = read_plugin(place, item, catalog, report);
    if (!item.is_map()) return;
    const Entry* on = item.find("on");
    if (on == nullptr) {
      report.error(item.mark(), "missing-key", name + ": on is missing",
                   "write on: [ failed ]; one or several of: " + joined(events));
      return;
    }
    std::set<std::string> seen;
    const auto read_event = [&](const Node& node) {
      const auto event = read_choice(node, events, name + ": on", report);
      if (event && seen.insert(*event).second) hook.on.push_back(*event);
    };
    if (on->value.is_sequence()) {
      for (const Node& node : on->value.items) read_event(node);
      if (on->value.items.empty()) report.error(on->value.mark(), "empty-value", name + ": on is an empty list");
    } else {
      read_event(on->value);
    }
    report.value(name + ".on", list_text(hook.on), on->mark());
    if (!use) return;
    hook.plugin = std::move(*use);
    profile.hooks.push_back(std::move(hook));
  });
}

}  // namespace certctl::config
