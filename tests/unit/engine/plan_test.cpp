#include <catch2/catch.hpp>

#include "framework/engine/plan.hpp"
#include "tests/unit/engine/moment.hpp"

using namespace certctl;
using namespace certctl::engine;
using test::kNow;

namespace {

// A profile with an active certificate in the middle of its life, delivered to one target.
struct PlanFixture {
  Journal journal;
  PlanInput input;
  PlanFixture() {
    input.now = kNow;
    input.floor = kNow - 1000 * kDay;
    input.journal = &journal;
    input.store_location = "scepclient:/store";
    input.request_hash = "request";
    input.subject_hash = "subject";
    input.issuer_hash = "issuer";
    input.configuration_hash = "configuration";
    input.active = ActiveFacts{3, true, "", "sha256:3", kNow - 50 * kDay, kNow + 50 * kDay};
    input.targets = {{"tunnel1", Present::this_one, "", ""}};
    journal.store_location = input.store_location;
    journal.active = 3;
    GenerationRecord generation;
    generation.request_hash = "request";
    generation.subject_hash = "subject";
    generation.issuer_hash = "issuer";
    generation.key_since = kNow - 50 * kDay;
    journal.generations[3] = generation;
    TargetRecord target;
    target.state = TargetState::ok;
    target.generation = 3;
    journal.targets["tunnel1"] = target;
  }
  Decision decide() {
    input.request_ends = journal.request.since + 30 * kDay;
    return plan(input);
  }
};

}  // namespace

TEST_CASE("nothing is due in the middle of a certificate's life") {
  PlanFixture f;
  const Decision d = f.decide();
  CHECK_FALSE(d.due(kNow));
  CHECK_FALSE(d.delivery_due(kNow));
  CHECK(d.action == Action::renew);  // what comes next
  CHECK(d.at == kNow + 20 * kDay);   // 30 % of 100 days before the end
}

TEST_CASE("the reasons for work") {
  PlanFixture f;
  SECTION("missing") {
    f.input.active.reset();
    f.journal = Journal{};
    CHECK(f.decide().action == Action::enroll);
    CHECK(f.decide().reason == "missing");
  }
  SECTION("expiring") {
    f.input.now = kNow + 21 * kDay;
    CHECK(f.decide().due(f.input.now));
    CHECK(f.decide().reason == "expiring");
    CHECK(f.decide().action == Action::renew);
  }
  SECTION("revoked: a new key, before anything else is considered, also during a hold") {
    f.journal.generations[3].revoked_at = kNow - kDay;
    f.journal.hold = Hold{3, kNow - 2 * kDay};
    f.input.request_hash = "drift";
    CHECK(f.decide().due(kNow));
    CHECK(f.decide().action == Action::rekey);
    CHECK(f.decide().new_key);
    CHECK(f.decide().reason == "revoked");
  }
  SECTION("expired") {
    f.input.now = kNow + 51 * kDay;
    CHECK(f.decide().due(f.input.now));
    CHECK(f.decide().reason == "expiring");
  }
  SECTION("mismatch") {
    f.input.active->whole = false;
    f.input.active->problem = "key and certificate do not belong together";
    CHECK(f.decide().action == Action::enroll);
    CHECK(f.decide().reason == "mismatch");
  }
  SECTION("drift of names renews, drift of the subject enrolls") {
    f.input.request_hash = "other";
    CHECK(f.decide().reason == "drift");
    CHECK(f.decide().action == Action::renew);
    f.input.subject_hash = "other";
    CHECK(f.decide().action == Action::enroll);
  }
  SECTION("issuer-changed") {
    f.input.issuer_hash = "other";
    f.input.request_hash = "other";
    CHECK(f.decide().reason == "issuer-changed");
    CHECK(f.decide().action == Action::enroll);
  }
  SECTION("forced, and with a new key") {
    f.input.wishes.force = true;
    CHECK(f.decide().reason == "forced");
    CHECK(f.decide().due(kNow));
    f.input.wishes.rekey = true;
    CHECK(f.decide().action == Action::rekey);
    CHECK(f.decide().new_key);
  }
  SECTION("forced with another issuer or subject is an enrollment") {
    f.input.wishes.force = true;
    f.input.issuer_hash = "other";
    CHECK(f.decide().action == Action::enroll);
    f.input.issuer_hash = "issuer";
    f.input.subject_hash = "other";
    CHECK(f.decide().action == Action::enroll);
  }
  SECTION("a key that is too old") {
    f.input.rotate = config::Rotate::by_age;
    f.input.rotate_age = std::chrono::hours(24 * 40);
    CHECK(f.decide().action == Action::rekey);
    f.input.rotate_age = std::chrono::hours(24 * 60);
    CHECK_FALSE(f.decide().due(kNow));
  }
  SECTION("target-changed") {
    f.input.targets[0].present = Present::other;
    CHECK(f.decide().delivery_due(kNow));
    CHECK(f.decide().deliver_reason == "target-changed");
  }
  SECTION("unreadable and unknown targets are no work") {
    f.input.targets[0].present = Present::unreadable;
    CHECK_FALSE(f.decide().deliver);
    f.input.targets[0].present = Present::unknown;
    CHECK_FALSE(f.decide().deliver);
  }
  SECTION("debt, at its own time") {
    f.journal.targets["tunnel1"].state = TargetState::debt;
    f.journal.targets["tunnel1"].next_try = kNow + 100;
    CHECK(f.decide().deliver_reason == "debt");
    CHECK_FALSE(f.decide().delivery_due(kNow));
    CHECK(f.decide().delivery_due(kNow + 100));
    f.journal.targets["tunnel1"].next_try = kNow + 400 * kDay;  // a clock that ran ahead
    CHECK(f.decide().delivery_due(kNow));
  }
  SECTION("a new target of the profile") {
    f.input.targets.push_back({"new", Present::none, "", ""});
    CHECK(f.decide().deliver_targets == std::vector<std::string>{"new"});
  }
}

