// What the page says of a profile, and when.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include "framework/daemon/web/moments.hpp"
#include "framework/daemon/web/profile_view.hpp"
#include "tests/unit/web/html.hpp"

using namespace certctl::web;
using nlohmann::json;
using web_test::has;

namespace {

constexpr std::int64_t kNow = 1800000000;  // 2027-01-15T08:00:00Z

json profile() {
  return {{"profile", "web"},
          {"state", "active"},
          {"transaction", "none"},
          {"subject", "CN=web"},
          {"not_before", "2027-01-05T08:00:00Z"},
          {"not_after", "2027-02-04T08:00:00Z"},
          {"issued", true},
          {"stored", true},
          {"delivered", true},
          {"served", nullptr},
          {"targets", json::array({{{"target", "nginx"}, {"state", "ok"}, {"served", true}, {"detail", ""}}})},
          {"due", {{"action", "renew"}, {"reason", "expiring"}, {"at", "2027-01-26T08:00:00Z"}}},
          {"pending", nullptr},
          {"hold", nullptr},
          {"last_error", nullptr}};
}

}  // namespace

TEST_CASE("times for people") {
  CHECK(read_moment("2027-01-15T08:00:00Z") == kNow);
  for (const char* text : {"", "2027-01-15", "2027-01-15T08:00:00", "2027-01-15 08:00:00Z", "2027-x1-15T08:00:00Z",
                           "2027-01-15T08:00:-1Z", "2027-01-15T08:00:00Zx"})
    CHECK_FALSE(read_moment(text));
  CHECK(span_text(0) == "0 seconds");
  CHECK(span_text(1) == "1 second");
  CHECK(span_text(119) == "119 seconds");
  CHECK(span_text(120) == "2 minutes");
  CHECK(span_text(7199) == "119 minutes");
  CHECK(span_text(7200) == "2 hours");
  CHECK(span_text(2 * 86400) == "2 days");
  CHECK(span_text(800 * 86400) == "2 years");
  CHECK(moment_text("2027-01-17T08:00:00Z", kNow) == "2027-01-17 08:00 UTC (in 2 days)");
  CHECK(moment_text("2027-01-13T08:00:00Z", kNow) == "2027-01-13 08:00 UTC (2 days ago)");
  CHECK(moment_text("soon", kNow) == "soon");
}

TEST_CASE("who needs attention first") {
  json one = profile();
  CHECK(urgency_of(one) == Urgency::well);
  one["transaction"] = "pending";
  CHECK(urgency_of(one) == Urgency::waiting);
  one["targets"][0]["state"] = "debt";
  CHECK(urgency_of(one) == Urgency::failing);
  one = profile();
  one["served"] = false;
  CHECK(urgency_of(one) == Urgency::broken);
  one = profile();
  one["hold"] = {{"generation", 1}};
  CHECK(urgency_of(one) == Urgency::waiting);
  for (const char* state : {"broken", "expired"}) {
    one = profile();
    one["state"] = state;
    CHECK(urgency_of(one) == Urgency::broken);
  }
  // Of an engine that says less, or something else.
  CHECK(urgency_of(json::object()) == Urgency::waiting);
  CHECK(urgency_of(json::array()) == Urgency::waiting);
}

TEST_CASE("the line of time has its marks where they belong") {
  const std::string html = time_line(profile(), kNow);
  CHECK(has(html, "class=\"gone\" x=\"0\" y=\"4\" width=\"333\""));
  CHECK(has(html, "class=\"mark\" x1=\"700\""));
  CHECK(has(html, "class=\"now\" x1=\"333\""));
  json over = profile();
  over["not_after"] = "2027-01-10T08:00:00Z";
  CHECK(has(time_line(over, kNow), "class=\"late\" x=\"0\" y=\"4\" width=\"1000\""));
  over["not_after"] = "2027-01-01T08:00:00Z";  // before it begins
  CHECK(time_line(over, kNow).empty());
  CHECK(time_line(json::object(), kNow).empty());
}

TEST_CASE("a profile says what is the matter, and what to do") {
  json one = profile();
  one["transaction"] = "pending";
  one["pending"] = {
      {"transaction_id", "AB12"}, {"since", "2027-01-13T08:00:00Z"}, {"next_poll", "2027-01-15T08:05:00Z"}};
  one["targets"][0] = {{"target", "<nginx>"},
                       {"state", "debt"},
                       {"next_try", "2027-01-15T09:00:00Z"},
                       {"error", {{"message", "reload failed"}, {"hint", "see its log"}}}};
  one["last_error"] = {{"message", "the CA said <no>"}, {"hint", "ask it"}, {"at", "2027-01-15T07:00:00Z"}};
  const std::string html = profile_card(one, kNow, true);
  CHECK(has(html,
            "waits for approval at the issuer for 2 days; its transaction is AB12; asked again 2027-01-15 08:05 UTC "
            "(in 5 minutes)"));
  CHECK(has(html, "Target &lt;nginx&gt; owes the certificate; tried again 2027-01-15 09:00 UTC (in 60 minutes)"));
  CHECK(has(html, "reload failed"));
  CHECK(has(html, "the CA said &lt;no&gt;"));
  CHECK(has(html, "<strong>What to do:</strong> ask it"));
  CHECK(has(html, "class=\"profile bad\""));
  CHECK_FALSE(has(html, "<no>"));
  one["transaction"] = "in_doubt";
  CHECK(has(profile_card(one, kNow, true), "not known what became of it"));
  CHECK_FALSE(has(profile_card(one, kNow, true), "waits for approval"));
  // Nothing of another type than it should have breaks the page.
  for (const char* key : {"targets", "due", "pending", "last_error", "subject", "served", "state"}) {
    for (const json& value : {json(nullptr), json(3), json("x"), json::array({1}), json::object(), json(true)}) {
      json odd = profile();
      odd[key] = value;
      CHECK_FALSE(profile_card(odd, kNow, false).empty());
      (void)targets_table(odd, kNow);
    }
  }
}

TEST_CASE("a profile without targets has two facts, and says so") {
  json one = profile();
  one["targets"] = json::array();
  CHECK(has(four_facts(one), "no targets"));
  CHECK_FALSE(has(four_facts(one), "served"));
  CHECK(has(four_facts(profile()), "served: unknown"));
}
