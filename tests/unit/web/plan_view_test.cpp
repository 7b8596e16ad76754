#include "framework/daemon/web/plan_view.hpp"
#include "tests/unit/web/html.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using certctl::web::plan_box;
using nlohmann::json;
using web_test::has;

namespace {

constexpr std::int64_t kAsked = 1'796'084'160;  // 2026-12-01 00:16:00

json plan(bool due, const char* at) {
  return {{"action", "renew"}, {"due", due}, {"at", at}, {"sentence", "a renewal was asked for"}};
}

}  // namespace

TEST_CASE("what is due is told by the engine's word, since its plan is younger than the question") {
  const std::string html = plan_box(plan(true, "2026-12-01T00:16:01Z"), kAsked);
  CHECK(has(html, "It will renew: a renewal was asked for"));
  CHECK_FALSE(has(html, "Next:"));
}

TEST_CASE("what is due later says when") {
  const std::string html = plan_box(plan(false, "2026-12-03T00:16:00Z"), kAsked);
  CHECK(has(html, "Nothing is due at the issuer"));
  CHECK(has(html, "Next: renew, 2026-12-03 00:16 UTC"));
}

TEST_CASE("what holds it back, what is delivered and why it can't be looked at are told") {
  json held = plan(true, "2026-12-01T00:16:00Z");
  held["blocked_sentence"] = "the clock is <wrong>";
  held["deliver_reason"] = "drift";
  held["problem"] = "locked";
  const std::string html = plan_box(held, kAsked);
  CHECK(has(html, "But not now: the clock is &lt;wrong&gt;"));
  CHECK(has(html, "It will deliver: drift"));
  CHECK(has(html, "locked"));
}