TEST_CASE("a generation without a record has no drift") {
  PlanFixture f;
  f.journal.generations.clear();
  f.input.request_hash = f.input.issuer_hash = "other";
  CHECK_FALSE(f.decide().due(kNow));
}

TEST_CASE("a refused change is asked again daily, and the certificate is renewed as it was granted meanwhile") {
  PlanFixture f;
  f.input.request_hash = "other";
  f.journal.refused_drift = "other";
  f.journal.refused_drift_at = kNow - 3600;
  CHECK_FALSE(f.decide().due(kNow));
  f.input.now = kNow + 21 * kDay;
  f.journal.refused_drift_at = f.input.now - 3600;
  CHECK(f.decide().due(f.input.now));
  CHECK(f.decide().reason == "expiring");
  CHECK(f.decide().use_recorded_request);
  f.journal.refused_drift_at = f.input.now - 2 * kDay;
  CHECK(f.decide().reason == "drift");
  CHECK_FALSE(f.decide().use_recorded_request);
}

TEST_CASE("an open request is settled before anything else, also by force", "[SCEP-177]") {
  PlanFixture f;
  f.input.wishes.force = true;
  f.input.wishes.rekey = true;
  f.journal.request.phase = RequestPhase::sent;
  CHECK(f.decide().action == Action::resume);
  CHECK(f.decide().due(kNow));
  f.input.wishes.new_request = true;
  CHECK(f.decide().action != Action::resume);
}

TEST_CASE("an interruption is resumed at once, and then by the back-off") {
  PlanFixture f;
  f.journal.request.phase = RequestPhase::sent;
  f.journal.attempts.next_try = kNow + 600;
  CHECK(f.decide().due(kNow));
  f.journal.request.resumed = true;
  CHECK_FALSE(f.decide().due(kNow));
  CHECK(f.decide().due(kNow + 600));
}

TEST_CASE("a pending request is polled when due, and at once when its time is over", "[SCEP-174]") {
  PlanFixture f;
  f.journal.request.phase = RequestPhase::pending;
  f.journal.request.since = kNow - 100;
  f.journal.request.next_poll = kNow + 60;
  CHECK_FALSE(f.decide().due(kNow));
  CHECK(f.decide().due(kNow + 60));
  f.journal.request.since = kNow - 31 * kDay;
  CHECK(f.decide().due(kNow));
}

