#include "framework/engine/json_objects.hpp"

#include <nlohmann/json.hpp>

#include "framework/engine/words.hpp"

namespace certctl::engine {

using nlohmann::json;

json to_json(const Error& error) {
  return {{"code", error.code}, {"message", error.message}, {"hint", error.hint}};
}

json to_json(const RunReport& report) {
  json targets = json::array();
  for (const auto& target : report.targets) {
    json row = {{"target", target.target}, {"state", target.state}, {"detail", target.detail}};
    row["served"] = target.served.empty() ? json(nullptr) : json(target.served);
    row["error"] = target.error ? to_json(*target.error) : json(nullptr);
    targets.push_back(std::move(row));
  }
  json object = {{"profile", report.profile},        {"exit", static_cast<int>(report.exit)},
                 {"result", exit_word(report.exit)}, {"summary", report.summary},
                 {"renewed", report.renewed},        {"targets", std::move(targets)}};
  object["generation"] = report.generation == 0 ? json(nullptr) : json(report.generation);
  object["error"] = report.error ? to_json(*report.error) : json(nullptr);
  return object;
}

json to_json(const Preview& preview) {
  const Decision& d = preview.decision;
  json targets = json::array();
  for (const auto& target : preview.targets) {
    targets.push_back({{"target", target.target},
                       {"deliver", target.deliver},
                       {"disturbance", target.disturbance},
                       {"detail", target.detail},
                       {"diff", target.diff}});
  }
  json object = {{"profile", preview.profile},
                 {"work", preview.work},
                 {"action", action_word(d.action)},
                 {"due", preview.due},
                 {"reason", d.reason},
                 {"sentence", d.sentence},
                 {"blocked", d.blocked.empty() ? json(nullptr) : json(d.blocked)},
                 {"blocked_sentence", d.blocked.empty() ? json(nullptr) : json(d.blocked_sentence)},
                 {"deliver", d.deliver},
                 {"deliver_reason", d.deliver ? json(d.deliver_reason) : json(nullptr)},
                 {"targets", std::move(targets)},
                 {"problem", preview.problem.empty() ? json(nullptr) : json(preview.problem)}};
  object["at"] = d.at == 0 ? json(nullptr) : json(say_time(d.at));
  return object;
}

json to_json(const HistoryEntry& entry) {
  return {{"generation", entry.generation},
          {"serial", entry.serial},
          {"fingerprint", entry.fingerprint},
          {"subject", entry.subject},
          {"not_before", say_time(entry.not_before)},
          {"not_after", say_time(entry.not_after)},
          {"activated", entry.activated == 0 ? json(nullptr) : json(say_time(entry.activated))},
          {"active", entry.active},
          {"held", entry.held},
          {"whole", entry.whole},
          {"problem", entry.problem.empty() ? json(nullptr) : json(entry.problem)},
          {"targets", entry.targets},
          {"differs", entry.differs}};
}

}  // namespace certctl::engine
