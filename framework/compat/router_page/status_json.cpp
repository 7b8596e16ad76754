#include "framework/compat/router_page/status_json.hpp"

#include <nlohmann/json.hpp>

namespace certctl::router_page {
namespace {

using nlohmann::json;

std::string text_at(const json& object, const char* key) {
  if (!object.is_object()) return {};
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

const json& at(const json& object, const char* key) {
  static const json kNothing;
  if (!object.is_object()) return kNothing;
  const auto it = object.find(key);
  return it == object.end() ? kNothing : *it;
}

std::string yes_or_no(const json& value) {
  return !value.is_boolean() ? "" : value.get<bool>() ? "yes" : "no";
}

std::string with_hint(const json& error) {
  const std::string hint = text_at(error, "hint");
  return text_at(error, "message") + (hint.empty() ? "" : " (" + hint + ")");
}

std::string due_text(const json& due) {
  const std::string action = text_at(due, "action");
  if (action.empty()) return {};
  const std::string when = text_at(due, "at");
  const std::string blocked = text_at(due, "blocked");
  const std::string reason = text_at(due, "reason");
  return action + (reason == action ? "" : " (" + reason + ")") + (when.empty() ? "" : ", " + when) +
         (blocked.empty() ? "" : "; blocked: " + blocked);
}

ProfileFacts facts_of(const json& profile) {
  ProfileFacts facts;
  const auto row = [&](const char* label, const std::string& text) {
    if (!text.empty()) facts.rows.emplace_back(label, text);
  };
  row("Profile", text_at(profile, "profile"));
  row("State", text_at(profile, "state"));
  row("Serial", text_at(profile, "serial"));
  row("Subject", text_at(profile, "subject"));
  row("Valid from", text_at(profile, "not_before"));
  row("Valid until", text_at(profile, "not_after"));
  row("Fingerprint", text_at(profile, "fingerprint"));
  const std::string transaction = text_at(profile, "transaction");
  row("Request", transaction == "none" ? "" : transaction);
  const json& pending = at(profile, "pending");
  row("Transaction", text_at(pending, "transaction_id"));
  row("Waits since", text_at(pending, "since"));
  row("Asks again", text_at(pending, "next_poll"));
  row("Delivered", yes_or_no(at(profile, "delivered")));
  if (const json& targets = at(profile, "targets"); targets.is_array()) {
    for (const json& target : targets) {
      if (at(target, "error").is_object())
        row("Delivery failed", text_at(target, "target") + ": " + with_hint(at(target, "error")));
    }
  }
  // While a request is being made, the attempt counts as one that failed: not worth showing.
  if (transaction != "enrolling") row("Next", due_text(at(profile, "due")));
  if (at(profile, "last_error").is_object())
    row("Last error", text_at(at(profile, "last_error"), "at") + ": " + with_hint(at(profile, "last_error")));
  row("Problem", text_at(profile, "problem"));
  return facts;
}

}  // namespace

void read_lines(const std::string& text, StatusFacts& facts) {
  const json object = json::parse(text, nullptr, false);
  facts.module = text_at(object, "module");
  facts.certificate = text_at(object, "certificate");
  const json& running = at(object, "running");
  facts.running = running.is_boolean() && running.get<bool>();
  if (facts.module.empty() && facts.problem.empty()) facts.problem = "the status cannot be read";
}

void read_profiles(const std::string& text, StatusFacts& facts) {
  const json object = json::parse(text, nullptr, false);
  const json& profiles = at(object, "profiles");
  if (!profiles.is_array()) {
    if (facts.problem.empty()) facts.problem = "the status cannot be read";
    return;
  }
  for (const json& profile : profiles) facts.profiles.push_back(facts_of(profile));
}

}  // namespace certctl::router_page