TEST_CASE("an answer during a hold waits for the release; one that is not valid yet waits for its time") {
  PlanFixture f;
  f.journal.request.phase = RequestPhase::stored;
  f.journal.request.generation = 4;
  SECTION("hold") {
    f.journal.hold = Hold{3, kNow - kDay};
    CHECK(f.decide().blocked == "held");
    CHECK_FALSE(f.decide().due(kNow));
  }
  SECTION("not yet valid") {
    f.journal.request.activate_at = kNow + 500;
    CHECK_FALSE(f.decide().due(kNow));
    CHECK(f.decide().at == kNow + 500);
    f.input.now = kNow + 500;
    CHECK(f.decide().due(kNow + 500));
  }
}

TEST_CASE("a hold stops drift and early renewal, and ends with a tenth of the life left") {
  PlanFixture f;
  f.journal.hold = Hold{3, kNow - kDay};
  f.input.request_hash = "other";
  CHECK(f.decide().blocked == "held");
  f.input.now = kNow + 30 * kDay;  // past the renewal threshold
  CHECK_FALSE(f.decide().due(f.input.now));
  f.input.now = kNow + 41 * kDay;
  CHECK(f.decide().due(f.input.now));
  f.input.now = kNow;
  f.input.wishes.force = true;
  CHECK(f.decide().due(kNow));
}

TEST_CASE("a wrong clock requests nothing, but polls and delivers") {
  PlanFixture f;
  f.input.clock_trusted = false;
  f.input.now = 3600;  // 1970
  SECTION("no certificate") {
    f.input.active.reset();
    f.journal = Journal{};
    CHECK(f.decide().blocked == "clock-untrusted");
    f.input.clock_ignored = true;
    CHECK(f.decide().due(f.input.now));
  }
  SECTION("no expiry alarm and no storm") {
    CHECK_FALSE(f.decide().due(f.input.now));
    CHECK(f.decide().blocked.empty());
  }
  SECTION("expiry is judged against the floor") {
    f.input.floor = kNow + 60 * kDay;
    CHECK(f.decide().blocked == "clock-untrusted");
    CHECK(f.decide().reason == "expiring");
  }
  SECTION("debts are paid") {
    f.journal.targets["tunnel1"].state = TargetState::debt;
    CHECK(f.decide().delivery_due(f.input.now));
  }
  SECTION("pending is polled") {
    f.journal.request.phase = RequestPhase::pending;
    f.journal.request.since = kNow;
    f.journal.request.next_poll = kNow + 60;
    CHECK(f.decide().due(f.input.now));
  }
}

TEST_CASE("a failed attempt backs off, and the plan says until when") {
  PlanFixture f;
  f.input.now = kNow + 21 * kDay;
  f.journal.attempts.next_try = f.input.now + 600;
  f.journal.attempts.configuration_hash = "configuration";
  const Decision d = f.decide();
  CHECK(d.blocked == "backing-off");
  CHECK(d.at == f.input.now + 600);
  f.input.wishes.force = true;
  CHECK(f.decide().due(f.input.now));
}

TEST_CASE("a store that moved is never an enrollment by itself") {
  PlanFixture f;
  f.input.active.reset();
  f.input.store_location = "scepclient:/elsewhere";
  f.input.wishes.force = true;
  CHECK(f.decide().action == Action::none);
  CHECK(f.decide().blocked == "store-moved");
}

