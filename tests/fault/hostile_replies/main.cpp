// What a hostile server can do to the enroller scep, family by family: genuine answers changed bit by bit, cut off at
// every octet, slow and endless ones, forged, replayed and odd ones, over HTTP on loopback, to the plugin as the engine
// has it. Exit 1 when something that is not genuine was accepted, or the plugin crashed.
//
//   hostile_replies [--short] [--plant nonce|certificate|status|stay] [FAMILY…]
//
// --short tries a part of the places. --plant makes the plugin, or what reads its answers, wrong: the campaign must
// find that.
#include "tests/fault/hostile_replies/ca_family.hpp"
#include "tests/fault/hostile_replies/message_family.hpp"
#include "tests/fault/hostile_replies/transport_family.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <exception>

namespace {

using namespace certctl;
using namespace certctl::hostile;

struct Family {
  std::string name;
  std::function<void(Court&)> run;
  SceneSettings settings;
};

// Primes, so that the places wander through octets, bits and values.
std::size_t step_of(bool brief, const Kind& kind, std::size_t step) {
  const bool small = kind.hostile == Asked::capabilities;
  return !brief ? 1 : small ? 3 : step;
}

std::vector<Family> all_families(bool brief) {
  std::vector<Family> families;
  for (const Kind& kind : kinds())
    families.push_back(
        {"flip-" + kind.name, [=](Court& court) { flip_bits(court, kind, step_of(brief, kind, 101)); }, {}});
  for (const Kind& kind : kinds()) {
    // Words have no octets that say what the others mean; what is only shown says nothing.
    if (kind.hostile == Asked::capabilities || kind.question == Question::look_up_set) continue;
    families.push_back(
        {"values-" + kind.name, [=](Court& court) { try_values(court, kind, step_of(brief, kind, 503)); }, {}});
  }
  for (const Kind& kind : kinds())
    families.push_back(
        {"cut-" + kind.name, [=](Court& court) { cut_bodies(court, kind, step_of(brief, kind, 29)); }, {}});
  for (const Kind& kind : kinds()) {
    const bool twice = kind.hostile == Asked::capabilities || kind.question == Question::look_up_set;
    if (twice) continue;
    families.push_back(
        {"break-" + kind.name, [=](Court& court) { cut_replies(court, kind, step_of(brief, kind, 67)); }, {}});
  }
  families.push_back({"capabilities", wrong_capabilities, {}});
  families.push_back({"ca-sets", wrong_ca_sets, {}});
  families.push_back({"next-ca-sets", wrong_next_sets, {}});
  SceneSettings generous;  // the plugin's own limit
  generous.max_reply = 4U << 20U;
  families.push_back({"forged", forged_messages, generous});
  families.push_back({"attributes", wrong_attributes, {}});
  families.push_back({"replayed", replayed_messages, {}});
  families.push_back({"envelopes", wrong_envelopes, {}});
  families.push_back({"certificates", wrong_certificates, {}});
  SceneSettings impatient;
  impatient.timeout = std::chrono::seconds(1);
  families.push_back({"drip", [=](Court& court) { drip(court, brief ? 3 : 1); }, impatient});
  families.push_back({"flood", flood, {}});
  families.push_back({"odd-http", odd_replies, {}});
  return families;
}

// --- what is wrong on purpose ---

// Believes certificates that nobody vouches for.
void plant_certificate(Scene&, hostile::Result& result) {
  if (!result.error) return;
  crypto::CaSpec self;
  self.subject = {{"CN", "Rogue", false}};
  self.not_before = scep_test::test_time() - std::chrono::hours(24);
  self.not_after = scep_test::test_time() + std::chrono::hours(24 * 365);
  const crypto::Issuer rogue{crypto::make_root_ca(scep_test::rsa_key(20), self), scep_test::rsa_key(20)};
  crypto::IssueSpec spec;
  spec.not_before = scep_test::test_time() - std::chrono::hours(1);
  spec.not_after = scep_test::test_time() + std::chrono::hours(24);
  CertificateRequest wanted;
  wanted.subject = {{"CN", "router-1", false}};
  const auto csr = crypto::Csr::from_der(crypto::build_csr(wanted, scep_test::rsa_key(10), Secret()));
  EnrollOutcome outcome;
  outcome.state = EnrollState::issued;
  outcome.certificate_pem = crypto::issue_certificate(rogue, csr, spec).to_pem();
  outcome.anchors_pem = {rogue.certificate.to_pem()};
  result.error.reset();
  result.outcome = outcome;
}

// Takes a message that cannot be read for PENDING.
void plant_status(Scene&, hostile::Result& result) {
  if (!result.error) return;
  result.error.reset();
  result.outcome = EnrollOutcome{};
  result.outcome->state = EnrollState::pending;
}

void plant_stay(Scene&, hostile::Result& result) {
  result.hung = true;
}

struct Arguments {
  bool brief = false;
  std::string plant;
  std::vector<std::string> families;
};

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--short") == 0) {
      arguments.brief = true;
    } else if (std::strcmp(argv[i], "--plant") == 0 && i + 1 < argc) {
      arguments.plant = argv[++i];
    } else {
      arguments.families.emplace_back(argv[i]);
    }
  }
  return arguments;
}

