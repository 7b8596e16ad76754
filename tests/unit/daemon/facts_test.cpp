#include "framework/daemon/facts.hpp"

#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

namespace {

using namespace certctl;
using Catch::Matchers::Contains;
using engine::EpochSeconds;

// 2026-12-01T00:00:00Z
constexpr EpochSeconds kMidnight = 1'796'083'200;
constexpr const char* kActive =
    R"({"profile":"web","state":"active","transaction":"pending","not_before":"2026-11-01T00:00:00Z",)"
    R"("not_after":"2026-12-02T00:00:00Z","issued":false,"stored":true,"delivered":true,"served":null,)"
    R"("pending":{"since":"2026-11-30T23:00:00Z"},"due":{"at":"2026-12-01T00:01:00Z"},)"
    R"("targets":[{"target":"a","state":"debt"},{"target":"b","state":"ok"}]})";

}  // namespace

TEST_CASE("facts: the state of all profiles as status has it") {
  daemon::Facts facts;
  facts.set_status("web", kActive);
  facts.set_status("gone", "{}");
  facts.keep_only({"web"});
  const auto object = nlohmann::json::parse(facts.status_json(kMidnight));
  CHECK(object["schema"] == 1);
  CHECK(object["updated"] == "2026-12-01T00:00:00Z");
  REQUIRE(object["profiles"].size() == 1);
  CHECK(object["profiles"][0]["profile"] == "web");
}

TEST_CASE("facts: metrics") {
  daemon::Facts facts;
  facts.set_status("web", kActive);
  facts.count_run("web", "ok", kMidnight - 10);
  facts.count_run("web", "not delivered", kMidnight);
  facts.count_run("web", "not delivered", kMidnight);
  const std::string text = facts.metrics(kMidnight, 2);
  CHECK_THAT(text, Contains("\ncertctl_certificate_not_after_seconds{profile=\"web\"} 1796169600\n"));
  CHECK_THAT(text, Contains("\ncertctl_time_to_outage_seconds{profile=\"web\"} 86400\n"));
  CHECK_THAT(text, Contains("\ncertctl_issued{profile=\"web\"} 0\n"));
  CHECK_THAT(text, Contains("\ncertctl_delivered{profile=\"web\"} 1\n"));
  CHECK_THAT(text, !Contains("certctl_served{"));
  CHECK_THAT(text, Contains("\ncertctl_state{profile=\"web\",state=\"active\"} 1\n"));
  CHECK_THAT(text, Contains("\ncertctl_pending_since_seconds{profile=\"web\"} 1796079600\n"));
  CHECK_THAT(text, Contains("\ncertctl_due_seconds{profile=\"web\"} 1796083260\n"));
  CHECK_THAT(text, Contains("\ncertctl_debts{profile=\"web\"} 1\n"));
  CHECK_THAT(text, Contains("\ncertctl_runs_total{profile=\"web\",result=\"not delivered\"} 2\n"));
  CHECK_THAT(text, Contains("\ncertctl_last_success_seconds{profile=\"web\"} 1796083190\n"));
  CHECK_THAT(text, Contains("\ncertctl_configuration_errors 2\n"));
  CHECK_THAT(text, Contains("\ncertctl_updated_seconds 1796083200\n"));
}

TEST_CASE("facts: without a certificate, or when another is served, no time is left") {
  daemon::Facts facts;
  facts.set_status("none", R"({"profile":"none","state":"none","not_after":null})");
  facts.set_status("other", R"({"state":"active","not_after":"2026-12-02T00:00:00Z","served":false})");
  facts.set_status("over", R"({"state":"expired","not_after":"2026-11-02T00:00:00Z"})");
  const std::string text = facts.metrics(kMidnight, 0);
  for (const char* profile : {"none", "other", "over"})
    CHECK_THAT(text, Contains("certctl_time_to_outage_seconds{profile=\"" + std::string(profile) + "\"} 0\n"));
}
