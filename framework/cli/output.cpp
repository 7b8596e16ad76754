#include "framework/cli/output.hpp"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "framework/engine/json_objects.hpp"
#include "framework/engine/words.hpp"

namespace certctl::cli {
namespace {

using engine::say_time;
using nlohmann::json;

std::string fact(const std::optional<bool>& value) {
  return !value ? "-" : *value ? "yes" : "NO";
}

void add(std::string& text, const char* label, const std::string& value) {
  if (value.empty()) return;
  std::string name = label;
  name.resize(14, ' ');
  text += "  " + name + value + "\n";
}

}  // namespace

void print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
}
void print_line(const std::string& line) {
  print(line + "\n");
}

std::string error_text(const Error& error) {
  return error.message + (error.hint.empty() ? std::string() : " (" + error.hint + ")");
}

void print_reports(const std::vector<engine::RunReport>& reports, bool as_json, bool quiet) {
  if (as_json) {
    json list = json::array();
    for (const auto& report : reports) list.push_back(engine::to_json(report));
    print(json{{"schema", 1}, {"profiles", std::move(list)}}.dump(2, ' ', false, json::error_handler_t::replace) +
          "\n");
    return;
  }
  for (const auto& report : reports) {
    if (quiet && report.exit == engine::ExitState::ok) continue;
    std::string line = report.profile + ": ";
    if (report.exit != engine::ExitState::ok) line += std::string(engine::exit_word(report.exit)) + ": ";
    line += report.summary;
    if (report.error && !report.error->hint.empty()) line += " (" + report.error->hint + ")";
    print_line(line);
    for (const auto& target : report.targets) {
      std::string row = "  " + target.target + ": " + target.state;
      if (!target.served.empty()) row += ", serves " + target.served;
      if (target.error) {
        row += ": " + error_text(*target.error);
      } else if (!target.detail.empty()) {
        row += ": " + target.detail;
      }
      print_line(row);
    }
  }
}

int exit_code(const std::vector<engine::RunReport>& reports, engine::ExitState start) {
  engine::ExitState exit = start;
  for (const auto& report : reports) exit = engine::worse(exit, report.exit);
  return static_cast<int>(exit);
}

std::string status_text(const engine::ProfileStatus& s) {
  std::string text = s.profile + ": " + s.state;
  if (s.transaction != "none") text += ", transaction " + s.transaction;
  text += "\n";
  add(text, "problem", s.problem);
  if (s.generation != 0) {
    add(text, "certificate", "serial " + s.serial + ", generation " + std::to_string(s.generation) + ", " + s.subject);
    add(text, "valid", say_time(s.not_before) + " to " + say_time(s.not_after));
  }
  for (const auto& issuer : s.issuers) {
    std::string line = issuer.issuer;
    if (issuer.in_service) line += ", issued the certificate";
    if (issuer.next) line += ", is asked next";
    if (issuer.aside_until != 0) line += ", set aside until " + say_time(issuer.aside_until);
    if (issuer.why) line += ": " + error_text(*issuer.why);
    add(text, "issuer", line);
  }
  // With a request on its way the four facts are about what it will bring.
  const bool open = s.transaction != "none" && s.transaction != "rejected" && s.transaction != "failed";
  add(text, open && s.generation != 0 ? "new one" : "facts",
      "issued " + fact(s.issued) + ", stored " + fact(s.stored) + ", delivered " + fact(s.delivered) + ", served " +
          fact(s.served));
  for (const auto& target : s.targets) {
    std::string line = target.target + ": " + target.state;
    if (target.error) {
      line += ": " + error_text(*target.error);
    } else if (!target.detail.empty()) {
      line += ": " + target.detail;
    }
    if (target.next_try != 0) line += "; next try " + say_time(target.next_try);
    add(text, "target", line);
  }
  if (s.transaction == "pending") {
    add(text, "pending",
        "transaction " + s.transaction_id + " since " + say_time(s.pending_since) + ", next poll " +
            say_time(s.next_poll));
    add(text, "",
        "waits for an operator of the CA, or the challenge is wrong: correct it and run `renew --new-request`");
  } else if (s.transaction == "in_doubt") {
    add(text, "in doubt",
        "transaction " + s.transaction_id + " was sent and its answer is not known; the next run settles it");
  }
  add(text, "request", s.transaction == "none" ? "" : s.display);
  for (const auto& difference : s.differs) add(text, "differs", difference);
  if (s.drift_refused) add(text, "drift", "refused: the issuer refused what the profile asks for now");
  if (s.hold != 0)
    add(text, "hold",
        "generation " + std::to_string(s.hold) + " since " + say_time(s.hold_since) + "; `certctl release` ends it");
  for (const auto& debt : s.hook_debts) add(text, "hook", "owed: " + debt);
  if (s.last_error) add(text, "last error", error_text(*s.last_error) + ", " + say_time(s.last_error_at));
  std::string due = s.due.blocked.empty() ? s.due.sentence : s.due.blocked_sentence;
  if (s.due.action == engine::Action::none && s.due.blocked.empty()) due.clear();
  add(text, "next", due);
  if (s.due.deliver)
    add(text, "", "deliver to " + std::to_string(s.due.deliver_targets.size()) + " target(s): " + s.due.deliver_reason);
  if (!s.clock_trusted) add(text, "clock", "untrusted: set the clock");
  return text;
}

}  // namespace certctl::cli
