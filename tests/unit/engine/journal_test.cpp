#include <catch2/catch.hpp>

#include "framework/engine/journal.hpp"

using namespace certctl;
using namespace certctl::engine;

namespace {

Journal full_journal() {
  Journal j;
  j.profile = "ipsec";
  j.store_location = "scepclient:/var/data/scepClient";
  j.active = 7;
  j.floor = 1'700'000'000;
  j.request.phase = RequestPhase::pending;
  j.request.action = "renew";
  j.request.reason = "expiring";
  j.request.since = 1'800'000'000;
  j.request.next_poll = 1'800'000'060;
  j.request.transaction_id = "4F00";
  j.request.differs = {"subject"};
  j.request.activate_at = 5;
  j.request.resumed = j.request.self_signed = j.request.not_extended = j.request.suggests_window = true;
  j.request.generation = 8;
  j.request.previous = 7;
  j.delivery.phase = DeliveryPhase::undoing;
  j.delivery.generation = 7;
  j.delivery.previous = 6;
  j.delivery.reason = "b: not served";
  j.delivery.may_undo = false;
  j.delivery.always_reload = true;
  DeliveryTarget target;
  target.name = "tunnel1";
  target.phase = TargetPhase::undo_failed;
  target.stage = 1;
  target.changed = false;
  target.undo_hash = "ab";
  target.error = Error{"disk-full", "no space", "free some", RetryClass::after, std::chrono::seconds(7)};
  j.delivery.targets.push_back(target);
  TargetRecord record;
  record.state = TargetState::debt;
  record.generation = 6;
  record.failed_itself = true;
  record.error = target.error;
  record.next_try = 3;
  record.tries = 2;
  record.served = "sha256:00";
  record.served_at = 9;
  j.targets["tunnel1"] = record;
  GenerationRecord generation;
  generation.request_hash = "r";
  generation.not_after = 11;
  generation.self_signed = true;
  generation.window_from = 20;
  generation.window_until = 21;
  generation.renew_at = 22;
  generation.window_question = 23;
  generation.request_json = "{}";
  j.generations[7] = generation;
  j.hold = Hold{7, 12};
  j.last_error = ErrorRecord{*target.error, 13};
  j.attempts.counted = {1, 2};
  j.attempts.failures = 2;
  j.attempts.retry = RetryClass::never;
  j.attempts.configuration_hash = "c";
  j.refused_drift = "d";
  j.refused_drift_at = 14;
  j.failed_event_at = 15;
  j.hook_debts.push_back(HookDebt{"script-1", "delivered", "m", "c", "h", 1, 16, *target.error});
  j.memory["issuer"] = "step=3";
  j.issuers["first"] = IssuerRecord{2, 17, "e", ErrorRecord{*target.error, 18}};
  j.issuers["second"] = IssuerRecord{};
  return j;
}

}  // namespace

TEST_CASE("a journal survives being written and read, field by field") {
  const Journal before = full_journal();
  const Journal after = journal_from_text(journal_to_text(before));
  // The text form covers every field (the writer is checked against the reader by text, the values by spot checks).
  CHECK(journal_to_text(after) == journal_to_text(before));
  CHECK(after.request.phase == RequestPhase::pending);
  CHECK(after.request.activate_at == 5);
  CHECK(after.delivery.targets.at(0).phase == TargetPhase::undo_failed);
  CHECK(after.delivery.targets.at(0).error->delay.count() == 7);
  CHECK(after.targets.at("tunnel1").served == "sha256:00");
  CHECK(after.generations.at(7).request_json == "{}");
  CHECK(after.generations.at(7).renew_at == 22);
  CHECK(after.request.suggests_window);
  CHECK(after.hold->since == 12);
  CHECK(after.attempts.retry == RetryClass::never);
  CHECK(after.refused_drift_at == 14);
  CHECK(after.hook_debts.at(0).error.code == "disk-full");
  CHECK(after.memory.at("issuer") == "step=3");
  CHECK(after.issuers.at("first").aside_until == 17);
  CHECK(after.issuers.at("first").why->at == 18);
  CHECK_FALSE(after.issuers.at("second").why);
}

TEST_CASE("each phase has its word") {
  for (int phase = 0; phase <= static_cast<int>(RequestPhase::active); ++phase) {
    Journal j;
    j.request.phase = static_cast<RequestPhase>(phase);
    CHECK(journal_from_text(journal_to_text(j)).request.phase == j.request.phase);
  }
}

TEST_CASE("a newer format is refused by name, damage is damage") {
  const auto code = [](const std::string& text) {
    try {
      (void)journal_from_text(text);
    } catch (const Failure& failure) {
      return failure.error().code;
    }
    return std::string("accepted");
  };
  CHECK(code(R"({"format": 2})") == "journal-newer");
  CHECK(code("") == "journal-damaged");
  CHECK(code("{}") == "journal-damaged");
  CHECK(code("[]") == "journal-damaged");
  CHECK(code(R"({"format": 1, "request": {"phase": "dancing"}})") == "journal-damaged");
  CHECK(code(R"({"format": 1, "request": []})") == "journal-damaged");
  CHECK(code(R"({"format": 1, "generations": {"x": {}}})") == "journal-damaged");
  CHECK(code(R"({"format": 1, "active": "seven"})") == "journal-damaged");
  CHECK(code(R"({"format": 1})") == "accepted");
}

TEST_CASE("every truncation of a journal is damage, never a crash or a fresh start") {
  const std::string text = journal_to_text(full_journal());
  for (std::size_t length = 0; length + 2 < text.size(); ++length) {
    CHECK_THROWS_AS(journal_from_text(text.substr(0, length)), Failure);
  }
}

TEST_CASE("text from outside that is not UTF-8 does not lose the journal") {
  Journal j;
  j.request.display = "\xff\xfe broken";
  CHECK_NOTHROW(journal_from_text(journal_to_text(j)));
}
