#include "framework/compat/router_page/pages.hpp"

#include <algorithm>
#include <array>

#include "framework/compat/router_page/html.hpp"

namespace certctl::router_page {
namespace {

using router_app::Item;
using router_app::ItemKind;

struct Group {
  const char* legend;
  std::vector<const char*> names;
};

const std::vector<Group>& groups() {
  static const std::vector<Group> kGroups = {
      {"Enrollment",
       {"ENABLED", "SERVER_URL", "RENEW_DAYS", "AWAIT_RESULT", "MAX_AWAIT_RESULT", "LEGACY_CIPHERS", "CA_FINGERPRINT",
        "CHALLENGE_FILE"}},
      {"Certificate",
       {"KEY_SIZE", "SUBJECT", "ALT_NAME", "TEMPLATE", "DIGITAL_SIGNATURE", "KEY_ENCIPHERMENT", "SERVER_AUTH",
        "CLIENT_AUTH"}},
      {"Scripts", {"SUCCESS_SCRIPT", "FAILURE_SCRIPT"}},
      {"Access", {"PAGE_HOSTS"}},
  };
  return kGroups;
}

std::string problem_of(const GlobalPage& page, const Item& item) {
  for (const auto& problem : page.problems)
    if (problem.item == &item) return problem.message;
  return {};
}

std::string note_of(const Item& item, const char* extra = "") {
  const std::string_view note = item.note;
  return note.empty() ? "" : "<span class=\"note" + std::string(extra) + "\">" + escaped(note) + "</span>";
}

std::string check_box(const Item& item, const std::string& value) {
  const std::string name = item.name;
  return "<div class=\"check\"><input type=\"checkbox\" id=\"" + name + "\" name=\"" + name + "\" value=\"1\"" +
         (value == "1" ? " checked" : "") + "><label for=\"" + name + "\">" + escaped(item.label) + "</label></div>\n";
}

std::string row(const GlobalPage& page, const Item& item, const std::string& value) {
  const std::string name = item.name;
  const std::string problem = problem_of(page, item);
  std::string attributes = " id=\"" + name + "\" name=\"" + name + "\"";
  if (!problem.empty()) attributes += " aria-invalid=\"true\" aria-describedby=\"" + name + "-problem\"";
  std::string html = "<div class=\"row\"><label for=\"" + name + "\">" + escaped(item.label) + "</label><div>";
  if (item.kind == ItemKind::script) {
    // The first line feed after <textarea> is not part of the value.
    html += "<textarea rows=\"3\" maxlength=\"" + std::to_string(item.most) + "\" spellcheck=\"false\"" + attributes +
            ">\n" + escaped(value) + "</textarea>" + note_of(item, " below");
  } else if (item.kind == ItemKind::number) {
    html += "<input type=\"text\" class=\"short\" inputmode=\"numeric\" maxlength=\"9\"" + attributes + " value=\"" +
            escaped(value) + "\">" + note_of(item);
  } else {
    html += "<input type=\"text\" maxlength=\"" + std::to_string(item.most) + "\" spellcheck=\"false\"" + attributes +
            " value=\"" + escaped(value) + "\">" + note_of(item, " below");
  }
  if (!problem.empty())
    html += "<span class=\"problem\" id=\"" + name + "-problem\">" + escaped(item.label) + " " + escaped(problem) +
            "</span>";
  return html + "</div></div>\n";
}

std::string box(const std::vector<std::string>& lines, bool good) {
  if (lines.empty()) return {};
  std::string html = std::string("<div class=\"box ") + (good ? "good" : "bad") + "\" role=\"status\">";
  for (const auto& line : lines) html += "<p>" + escaped(line) + "</p>";
  return html + "</div>\n";
}

std::string table(const std::vector<std::pair<std::string, std::string>>& rows) {
  std::string html = "<table><tbody>\n";
  for (const auto& [label, text] : rows)
    html += "<tr><th scope=\"row\">" + escaped(label) + "</th><td>" + escaped(text) + "</td></tr>\n";
  return html + "</tbody></table>\n";
}

}  // namespace

std::string global_page(const GlobalPage& page) {
  std::string html = box(page.notices, false);
  html += "<form method=\"post\" action=\"index.cgi?page=global\" accept-charset=\"utf-8\" autocomplete=\"off\">\n";
  html += "<input type=\"hidden\" name=\"token\" value=\"" + escaped(page.token) + "\">\n";
  for (const Group& group : groups()) {
    html += std::string("<fieldset><legend>") + group.legend + "</legend>\n";
    for (const char* name : group.names) {
      for (const Item& item : router_app::items()) {
        if (std::string_view(item.name) != name) continue;
        const std::string& value = router_app::text(page.values, item.name);
        html += item.kind == ItemKind::flag ? check_box(item, value) : row(page, item, value);
      }
    }
    html += "</fieldset>\n";
  }
  html += "<button type=\"submit\">Apply</button>\n</form>\n";
  return whole_page(Tab::global, "Global", html);
}

std::string status_page(const StatusFacts& facts, const std::string& notice, bool notice_is_good, bool check_started) {
  std::string html;
  if (!notice.empty()) html += box({notice}, notice_is_good);
  if (!facts.problem.empty())
    html += "<div class=\"box bad\" role=\"status\"><pre>" + escaped(facts.problem) + "</pre></div>\n";
  if (!facts.module.empty())
    html +=
        "<div class=\"box\"><pre id=\"lines\">" + escaped(facts.module + "\n" + facts.certificate) + "</pre></div>\n";
  for (const auto& profile : facts.profiles) html += table(profile.rows);
  if (!facts.authorities.empty()) {
    html += "<h2>CA certificates</h2>\n";
    std::vector<std::pair<std::string, std::string>> rows;
    for (const auto& authority : facts.authorities) rows.emplace_back(authority.subject, authority.fingerprint);
    html += table(rows);
  }
  if (facts.trusts_first) {
    html +=
        "<p class=\"note\">No CA certificate is known yet: the CA that is met first will be trusted, and only that one "
        "from then on. CA Fingerprint on the page Global says which one is right.</p>\n";
  }
  constexpr int kSoon = 3;
  constexpr int kAgain = 10;
  return whole_page(Tab::status, "Status", html, check_started ? kSoon : facts.running ? kAgain : 0);
}

std::string licenses_page(const std::vector<License>& licenses) {
  static constexpr std::array kParts = {
      std::pair{"OpenSSL", "Apache License 2.0"},
      std::pair{"Boost", "Boost Software License 1.0"},
      std::pair{"yaml-cpp", "MIT License"},
      std::pair{"libcurl", "curl license"},
      std::pair{"JSON for Modern C++", "MIT License"},
      std::pair{"CLI11", "BSD 3-Clause License"},
      std::pair{"spdlog", "MIT License"},
      std::pair{"{fmt}", "MIT License"},
      std::pair{"GNU C++ library", "GPL 3 with GCC Runtime Library Exception"},
  };
  std::string html = "<p>This module uses the following software:</p>\n";
  std::vector<std::pair<std::string, std::string>> rows(kParts.begin(), kParts.end());
  html += table(rows);
  for (const auto& license : licenses) {
    html +=
        "<details><summary>" + escaped(license.name) + "</summary><pre>" + escaped(license.text) + "</pre></details>\n";
  }
  return whole_page(Tab::licenses, "Licenses", html);
}

std::string refusal_page(const std::string& why, const std::string& what_to_do) {
  return whole_page(Tab::none, "Refused", box({why, what_to_do}, false));
}

}  // namespace certctl::router_page
