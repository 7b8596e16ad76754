#include "tests/contract/plugin_check/findings.hpp"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

namespace certctl::plugin_check {
namespace {

const char* word(Verdict verdict) {
  switch (verdict) {
    case Verdict::held: return "held";
    case Verdict::broken: return "broken";
    case Verdict::not_tried: return "not tried";
  }
  return "broken";
}

std::string line_of(const Finding& finding) {
  std::string line = std::string(word(finding.verdict)) + ": " + finding.rule;
  if (finding.verdict == Verdict::not_tried) return line + ": " + reason_not_tried(finding.rule);
  if (finding.verdict == Verdict::held) return line;
  for (const std::string& what : finding.what) line += (what == finding.what.front() ? ": " : "; ") + what;
  const std::string todo = advice(finding.rule);
  return todo.empty() ? line : line + " -> " + todo;
}

}  // namespace

void Findings::add(Finding finding) {
  if (!json_) {
    std::fputs((line_of(finding) + "\n").c_str(), stdout);
    std::fflush(stdout);
  }
  all_.push_back(std::move(finding));
}

int Findings::finish(const std::string& plugin) {
  std::size_t count[3] = {};
  nlohmann::json rules = nlohmann::json::array();
  for (const Finding& finding : all_) {
    ++count[static_cast<std::size_t>(finding.verdict)];
    const bool broken = finding.verdict == Verdict::broken;
    const bool tried = finding.verdict != Verdict::not_tried;
    rules.push_back({{"rule", finding.rule},
                     {"verdict", word(finding.verdict)},
                     {"what", finding.what},
                     {"hint", broken  ? advice(finding.rule)
                              : tried ? ""
                                      : reason_not_tried(finding.rule)}});
  }
  const bool all_well = count[1] == 0 && count[0] > 0;
  if (json_) {
    const nlohmann::json object = {{"schema", 1}, {"plugin", plugin}, {"held", all_well}, {"rules", std::move(rules)}};
    std::fputs((object.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n").c_str(), stdout);
  } else {
    std::printf("%s: %zu held, %zu broken, %zu not tried\n", plugin.c_str(), count[0], count[1], count[2]);
  }
  std::fflush(stdout);
  return all_well ? 0 : 1;
}

Findings& findings() {
  static Findings instance;
  return instance;
}

}  // namespace certctl::plugin_check
