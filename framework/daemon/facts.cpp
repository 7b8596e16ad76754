#include "framework/daemon/facts.hpp"

#include <algorithm>
#include <ctime>
#include <nlohmann/json.hpp>

#include "framework/engine/words.hpp"

namespace certctl::daemon {
namespace {

using nlohmann::json;

// "2026-11-25T00:00:00Z"; 0 for null and everything else.
EpochSeconds time_of(const json& value) {
  if (!value.is_string()) return 0;
  const auto& text = value.get_ref<const std::string&>();
  std::tm parts{};
  if (::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts) == nullptr) return 0;
  return ::timegm(&parts);
}

const json& member(const json& object, const char* key) {
  static const json kNothing;
  const auto found = object.find(key);
  return found == object.end() ? kNothing : *found;
}

class Text {
 public:
  void family(const char* name, const char* type, const char* help) {
    text_ += std::string("# HELP ") + name + " " + help + "\n# TYPE " + name + " " + type + "\n";
    name_ = name;
  }
  void value(const std::string& labels, double number) {
    std::string digits = json(number).dump();
    if (digits.ends_with(".0")) digits.resize(digits.size() - 2);
    text_ += name_ + (labels.empty() ? "" : "{" + labels + "}") + " " + digits + "\n";
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
  std::string name_;
};

// Label values may hold anything but a line break, a quotation mark and a backslash.
std::string label(const char* name, const std::string& value) {
  std::string text = std::string(name) + "=\"";
  for (const char c : value) {
    if (c == '\n') {
      text += "\\n";
    } else {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
  }
  return text + "\"";
}

}  // namespace

void Facts::set_status(const std::string& profile, std::string object) {
  profiles_[profile].status = std::move(object);
}

void Facts::count_run(const std::string& profile, const std::string& result, EpochSeconds now) {
  Known& known = profiles_[profile];
  ++known.runs[result];
  if (result == "ok") known.last_success = now;
}

void Facts::keep_only(const std::vector<std::string>& profiles) {
  for (auto it = profiles_.begin(); it != profiles_.end();)
    it = std::find(profiles.begin(), profiles.end(), it->first) == profiles.end() ? profiles_.erase(it) : std::next(it);
}

std::string Facts::status_json(EpochSeconds now) const {
  std::string text = "{\"schema\":1,\"updated\":\"" + engine::say_time(now) + "\",\"profiles\":[";
  bool first = true;
  for (const auto& [name, known] : profiles_) {
    if (known.status.empty()) continue;
    text += (first ? "\n" : ",\n") + known.status;
    first = false;
  }
  return text + "]}\n";
}

std::string Facts::metrics(EpochSeconds now, std::size_t configuration_errors) const {
  struct Row {
    std::string labels;
    const Known* known;
    json status;
  };
  std::vector<Row> rows;
  for (const auto& [name, known] : profiles_)
    rows.push_back({label("profile", name), &known, json::parse(known.status, nullptr, false)});
  Text text;
  const auto times = [&](const char* name, const char* help, auto&& get) {
    text.family(name, "gauge", help);
    for (const Row& row : rows) {
      const EpochSeconds at = row.status.is_object() ? get(row) : 0;
      if (at != 0) text.value(row.labels, static_cast<double>(at));
    }
  };
  const auto facts = [&](const char* name, const char* help, auto&& get) {
    text.family(name, "gauge", help);
    for (const Row& row : rows) {
      const json& value = get(row.status);
      if (value.is_boolean()) text.value(row.labels, value.get<bool>() ? 1 : 0);
    }
  };
  times("certctl_certificate_not_before_seconds", "Start of the active certificate's validity.",
        [](const Row& row) { return time_of(member(row.status, "not_before")); });
  times("certctl_certificate_not_after_seconds", "End of the active certificate's validity.",
        [](const Row& row) { return time_of(member(row.status, "not_after")); });
  text.family("certctl_time_to_outage_seconds", "gauge",
              "Until the active certificate ends; without one, or when another is served, none is left.");
  for (const Row& row : rows) {
    const EpochSeconds end = time_of(member(row.status, "not_after"));
    const bool works = member(row.status, "state") == "active" && member(row.status, "served") != false;
    text.value(row.labels, works ? static_cast<double>(std::max<EpochSeconds>(end - now, 0)) : 0);
  }
  for (const char* fact : {"issued", "stored", "delivered", "served"})
    facts(("certctl_" + std::string(fact)).c_str(), "Of the newest generation: 1 yes, 0 no; absent: unknown.",
          [fact](const json& status) -> const json& { return member(status, fact); });
  text.family("certctl_state", "gauge", "1 for the state that the profile has.");
  for (const Row& row : rows)
    if (const json& state = member(row.status, "state"); state.is_string())
      text.value(row.labels + "," + label("state", state.get<std::string>()), 1);
  text.family("certctl_transaction", "gauge", "1 for the state of the open request.");
  for (const Row& row : rows)
    if (const json& state = member(row.status, "transaction"); state.is_string())
      text.value(row.labels + "," + label("state", state.get<std::string>()), 1);
  times("certctl_pending_since_seconds", "Since when the issuer has not decided.",
        [](const Row& row) { return time_of(member(member(row.status, "pending"), "since")); });
  times("certctl_due_seconds", "When the profile is due next.",
        [](const Row& row) { return time_of(member(member(row.status, "due"), "at")); });
  text.family("certctl_debts", "gauge", "Targets that owe the active certificate.");
  for (const Row& row : rows) {
    const json& targets = member(row.status, "targets");
    if (!targets.is_array()) continue;
    text.value(row.labels, static_cast<double>(std::count_if(targets.begin(), targets.end(), [](const json& target) {
                 return member(target, "state") == "debt";
               })));
  }
  text.family("certctl_runs_total", "counter", "Runs of the daemon by how they ended.");
  for (const Row& row : rows)
    for (const auto& [result, count] : row.known->runs)
      text.value(row.labels + "," + label("result", result), static_cast<double>(count));
  times("certctl_last_success_seconds", "When a run of the daemon ended well last.",
        [](const Row& row) { return row.known->last_success; });
  text.family("certctl_configuration_errors", "gauge", "Errors in the configuration files as they are now.");
  text.value("", static_cast<double>(configuration_errors));
  text.family("certctl_updated_seconds", "gauge", "When this was written: the daemon lives.");
  text.value("", static_cast<double>(now));
  return text.take();
}

}  // namespace certctl::daemon
