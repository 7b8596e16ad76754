#include <algorithm>
#include <array>
#include <charconv>

#include "framework/daemon/web/moments.hpp"
#include "framework/daemon/web/pages.hpp"
#include "framework/daemon/web/plan_view.hpp"
#include "framework/daemon/web/profile_view.hpp"

namespace certctl::web {
namespace {

using nlohmann::json;
using page::escaped;
using page::Tone;
using page::url_part;

struct Action {
  const char* verb;
  const char* title;   // of the page; the profile's name follows
  const char* button;  // what starts it
  const char* says;    // what it does
};

constexpr std::array kActions{
    Action{"renew", "Renew", "Renew now",
           "Does what is due, as the plan says: asks the issuer, stores, delivers, verifies."},
    Action{"deliver", "Deliver", "Deliver now",
           "Delivers the active certificate to all targets again, and proves that they serve it. The issuer is not "
           "asked."},
    Action{"verify", "Verify", "Verify now", "Asks the targets what they really serve. Changes nothing."},
    Action{"rollback", "Roll back", "Roll back now",
           "Delivers an earlier certificate, and holds it: nothing is renewed because of age or change until it is "
           "released."},
    Action{"release", "Release the hold", "Release now", "Ends the hold: what is due is done again."},
};

struct Wish {
  const char* name;
  const char* label;
};
constexpr std::array kWishes{Wish{"force", "Although nothing is due"}, Wish{"rekey", "With a new key"},
                             Wish{"new_request", "Give up the open request and make a new one"},
                             Wish{"reset_attempts", "Forget the failures, and do not wait for the next try"}};

const Action* find_action(const std::string& verb) {
  const auto found =
      std::find_if(kActions.begin(), kActions.end(), [&](const Action& one) { return one.verb == verb; });
  return found == kActions.end() ? nullptr : &*found;
}

bool wished(const page::Form& form, const char* name) {
  return page::field(form, name) == "1";
}

// 0: none is named. Nothing: it is no number.
std::optional<int> generation_of(const page::Form& form) {
  const std::string& text = page::field(form, "generation");
  int number = 0;
  if (text.empty()) return 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || number < 0 || number > 1'000'000)
    return std::nullopt;
  return number;
}

std::string wishes_html(const page::Form& chosen, const std::string& base, const std::string& verb) {
  if (verb != "renew" && verb != "rollback") return {};
  std::string html =
      "<form method=\"get\" action=\"" + base + "/" + verb + "\">\n<fieldset><legend>Otherwise</legend>\n";
  for (const Wish& wish : kWishes) {
    if (verb == "rollback" && std::string_view(wish.name) != "force") continue;
    const std::string name = wish.name;
    const char* label = verb == "rollback" ? "Although that certificate is expired or revoked" : wish.label;
    html += "<div class=\"check\"><input type=\"checkbox\" id=\"" + name + "\" name=\"" + name + "\" value=\"1\"" +
            (wished(chosen, wish.name) ? " checked" : "") + "><label for=\"" + name + "\">" + label +
            "</label></div>\n";
  }
  if (verb == "rollback") html += page::hidden_field("generation", page::field(chosen, "generation"));
  return html + "<button type=\"submit\" class=\"quiet\">Show the plan again</button></fieldset>\n</form>\n";
}

// What is confirmed is what was shown.
std::string confirm_form(const Visit& visit, const Action& action, const std::string& base) {
  std::string html = "<form method=\"post\" action=\"" + base + "/" + action.verb + "\">\n" + visit.token_field();
  for (const Wish& wish : kWishes)
    if (wished(visit.query(), wish.name)) html += page::hidden_field(wish.name, "1");
  if (std::string_view(action.verb) == "rollback")
    html += page::hidden_field("generation", page::field(visit.query(), "generation"));
  return html + "<button type=\"submit\">" + action.button + "</button><a class=\"button quiet\" href=\"" + base +
         "\">Back</a>\n</form>\n";
}

std::string certificate_table(const json& entry, const Visit& visit) {
  return page::table({{"Generation", std::to_string(entry.value("generation", 0))},
                      {"Serial number", text_at(entry, "serial")},
                      {"Subject", text_at(entry, "subject")},
                      {"Valid until", moment_text(text_at(entry, "not_after"), visit.now())}});
}

// From which certificate to which; empty with `problem` when there is none to go back to.
std::string rollback_html(const Visit& visit, const json& history, int generation, std::string& problem) {
  const json generations = history.value("generations", json::array());
  const json* active = nullptr;
  const json* wanted = nullptr;
  for (const json& entry : generations) {
    if (entry.value("active", false)) active = &entry;
    if (entry.value("generation", 0) == generation) wanted = &entry;
  }
  if (generation == 0 && active != nullptr) {
    for (const json& entry : generations)
      if (entry.value("generation", 0) < active->value("generation", 0) && entry.value("whole", false)) wanted = &entry;
  }
  if (wanted == nullptr) {
    problem = "There is no earlier certificate to go back to.";
    return {};
  }
  std::string html;
  if (active != nullptr) html += "<h3>Now</h3>\n" + certificate_table(*active, visit);
  return html + "<h3>Back to</h3>\n" + certificate_table(*wanted, visit);
}

std::string report_html(const json& report) {
  const int exit = report.value("exit", 1);
  std::vector<std::string> lines{text_at(report, "profile") + ": " + text_at(report, "result")};
  lines.push_back(text_at(report, "summary"));
  if (const json error = report.value("error", json()); error.is_object()) {
    lines.push_back(text_at(error, "message"));
    lines.push_back(text_at(error, "hint"));
  }
  std::string html = page::box(lines, exit == 0 ? Tone::good : exit == 3 ? Tone::warning : Tone::bad);
  std::vector<std::pair<std::string, std::string>> rows;
  for (const json& target : report.value("targets", json::array())) {
    std::string text = text_at(target, "state");
    if (const std::string detail = text_at(target, "detail"); !detail.empty()) text += ": " + detail;
    if (const std::string served = text_at(target, "served"); !served.empty()) text += "; serves " + served;
    if (const json error = target.value("error", json()); error.is_object()) text += "; " + text_at(error, "message");
    rows.emplace_back(text_at(target, "target"), text);
  }
  return html + (rows.empty() ? std::string() : page::table(rows));
}

}  // namespace

