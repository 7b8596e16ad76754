#include "framework/daemon/web/plan_view.hpp"

#include <nlohmann/json.hpp>
#include <vector>

#include "framework/daemon/web/moments.hpp"
#include "framework/daemon/web/profile_view.hpp"
#include "framework/page/html.hpp"

namespace certctl::web {

using nlohmann::json;
using page::escaped;
using page::Tone;

std::string plan_box(const json& plan, std::int64_t now) {
  std::vector<std::string> lines;
  const std::string action = text_at(plan, "action");
  const std::string when = text_at(plan, "at");
  // By the engine's word: `now` is of the moment when the page was asked for, and the plan is younger.
  const bool due = plan.value("due", false);
  lines.push_back((due ? "It will " + action + ": " : "Nothing is due at the issuer: ") + text_at(plan, "sentence"));
  if (const std::string blocked = text_at(plan, "blocked_sentence"); !blocked.empty())
    lines.push_back("But not now: " + blocked);
  if (!due && read_moment(when)) lines.push_back("Next: " + action + ", " + moment_text(when, now) + ".");
  if (const std::string reason = text_at(plan, "deliver_reason"); !reason.empty())
    lines.push_back("It will deliver: " + reason);
  if (const std::string problem = text_at(plan, "problem"); !problem.empty()) lines.push_back(problem);
  return page::box(lines, text_at(plan, "problem").empty() ? Tone::plain : Tone::bad);
}

std::string plan_targets(const json& plan, const std::string& verb) {
  const json targets = plan.value("targets", json::array());
  if (targets.empty()) return "<p>The profile has no targets.</p>\n";
  std::string html =
      "<h3>Targets</h3>\n<div class=\"wide\"><table><thead><tr><th scope=\"col\">Target</th><th scope=\"col\">What its "
      "users "
      "feel</th><th scope=\"col\">How it is, and what changes</th></tr></thead><tbody>\n";
  for (const json& target : targets) {
    std::string changes;
    for (const json& line : target.value("diff", json::array()))
      if (line.is_string()) changes += (changes.empty() ? "" : "\n") + line.get<std::string>();
    const std::string disturbance = verb == "verify" ? "nothing" : text_at(target, "disturbance");
    html += "<tr><th scope=\"row\">" + escaped(text_at(target, "target")) + "</th><td>" +
            escaped(disturbance.empty() || disturbance == "none" ? "nothing" : disturbance) + "</td><td>" +
            escaped(text_at(target, "detail")) + (changes.empty() ? "" : "<pre>" + escaped(changes) + "</pre>") +
            "</td></tr>\n";
  }
  return html + "</tbody></table></div>\n";
}

}  // namespace certctl::web