// Beginnings of names select, so that "flip" is all that flips.
bool selected(const Arguments& arguments, const std::string& name) {
  return arguments.families.empty() || std::any_of(arguments.families.begin(), arguments.families.end(),
                                                   [&](const std::string& given) { return name.rfind(given, 0) == 0; });
}

int run(const Arguments& arguments) {
  Court::Plant plant;
  if (arguments.plant == "certificate") plant = plant_certificate;
  if (arguments.plant == "status") plant = plant_status;
  if (arguments.plant == "stay") plant = plant_stay;
  if (!plant && !arguments.plant.empty() && arguments.plant != "nonce") {
    std::fprintf(stderr, "hostile_replies: nothing to plant is called %s\n", arguments.plant.c_str());
    return 2;
  }
  for (const int key : {1, 2, 3, 10, 11, 12, 20, 21, 22})
    (void)scep_test::rsa_key(key);  // before the families' processes
  (void)scep_test::ec_key();
  (void)scep_test::test_time();
  print_heading();
  FamilyReport total;
  int crashes = 0;
  for (Family& family : all_families(arguments.brief)) {
    if (!selected(arguments, family.name)) continue;
    family.settings.ignore_nonce = arguments.plant == "nonce";
    const FamilyReport report = run_family([&](Tally& tally) {
      Scene scene(family.settings);
      Court court(scene, tally, plant);
      family.run(court);
    });
    print_report(family.name, report);
    total.tally.tried += report.tally.tried;
    total.tally.refused += report.tally.refused;
    total.tally.genuine += report.tally.genuine;
    total.tally.wrong += report.tally.wrong;
    if (report.tally.longest_ms >= total.tally.longest_ms) {
      total.tally.longest_ms = report.tally.longest_ms;
      total.tally.longest = report.tally.longest;
    }
    total.peak_rss_kb = std::max(total.peak_rss_kb, report.peak_rss_kb);
    total.grown_kb = std::max(total.grown_kb, report.grown_kb);
    crashes += report.crashed ? 1 : 0;
  }
  print_report("all", total);
  std::printf("tried %ld, accepted wrongly %ld, crashes %d, longest %ld ms, peak memory %ld MiB\n", total.tally.tried,
              total.tally.wrong, crashes, total.tally.longest_ms, total.peak_rss_kb / 1024);
  return total.tally.tried == 0 || total.tally.wrong != 0 || crashes != 0 ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(parse(argc, argv));
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "hostile_replies: %s\n", failure.what());
    return 2;
  }
}
