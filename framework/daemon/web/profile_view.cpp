#include "framework/daemon/web/profile_view.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "framework/daemon/web/moments.hpp"
#include "framework/page/html.hpp"

namespace certctl::web {
namespace {

using nlohmann::json;
using page::escaped;

const json& at(const json& object, const char* key) {
  static const json kNull;
  if (!object.is_object()) return kNull;
  const auto found = object.find(key);
  return found == object.end() ? kNull : *found;
}

std::string word(const std::string& text, const char* tone) {
  return std::string("<span class=\"word ") + tone + "\">" + escaped(text) + "</span> ";
}

bool owes(const json& profile) {
  const json& targets = at(profile, "targets");
  return targets.is_array() && std::any_of(targets.begin(), targets.end(),
                                           [](const json& target) { return text_at(target, "state") == "debt"; });
}

const char* tone_of(Urgency urgency) {
  switch (urgency) {
    case Urgency::broken:
    case Urgency::failing: return "bad";
    case Urgency::waiting: return "warning";
    default: return "good";
  }
}

std::string paragraph(const std::string& text) {
  return text.empty() ? std::string() : "<p>" + escaped(text) + "</p>\n";
}

std::string pending_sentence(const json& profile, std::int64_t now) {
  const json& pending = at(profile, "pending");
  if (text_at(profile, "transaction") == "in_doubt")
    return "The request was sent, and it is not known what became of it: the issuer is asked for it again.";
  if (!pending.is_object()) return {};
  const auto since = read_moment(text_at(pending, "since"));
  const std::string next = text_at(pending, "next_poll");
  std::string text = "The request waits for approval at the issuer";
  if (since) text += " for " + span_text(std::max<std::int64_t>(0, now - *since));
  if (!text_at(pending, "transaction_id").empty()) text += "; its transaction is " + text_at(pending, "transaction_id");
  return text + (next.empty() ? "." : "; asked again " + moment_text(next, now) + ".");
}

std::string error_html(const json& error, std::int64_t now) {
  if (!error.is_object()) return {};
  std::string html = "<p class=\"problem\">" + escaped(text_at(error, "message"));
  if (const std::string when = text_at(error, "at"); !when.empty())
    html += " <span class=\"note\">" + escaped(moment_text(when, now)) + "</span>";
  html += "</p>\n";
  if (const std::string hint = text_at(error, "hint"); !hint.empty())
    html += "<p><strong>What to do:</strong> " + escaped(hint) + "</p>\n";
  return html;
}

std::string due_sentence(const json& profile, std::int64_t now) {
  const json& due = at(profile, "due");
  const std::string action = text_at(due, "action");
  const std::string when = text_at(due, "at");
  if (action.empty()) return {};
  if (action == "none") return when.empty() ? std::string() : "Next due: " + moment_text(when, now) + ".";
  if (action == "resume") return {};  // the sentence on the request says it
  const std::string reason = text_at(due, "reason");
  const auto moment = read_moment(when);
  return std::string(moment && *moment > now ? "Next: " : "Due: ") + action +
         (reason.empty() ? "" : " (" + reason + ")") + (when.empty() ? "." : ", " + moment_text(when, now) + ".");
}

}  // namespace

std::string text_at(const json& object, const char* key) {
  const json& value = at(object, key);
  return value.is_string() ? value.get<std::string>() : std::string();
}

Urgency urgency_of(const json& profile) {
  const std::string state = text_at(profile, "state");
  const std::string transaction = text_at(profile, "transaction");
  if (state == "broken" || state == "expired" || at(profile, "served") == false) return Urgency::broken;
  if (transaction == "failed" || transaction == "rejected" || owes(profile) || !text_at(profile, "problem").empty())
    return Urgency::failing;
  if (state != "active" || (transaction != "none" && !transaction.empty()) || !at(profile, "hold").is_null())
    return Urgency::waiting;
  return Urgency::well;
}

std::string four_facts(const json& profile) {
  std::string html = "<ul class=\"facts4\">";
  const json& targets = at(profile, "targets");
  const bool has_targets = targets.is_array() && !targets.empty();
  for (const char* fact : {"issued", "stored", "delivered", "served"}) {
    const json& value = at(profile, fact);
    const bool about_targets = std::string_view(fact) == "delivered" || std::string_view(fact) == "served";
    if (about_targets && !has_targets) continue;
    const std::string text =
        value.is_boolean() ? (value == true ? fact : std::string("not ") + fact) : std::string(fact) + ": unknown";
    html += "<li>" + word(text, value.is_boolean() ? (value == true ? "good" : "bad") : "quiet") + "</li>";
  }
  if (!has_targets) html += "<li>" + word("no targets", "quiet") + "</li>";
  return html + "</ul>\n";
}

std::string time_line(const json& profile, std::int64_t now) {
  const auto begin = read_moment(text_at(profile, "not_before"));
  const auto end = read_moment(text_at(profile, "not_after"));
  if (!begin || !end || *end <= *begin) return {};
  // 1000 wide: places on it are whole numbers.
  const auto place = [&](std::int64_t moment) {
    const double share = static_cast<double>(moment - *begin) / static_cast<double>(*end - *begin);
    return std::to_string(static_cast<int>(std::clamp(share, 0.0, 1.0) * 1000));
  };
  const std::string gone = place(now);
  std::string says = "valid " + moment_text(text_at(profile, "not_before"), now) + " to " +
                     moment_text(text_at(profile, "not_after"), now);
  std::string html =
      "<svg class=\"line\" viewBox=\"0 0 1000 20\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"" +
      escaped(says) + "\"><title>" + escaped(says) +
      "</title><rect class=\"whole\" x=\"0\" y=\"4\" width=\"1000\" height=\"12\"></rect><rect class=\"" +
      (now > *end ? "late" : "gone") + "\" x=\"0\" y=\"4\" width=\"" + gone + "\" height=\"12\"></rect>";
  if (const auto due = read_moment(text_at(at(profile, "due"), "at")))
    html += "<line class=\"mark\" x1=\"" + place(*due) + "\" y1=\"0\" x2=\"" + place(*due) + "\" y2=\"20\"></line>";
  return html + "<line class=\"now\" x1=\"" + gone + "\" y1=\"0\" x2=\"" + gone + "\" y2=\"20\"></line></svg>\n";
}

std::string profile_card(const json& profile, std::int64_t now, bool linked) {
  const std::string name = text_at(profile, "profile");
  const std::string state = text_at(profile, "state");
  const std::string transaction = text_at(profile, "transaction");
  const char* tone = tone_of(urgency_of(profile));
  std::string html = std::string("<section class=\"profile ") + tone + "\">\n<h3>";
  html +=
      linked ? "<a href=\"/profiles/" + page::url_part(name) + "\">" + escaped(name) + "</a> " : escaped(name) + " ";
  html += word(state == "none" ? "no certificate" : state, tone);
  if (transaction != "none" && !transaction.empty()) html += word(transaction, tone);
  if (owes(profile)) html += word("debt", "bad");
  html += "</h3>\n" + paragraph(text_at(profile, "subject"));
  html += four_facts(profile);
  if (const std::string end = text_at(profile, "not_after"); !end.empty())
    html += paragraph((state == "expired" ? "Expired " : "Expires ") + moment_text(end, now) + ".");
  html += time_line(profile, now) + paragraph(due_sentence(profile, now)) + paragraph(pending_sentence(profile, now));
  const json& hold = at(profile, "hold");
  if (!hold.is_null())
    html += paragraph("Held at an earlier generation: no renewal because of drift or age until it is released.");
  html += paragraph(text_at(profile, "problem")) + error_html(at(profile, "last_error"), now);
  const json& targets = at(profile, "targets");
  if (targets.is_array()) {
    for (const json& target : targets) {
      if (text_at(target, "state") != "debt") continue;
      const std::string next = text_at(target, "next_try");
      html += paragraph("Target " + text_at(target, "target") + " owes the certificate" +
                        (next.empty() ? "." : "; tried again " + moment_text(next, now) + "."));
      html += error_html(at(target, "error"), now);
    }
  }
  return html + "</section>\n";
}

std::string targets_table(const json& profile, std::int64_t now) {
  const json& targets = at(profile, "targets");
  if (!targets.is_array() || targets.empty()) return {};
  std::string html =
      "<h3>Targets</h3>\n<div class=\"wide\"><table><thead><tr><th scope=\"col\">Target</th><th "
      "scope=\"col\">State</th>"
      "<th scope=\"col\">Serves it</th><th scope=\"col\">Asked</th></tr></thead><tbody>\n";
  for (const json& target : targets) {
    const std::string state = text_at(target, "state");
    const json& served = at(target, "served");
    const std::string asked = text_at(target, "served_at");
    html += "<tr><th scope=\"row\">" + escaped(text_at(target, "target")) + "</th><td>" +
            word(state, state == "ok"     ? "good"
                        : state == "debt" ? "bad"
                                          : "quiet") +
            escaped(text_at(target, "detail")) + "</td><td>" +
            (served.is_boolean() ? (served == true ? "yes" : "no: another certificate") : "unknown") + "</td><td>" +
            (asked.empty() ? "never" : escaped(moment_text(asked, now))) + "</td></tr>\n";
  }
  return html + "</tbody></table></div>\n";
}

}  // namespace certctl::web
