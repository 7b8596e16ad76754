#include "framework/config/report.hpp"

#include <algorithm>

namespace certctl::config {

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
  return all;
}

std::string suggestion(std::string_view word, const std::vector<std::string>& known) {
  const std::string near = nearest(word, known);
  if (!near.empty()) return "did you mean " + quote(near) + "?";
  return known.empty() ? std::string() : "known: " + joined(known);
}

bool check_keys(const Node& map, const std::vector<std::string>& known, const std::string& where, Report& report) {
  bool all_known = true;
  for (const Entry& entry : map.entries) {
    if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
    all_known = false;
    report.error(entry.mark(), "unknown-key", "unknown key " + quote(entry.key) + (where.empty() ? "" : " " + where),
                 suggestion(entry.key, known));
  }
  return all_known;
}

}  // namespace certctl::config
