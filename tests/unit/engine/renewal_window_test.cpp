#include "framework/engine/renewal_window.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/engine/moment.hpp"

using namespace certctl;
using namespace certctl::engine;
using test::kNow;

TEST_CASE("a question that no run would ask is no reason to run") {
  GenerationRecord record;
  const auto at = [&](bool ours, bool open, EpochSeconds not_after) {
    return window_question_of(record, ours, open, not_after, kNow);
  };
  CHECK(at(true, false, kNow + kDay) == 0);
  record.window_question = kNow - kDay;
  CHECK(at(true, false, kNow + kDay) == kNow - kDay);
  CHECK(at(false, false, kNow + kDay) == 0);
  CHECK(at(true, true, kNow + kDay) == 0);
  CHECK(at(true, false, kNow) == 0);
  record.window_question = kNow + 400 * kDay;  // a clock ran ahead
  CHECK(at(true, false, kNow + kDay) == kNow);
}