TEST_CASE("renewal time: monotone in the lifetime, never before the middle of it") {
  config::RenewThreshold threshold;
  for (const EpochSeconds lifetime :
       {EpochSeconds{600}, EpochSeconds{3600}, 7 * kDay, 90 * kDay, 365 * kDay, 3650 * kDay}) {
    for (int percent = 0; percent <= 100; percent += 5) {
      threshold.percent_left = percent;
      const EpochSeconds at = renewal_time(threshold, kNow, kNow + lifetime);
      CHECK(at >= kNow + lifetime / 2);
      CHECK(at <= kNow + lifetime);
    }
  }
  bool shortened = false;
  threshold.left = std::chrono::hours(24 * 30);
  CHECK(renewal_time(threshold, kNow, kNow + 365 * kDay, &shortened) == kNow + 335 * kDay);
  CHECK_FALSE(shortened);
  CHECK(renewal_time(threshold, kNow, kNow + 45 * kDay, &shortened) == kNow + 30 * kDay);
  CHECK(shortened);
}

TEST_CASE("a certificate that was not extended is not renewed again before half of what is left") {
  PlanFixture f;
  f.input.now = kNow + 25 * kDay;
  f.journal.generations[3].not_extended = true;
  f.journal.generations[3].activated = kNow + 21 * kDay;
  CHECK_FALSE(f.decide().due(f.input.now));
  CHECK(f.decide().at == kNow + 21 * kDay + 29 * kDay / 2);
}

TEST_CASE("a profile with several issuers renews where its certificate comes from, and enrolls elsewhere") {
  PlanFixture f;
  f.input.active->not_after = kNow + 10 * kDay;
  f.input.further_issuer_hashes = {"second"};
  f.input.issuer_note = "asking scep (issuer 1 of 2)";
  CHECK(f.decide().action == Action::renew);
  CHECK(f.decide().sentence.ends_with("; asking scep (issuer 1 of 2)"));
  SECTION("the other one is asked") {
    f.input.issuer_hash = "second";
    f.input.further_issuer_hashes = {"issuer"};
    CHECK(f.decide().action == Action::enroll);
    CHECK(f.decide().reason == "expiring");  // no change of the profile
    SECTION("by force, too") {
      f.input.active->not_after = kNow + 50 * kDay;
      f.input.wishes.force = true;
      CHECK(f.decide().action == Action::enroll);
      f.input.wishes.rekey = true;
      CHECK(f.decide().action == Action::enroll);
    }
    SECTION("but not before it is due: an issuer that is back is no reason to renew") {
      f.input.active->not_after = kNow + 50 * kDay;
      CHECK_FALSE(f.decide().due(kNow));
    }
  }
  SECTION("neither issued the certificate") {
    f.input.issuer_hash = "third";
    CHECK(f.decide().reason == "issuer-changed");
    CHECK(f.decide().action == Action::enroll);
  }
  SECTION("a request in doubt is settled when its time is over, whatever the back-off says") {
    f.journal.request.phase = RequestPhase::sent;
    f.journal.request.resumed = true;
    f.journal.request.since = kNow - 31 * kDay;
    f.journal.attempts.next_try = kNow + 3600;
    f.journal.attempts.failures = 3;
    CHECK(f.decide().due(kNow));
    f.input.further_issuer_hashes.clear();
    CHECK_FALSE(f.decide().due(kNow));
  }
}

TEST_CASE("the issuer's suggestion makes a renewal earlier, never later, and not more often than daily") {
  PlanFixture f;
  GenerationRecord& record = f.journal.generations[3];
  record.activated = kNow - 50 * kDay;
  record.window_from = kNow - kDay;
  record.window_until = kNow + kDay;
  record.renew_at = kNow + 1000;
  CHECK_FALSE(f.decide().due(kNow));
  CHECK(f.decide().at == kNow + 1000);
  record.renew_at = kNow - 1000;
  CHECK(f.decide().due(kNow));
  CHECK(f.decide().reason == "expiring");
  CHECK(f.decide().sentence.find("the issuer suggests") != std::string::npos);
  record.renew_at = kNow + 40 * kDay;
  CHECK(f.decide().at == kNow + 20 * kDay);
  // One that says so of every new certificate.
  record.renew_at = kNow - 10 * kDay;
  record.activated = kNow - 60;
  CHECK(f.decide().at == kNow - 60 + kDay);
  // A hold comes before it.
  f.journal.hold = Hold{3, kNow - 2 * kDay};
  CHECK_FALSE(f.decide().due(kNow + 2 * kDay));
}
