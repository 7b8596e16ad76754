// Writer::prune: old generations go, and the files that only they refer to.
#include "plugins/stores/scepclient/layout.hpp"
#include "plugins/stores/scepclient/writer.hpp"

#include <algorithm>
#include <set>

namespace certctl::scepclient {
namespace {

// Plain names in the store that the links of a generation's directory lead to.
std::set<std::string> names_in(const Directory& generation) {
  std::set<std::string> names;
  for (const char* entry : {kKey, kCertificate})
    if (const auto target = generation.link_target(entry))
      if (const auto name = parse_file_target(*target)) names.insert(*name);
  return names;
}

bool is_pair_file(const std::string& name) {
  return (name.ends_with(".key") || name.ends_with(".crt")) && name != kLatestKey && name != kLatestCertificate;
}

}  // namespace

std::vector<int> Writer::prune(int keep, const std::vector<int>& needed) {
  std::vector<int> removed;
  if (!root_.subdirectory(kGenerations)) return removed;
  const ActiveState state = active_state(root_);
  // Whatever is wrong, less is not better: a person has to look at it, and may need the old pairs.
  if (state.kind == ActiveState::Kind::broken) return removed;

  const std::vector<int> numbers = generation_numbers(root_);
  std::vector<std::pair<int, bool>> found;  // number, whole
  for (const int number : numbers) {
    const auto loaded = load_generation(root_, number, judge_);
    found.emplace_back(number, loaded && loaded->facts.whole);
    if (state.kind == ActiveState::Kind::generation && number == state.number && loaded && loaded->facts.whole)
      ensure_links(*loaded);
  }
  // Broken generations don't count: they must not push out whole ones. They go when they are older than what is kept.
  auto left = std::count_if(found.begin(), found.end(), [](const auto& entry) { return entry.second; });
  for (const auto& [number, whole] : found) {
    if (left <= std::max(keep, 1)) break;
    if (state.kind == ActiveState::Kind::generation && number == state.number) continue;
    if (std::find(needed.begin(), needed.end(), number) != needed.end()) continue;
    removed.push_back(number);
    if (whole) --left;
  }
  if (removed.empty()) return removed;

  const Directory all = generations();
  // A number is never used twice.
  if (!numbers.empty() && removed.back() == numbers.back()) {
    all.replace_with_link(kLast, std::to_string(numbers.back()));
    all.sync();
  }
  for (const int number : removed) all.rename(std::to_string(number), kRemoved + std::to_string(number));
  all.sync();
  for (const int number : removed) dismantle(kRemoved + std::to_string(number));
  return removed;
}

void Writer::dismantle(const std::string& name) {
  const Directory all = generations();
  if (const auto gone = all.subdirectory(name)) {
    std::set<std::string> names = names_in(*gone);
    for (const int number : generation_numbers(root_))
      if (const auto other = all.subdirectory(std::to_string(number)))
        for (const std::string& used : names_in(*other)) names.erase(used);
    for (const char* latest : {kLatestKey, kLatestCertificate})
      if (const auto target = root_.link_target(latest)) names.erase(*target);
    for (const std::string& file : names)
      if (is_pair_file(file)) root_.remove(file);
    root_.sync();
  }
  all.remove_directory(name);
  all.sync();
}

}  // namespace certctl::scepclient
