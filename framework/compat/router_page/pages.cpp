#include "framework/compat/router_page/pages.hpp"

#include <algorithm>
#include <array>

#include "framework/page/html.hpp"

namespace certctl::router_page {
namespace {

using page::box;
using page::escaped;
using page::hidden_field;
using page::table;
using page::Tone;
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

enum class Tab : int { global, status, licenses, none };

std::string whole(Tab tab, std::string_view title, std::string_view content, int refresh = 0) {
  page::Frame frame;
  frame.site = "SCEP Client";
  frame.style = "index.cgi?page=style";
  frame.navigation = {{"Configuration", {{"index.cgi?page=global", "Global", tab == Tab::global}}},
                      {"Information",
                       {{"index.cgi?page=status", "Status", tab == Tab::status},
                        {"index.cgi?page=licenses", "Licenses", tab == Tab::licenses}}},
                      {"Administration", {{"/", "Return", false}}}};
  return page::whole_page(frame, title, content, {refresh, "index.cgi?page=status"});
}

}  // namespace

std::string value_of_field(const Item& item, const std::string& sent) {
  if (item.kind == ItemKind::flag) return sent.empty() ? "0" : sent;
  std::string value;
  for (std::size_t i = 0; i < sent.size(); ++i)
    if (sent[i] != '\r' || (i + 1 < sent.size() && sent[i + 1] != '\n')) value += sent[i];
  if (item.kind == ItemKind::number) {
    value.erase(0, value.find_first_not_of(' '));
    value.erase(value.find_last_not_of(' ') + 1);
  }
  return value;
}

std::string settings_form(const GlobalPage& page, std::string_view action, std::string_view hidden_fields) {
  std::string html = box(page.notices, Tone::bad);
  html += "<form method=\"post\" action=\"" + escaped(action) + "\" accept-charset=\"utf-8\" autocomplete=\"off\">\n" +
          hidden_field("token", page.token) + std::string(hidden_fields);
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
  return html + "<button type=\"submit\">Apply</button>\n</form>\n";
}

std::string global_page(const GlobalPage& page) {
  return whole(Tab::global, "Global", settings_form(page, "index.cgi?page=global", {}));
}

std::string status_page(const StatusFacts& facts, const std::string& notice, bool notice_is_good, bool check_started) {
  std::string html;
  if (!notice.empty()) html += box({notice}, notice_is_good ? Tone::good : Tone::bad);
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
  return whole(Tab::status, "Status", html, check_started ? kSoon : facts.running ? kAgain : 0);
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
  for (const auto& license : licenses) html += page::details(license.name, license.text);
  return whole(Tab::licenses, "Licenses", html);
}

std::string refusal_page(const std::string& why, const std::string& what_to_do) {
  return whole(Tab::none, "Refused", box({why, what_to_do}, Tone::bad));
}

}  // namespace certctl::router_page