page::Response preview_action(Visit& visit, const std::string& profile, const std::string& verb) {
  visit.set_current(profile);
  const Action* action = find_action(verb);
  if (action == nullptr) return visit.refuse(404, "There is no such page.", "");
  if (!visit.may_act()) return visit.refuse(403, "This page may only look.", "certctl serve --page-may act lets it");
  const std::string base = "/profiles/" + url_part(profile);
  json question = {{"verb", "plan"}, {"profiles", {profile}}, {"diff", true}};
  if (verb == "renew")
    for (const char* name : {"force", "rekey"})
      if (wished(visit.query(), name)) question[name] = true;
  const EngineAnswer plan = visit.ask(question);
  if (!plan.ok()) return visit.failed(plan);
  const json plans = plan.result.value("profiles", json::array());
  const json its = plans.empty() ? json::object() : plans.front();
  std::string html = "<p>" + escaped(action->says) + "</p>\n";
  if (verb == "renew") html += plan_box(its, visit.now());
  std::string problem;
  if (verb == "rollback") {
    const auto generation = generation_of(visit.query());
    if (!generation) return visit.refuse(400, "There is no such generation.", "");
    const EngineAnswer history = visit.ask({{"verb", "history"}, {"profiles", {profile}}});
    if (!history.ok()) return visit.failed(history);
    html += rollback_html(visit, history.result, *generation, problem);
  }
  if (!problem.empty())
    return visit.html(Place::profile, std::string(action->title) + " " + profile, page::box({problem}, Tone::warning));
  if (verb != "release") html += plan_targets(its, verb);
  html += confirm_form(visit, *action, base) + wishes_html(visit.query(), base, verb);
  return visit.html(Place::profile, std::string(action->title) + " " + profile, html);
}

page::Response start_action(Visit& visit, const std::string& profile, const std::string& verb) {
  visit.set_current(profile);
  const Action* action = find_action(verb);
  if (action == nullptr) return visit.refuse(404, "There is no such form.", "");
  const auto posted = visit.posted();
  if (posted.refused) return *posted.refused;
  if (!visit.may_act()) return visit.refuse(403, "This page may only look.", "certctl serve --page-may act lets it");
  const auto generation = generation_of(posted.form);
  if (!generation) return visit.refuse(400, "There is no such generation.", "");
  json question = {{"verb", verb}, {"profiles", {profile}}, {"session", visit.session()}};
  for (const Wish& wish : kWishes)
    if (wished(posted.form, wish.name)) question[wish.name] = true;
  if (*generation != 0) question["generation"] = *generation;
  const auto name =
      visit.actions().start(visit.session(), std::string(action->title) + " " + profile, profile, question);
  if (!name) return visit.refuse(503, "Too much is at work.", "Wait until something has ended.");
  return Visit::redirect("/actions/" + *name);
}

page::Response show_action(Visit& visit, const std::string& name) {
  const auto action = visit.actions().see(visit.session(), name);
  if (!action) return visit.refuse(404, "There is nothing of that name any more.", "The status shows how it is now.");
  visit.set_current(action->profile);
  std::string html;
  if (action->running) {
    html += page::box({"At work for " + span_text(action->age.count()) +
                       ". This page follows by itself; it goes on without it, too."},
                      Tone::plain);
  } else if (!action->answer.ok()) {
    html += page::box({text_at(action->answer.error, "message"), text_at(action->answer.error, "hint")}, Tone::bad);
  } else {
    for (const json& report : action->answer.result.value("profiles", json::array())) html += report_html(report);
  }
  std::string log;
  for (const std::string& line : action->log) log += line + "\n";
  if (!log.empty()) html += "<h3>What was done</h3>\n<pre class=\"code\" id=\"log\">" + escaped(log) + "</pre>\n";
  const std::string base = "/profiles/" + url_part(action->profile);
  html += "<p><a class=\"button quiet\" href=\"" + base + "\">To the profile</a></p>\n";
  return visit.html(Place::profile, action->title, html, 200, {action->running ? 1 : 0, "/actions/" + name});
}

}  // namespace certctl::web
