#include <certctl/result.hpp>

#include <algorithm>
#include <array>
#include <charconv>

#include "framework/daemon/web/moments.hpp"
#include "framework/daemon/web/pages.hpp"
#include "framework/daemon/web/profile_view.hpp"
#include "framework/sys/atomic_file.hpp"

namespace certctl::web {
namespace {

using nlohmann::json;
using page::escaped;
using page::Tone;
using page::url_part;

constexpr std::size_t kOnOnePage = 50;
// Beyond, the overview shows what the engine saw last instead of looking at all of them anew.
constexpr std::size_t kLookedAtAnew = 200;
constexpr std::size_t kLongestLicense = 256U << 10U;

std::size_t page_number(const Visit& visit) {
  const std::string& text = page::field(visit.query(), "page");
  std::size_t number = 1;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  return read.ec == std::errc() && number >= 1 && number <= 100'000 ? number : 1;
}

std::vector<json> wanted_profiles(const json& status, const std::string& find) {
  std::vector<json> list;
  for (const json& profile : status.value("profiles", json::array())) {
    const std::string text = text_at(profile, "profile") + "\n" + text_at(profile, "subject");
    if (find.empty() || text.find(find) != std::string::npos) list.push_back(profile);
  }
  std::stable_sort(list.begin(), list.end(),
                   [](const json& a, const json& b) { return urgency_of(a) < urgency_of(b); });
  return list;
}

std::string counts(const std::vector<json>& list) {
  std::array<std::size_t, 4> by_urgency{};
  for (const json& profile : list) ++by_urgency[static_cast<std::size_t>(urgency_of(profile))];
  const std::size_t bad = by_urgency[0] + by_urgency[1];
  if (list.empty()) return {};
  if (bad + by_urgency[2] == 0)
    return page::box({list.size() == 1 ? "All is well with the one profile."
                                       : "All is well with " + std::to_string(list.size()) + " profiles."},
                     Tone::good);
  std::string text = std::to_string(list.size()) + (list.size() == 1 ? " profile: " : " profiles: ");
  text += std::to_string(by_urgency[3]) + " well, " + std::to_string(by_urgency[2]) + " waiting, " +
          std::to_string(bad) + " in trouble.";
  return page::box({text}, bad > 0 ? Tone::bad : Tone::warning);
}

std::string page_links(std::size_t number, std::size_t pages, const std::string& find) {
  if (pages <= 1) return {};
  const auto link = [&](std::size_t target, const char* label) {
    return "<a href=\"/status?page=" + std::to_string(target) + (find.empty() ? "" : "&amp;find=" + url_part(find)) +
           "\">" + label + "</a> ";
  };
  std::string html = "<p>" + (number > 1 ? link(number - 1, "Earlier") : std::string());
  html += "Page " + std::to_string(number) + " of " + std::to_string(pages) + " ";
  return html + (number < pages ? link(number + 1, "Further") : std::string()) + "</p>\n";
}

std::string search_form(const std::string& find) {
  return "<form method=\"get\" action=\"/status\" role=\"search\"><div class=\"row\"><label for=\"find\">Name or "
         "subject</label>"
         "<div><input type=\"search\" id=\"find\" name=\"find\" maxlength=\"100\" value=\"" +
         escaped(find) + "\"></div></div><button type=\"submit\" class=\"quiet\">Find</button></form>\n";
}

// Anything that moves by itself is looked at again soon.
bool is_moving(const std::vector<json>& list) {
  return std::any_of(list.begin(), list.end(), [](const json& profile) {
    const std::string transaction = text_at(profile, "transaction");
    return transaction == "pending" || transaction == "enrolling" || transaction == "in_doubt" ||
           transaction == "issued";
  });
}

std::string buttons(const Visit& visit, const std::string& profile, const json& status) {
  const std::string base = "/profiles/" + url_part(profile);
  std::string html = "<p>";
  const auto button = [&](const std::string& verb, const char* label, const char* style) {
    html += "<a class=\"button" + std::string(style) + "\" href=\"" + base + "/" + verb + "\">" + label + "</a>";
  };
  if (visit.may_act()) {
    button("renew", "Renew…", "");
    button("deliver", "Deliver…", " quiet");
    button("verify", "Verify…", " quiet");
    button("rollback", "Roll back…", " quiet");
    if (!status.value("hold", json()).is_null()) button("release", "Release the hold…", "");
  }
  if (visit.may_edit()) button("edit", "Settings", " quiet");
  return html + "</p>\n";
}

std::string history_table(const Visit& visit, const std::string& profile, const json& history) {
  const json generations = history.value("generations", json::array());
  if (generations.empty()) return {};
  std::string html =
      "<h3>Certificates</h3>\n<div class=\"wide\"><table><thead><tr><th scope=\"col\">Generation</th><th "
      "scope=\"col\">Serial number</th><th scope=\"col\">Valid until</th><th scope=\"col\"></th></tr></thead><tbody>\n";
  const std::string base = "/profiles/" + url_part(profile);
  for (auto it = generations.rbegin(); it != generations.rend(); ++it) {
    const std::string number = std::to_string(it->value("generation", 0));
    const bool active = it->value("active", false);
    html += "<tr><th scope=\"row\">" + number + (active ? " <span class=\"word good\">active</span>" : "") +
            (it->value("held", false) ? " <span class=\"word warning\">held</span>" : "") + "</th><td>" +
            escaped(text_at(*it, "serial")) + "</td><td>" +
            escaped(moment_text(text_at(*it, "not_after"), visit.now())) + "</td><td><a href=\"" + base +
            "/certificate?generation=" + number + "\">Download</a>";
    if (!active && visit.may_act() && it->value("whole", false))
      html += " <a href=\"" + base + "/rollback?generation=" + number + "\">Roll back to it…</a>";
    if (const std::string problem = text_at(*it, "problem"); !problem.empty())
      html += "<span class=\"problem\">" + escaped(problem) + "</span>";
    html += "</td></tr>\n";
  }
  return html + "</tbody></table></div>\n";
}

std::string facts_table(const Visit& visit, const json& status) {
  std::vector<std::pair<std::string, std::string>> rows;
  const auto row = [&](const char* label, const std::string& text) {
    if (!text.empty()) rows.emplace_back(label, text);
  };
  row("Subject", text_at(status, "subject"));
  row("Serial number", text_at(status, "serial"));
  row("Fingerprint", text_at(status, "fingerprint"));
  row("Valid from", moment_text(text_at(status, "not_before"), visit.now()));
  row("Valid until", moment_text(text_at(status, "not_after"), visit.now()));
  for (const json& line : status.value("differs", json::array()))
    row("Differs from what was asked", line.is_string() ? line.get<std::string>() : "");
  if (status.value("drift_refused", false))
    row("Change of the profile", "refused by the issuer; the old request goes on");
  for (const json& debt : status.value("hook_debts", json::array()))
    row("Hook that failed", debt.is_string() ? debt.get<std::string>() : "");
  return rows.empty() ? std::string() : page::table(rows);
}

}  // namespace

page::Response show_status(Visit& visit) {
  const std::string find = page::field(visit.query(), "find").substr(0, 100);
  json question = {{"verb", "status"}};
  if (visit.profiles().size() > kLookedAtAnew) question["known"] = true;
  const EngineAnswer status = visit.ask(question);
  if (!status.ok()) return visit.failed(status);
  const EngineAnswer daemon = visit.ask({{"verb", "daemon"}});
  const auto list = wanted_profiles(status.result, find);
  const std::size_t pages = std::max<std::size_t>(1, (list.size() + kOnOnePage - 1) / kOnOnePage);
  const std::size_t number = std::min(page_number(visit), pages);
  std::string html;
  if (daemon.ok()) {
    std::vector<std::string> lines;
    for (const json& error : daemon.result.value("configuration_errors", json::array()))
      if (error.is_string()) lines.push_back(error.get<std::string>());
    if (!lines.empty()) lines.insert(lines.begin(), "The configuration has errors; what was read before goes on:");
    html += page::box(lines, Tone::bad);
  }
  if (text_at(status.result, "clock") == "untrusted")
    html +=
        page::box({"The clock is not to be trusted: nothing is renewed because of age until it is right."}, Tone::bad);
  html += counts(list);
  if (visit.profiles().empty())
    html += page::box({"There is no profile yet.", visit.may_edit() ? "New profile makes one." : ""}, Tone::plain);
  if (visit.profiles().size() > 10 || !find.empty()) html += search_form(find);
  for (std::size_t i = (number - 1) * kOnOnePage; i < std::min(list.size(), number * kOnOnePage); ++i)
    html += profile_card(list[i], visit.now(), true);
  html += page_links(number, pages, find);
  for (const json& orphan : status.result.value("orphans", json::array()))
    html += page::box({"There is a state without a profile: " + (orphan.is_string() ? orphan.get<std::string>() : ""),
                       "certctl adopt gives it to another profile, certctl forget removes it"},
                      Tone::warning);
  const page::Refresh refresh{is_moving(list) ? 5 : 60, "/status?page=" + std::to_string(number) +
                                                            (find.empty() ? "" : "&find=" + url_part(find))};
  return visit.html(Place::status, "Status", html, 200, refresh);
}

page::Response show_profile(Visit& visit, const std::string& profile) {
  visit.set_current(profile);
  const EngineAnswer status = visit.ask({{"verb", "status"}, {"profiles", {profile}}});
  if (status.code() == "profile-unknown" && visit.may_edit()) return show_editor(visit, profile);
  if (!status.ok()) return visit.failed(status);
  const EngineAnswer history = visit.ask({{"verb", "history"}, {"profiles", {profile}}});
  const json list = status.result.value("profiles", json::array());
  if (list.empty()) return visit.refuse(404, "There is no such profile.", "");
  const json& its = list.front();
  std::string html = profile_card(its, visit.now(), false) + buttons(visit, profile, its) + facts_table(visit, its) +
                     targets_table(its, visit.now());
  html += history.ok() ? history_table(visit, profile, history.result)
                       : page::box({text_at(history.error, "message")}, Tone::bad);
  const page::Refresh refresh{is_moving({its}) ? 5 : 0, "/profiles/" + url_part(profile)};
  return visit.html(Place::profile, profile, html, 200, refresh);
}

page::Response download_certificate(Visit& visit, const std::string& profile) {
  json question = {{"verb", "certificate"}, {"profiles", {profile}}};
  const std::string& wanted = page::field(visit.query(), "generation");
  int generation = 0;
  if (!wanted.empty()) {
    const auto read = std::from_chars(wanted.data(), wanted.data() + wanted.size(), generation);
    if (read.ec != std::errc() || read.ptr != wanted.data() + wanted.size() || generation < 0)
      return visit.refuse(400, "There is no such generation.", "");
    question["generation"] = generation;
  }
  const EngineAnswer answer = visit.ask(question);
  if (!answer.ok()) return visit.failed(answer);
  page::Response response;
  response.content_type = "application/pem-certificate-chain";
  response.body = text_at(answer.result, "certificate") + text_at(answer.result, "chain");
  // The name has no character that a header could not have (profiles' names).
  response.headers.emplace_back(
      "Content-Disposition",
      "attachment; filename=\"" + profile + "-" + std::to_string(answer.result.value("generation", 0)) + ".pem\"");
  return response;
}

page::Response show_licenses(Visit& visit) {
  struct Part {
    const char* name;
    const char* license;
    const char* package;
  };
  static constexpr std::array kParts{Part{"OpenSSL", "Apache License 2.0", "libssl3"},
                                     Part{"Boost", "Boost Software License 1.0", "libboost-filesystem1.74.0"},
                                     Part{"yaml-cpp", "MIT License", "libyaml-cpp0.7"},
                                     Part{"libcurl", "curl license", "libcurl4"},
                                     Part{"GNU libmicrohttpd", "LGPL 2.1 or later", "libmicrohttpd12"},
                                     Part{"JSON for Modern C++", "MIT License", "nlohmann-json3-dev"},
                                     Part{"CLI11", "BSD 3-Clause License", "libcli11-dev"},
                                     Part{"spdlog", "MIT License", "libspdlog1.10"},
                                     Part{"{fmt}", "MIT License", "libfmt9"},
                                     Part{"GNU C++ library", "GPL 3 with GCC Runtime Library Exception", "libstdc++6"}};
  std::vector<std::pair<std::string, std::string>> rows;
  std::string texts;
  for (const Part& part : kParts) {
    rows.emplace_back(part.name, part.license);
    try {
      const auto text =
          sys::read_file_if_exists(visit.settings().licenses + "/" + part.package + "/copyright", kLongestLicense);
      if (text) texts += page::details(part.name, *text);
    } catch (const Failure&) {  // the name of the license has to do
    }
  }
  return visit.html(Place::licenses, "Licenses",
                    "<p>certctl uses the following software:</p>\n" + page::table(rows) + texts);
}

}  // namespace certctl::web
