#include "tests/contract/enroller_suite.hpp"

#include <catch2/catch.hpp>

#include "framework/crypto/certificate.hpp"
#include "framework/crypto/chain.hpp"
#include "framework/crypto/key.hpp"

namespace certctl::contract {
namespace {

constexpr std::size_t kLargestToken = 64 * 1024;
constexpr std::size_t kLargestMemory = 1024;

// Making keys is what takes the time here.
const crypto::Key& test_key(std::size_t number) {
  static std::vector<crypto::Key> keys;
  while (keys.size() <= number) keys.push_back(crypto::Key::generate({}));
  return keys[number];
}

// A profile at work: what the engine keeps between the calls.
class Work {
 public:
  explicit Work(EnrollerFixture& ca) : ca_(ca), key_(test_key(0)) {
    host.state().now = ca.now();
    request.wanted.subject = {{"O", "Test", false}, {"CN", "router-1", false}};
    request.wanted.alt_names = {{
        AltNameKind::dns,
        "router-1.example",
    }};
    request.key = key_.get();
    request.signer_lifetime = std::chrono::hours{24 * 37};
    host.on_checkpoint = [this](const TestEnrollHost::Kept& kept) -> Result<void> {
      check_token(kept.token);
      if (kept.state == Checkpoint::about_to_send) sent_before_.push_back(ca_.requests());
      return {};
    };
  }

  EnrollOutcome enroll() {
    const std::size_t before = ca_.requests();
    const auto enroller = ca_.make(host);
    CHECK(ca_.requests() == before);  // the constructor has no effect outside
    return keep(enroller->enroll(request, host).value());
  }
  // Nothing when the call failed, as it may.
  std::optional<EnrollOutcome> try_enroll() {
    const auto enroller = ca_.make(host);
    auto result = enroller->enroll(request, host);
    if (result.ok()) return keep(result.value());
    check_error(result.error());
    return std::nullopt;
  }
  Error failure() {
    const auto enroller = ca_.make(host);
    auto result = enroller->enroll(request, host);
    REQUIRE_FALSE(result.ok());
    check_error(result.error());
    return result.error();
  }
  // As a later run does: another instance, and nothing but the last token. The host is a fresh one.
  EnrollOutcome resume(ResumeReason reason) {
    REQUIRE_FALSE(host.checkpoints.empty());
    const auto enroller = ca_.make(host);
    return keep(enroller->resume(request, token(), reason, host).value());
  }
  [[nodiscard]] std::string token() const { return host.checkpoints.back().token; }
  [[nodiscard]] const crypto::Key& key() const { return key_; }
  // At each checkpoint before sending: what the CA had seen by then.
  [[nodiscard]] const std::vector<std::size_t>& sent_before() const { return sent_before_; }

  void check_issued(const EnrollOutcome& outcome) const {
    REQUIRE(outcome.state == EnrollState::issued);
    const auto certificate = crypto::Certificate::from_pem(outcome.certificate_pem);
    CHECK(certificate.carries(request.key));
    std::vector<crypto::Certificate> set;
    std::vector<crypto::Certificate> anchors;
    for (const auto& pem : outcome.ca_set_pem) set.push_back(crypto::Certificate::from_pem(pem));
    for (const auto& pem : outcome.anchors_pem) anchors.push_back(crypto::Certificate::from_pem(pem));
    REQUIRE_FALSE(anchors.empty());
    CHECK_NOTHROW(crypto::build_path(certificate, set, anchors, ca_.now()));
  }

  // Makes this a renewal of what `outcome` gave, with a new key.
  void renew(const EnrollOutcome& outcome) {
    old_key_ = std::make_unique<crypto::Key>(key_);
    current_.certificate_pem = outcome.certificate_pem;
    const auto certificate = crypto::Certificate::from_pem(outcome.certificate_pem);
    current_.serial = certificate.serial();
    current_.fingerprint = certificate.fingerprint();
    current_.ca_set_pem = outcome.ca_set_pem;
    for (const auto& pem : outcome.ca_set_pem)
      if (!crypto::Certificate::from_pem(pem).is_self_issued()) current_.chain_pem.push_back(pem);
    current_.key = {"file", {}, key_.to_pem_pkcs8()};
    key_ = test_key(++keys_used_);
    request.action = EnrollAction::renew;
    request.key = key_.get();
    request.current = &current_;
    request.current_key = old_key_->get();
    request.current_usable = true;
    request.memory = outcome.memory.value_or("");
  }

  TestEnrollHost host;
  EnrollRequest request;

 private:
  void check_token(const std::string& token) const {
    CHECK_FALSE(token.empty());
    CHECK(token.size() <= kLargestToken);
    check_no_secret(token);
    const std::string pem = key_.to_pem_pkcs8().reveal();
    const std::string middle = pem.substr(pem.size() / 2, 64);
    CHECK(token.find(middle) == std::string::npos);
  }
  EnrollOutcome keep(EnrollOutcome outcome) {
    CHECK_FALSE(outcome.display.empty());
    CHECK(outcome.display.find('\n') == std::string::npos);
    CHECK(outcome.memory.value_or("").size() <= kLargestMemory);
    for (const auto& [level, line] : host.state().log) check_no_secret(line);
    return outcome;
  }

  EnrollerFixture& ca_;
  crypto::Key key_;
  std::size_t keys_used_ = 0;
  std::unique_ptr<crypto::Key> old_key_;
  Credential current_;
  std::vector<std::size_t> sent_before_;
};

void check_powers(EnrollerFixture& ca, Work& work) {
  const auto enroller = ca.make(work.host);
  const auto offered = [&](EnrollerPower power, const auto& result) {
    if (!enroller->supports(power)) {
      CHECK(code_of(result) == "unsupported");
    } else if (!result.ok()) {
      check_error(result.error());
      CHECK(result.error().code != "unsupported");
    }
  };
  offered(EnrollerPower::trust_anchors, enroller->fetch_trust_anchors({}, work.host));
  offered(EnrollerPower::next_anchors, enroller->fetch_next_anchors({}, {}, work.host));
  offered(EnrollerPower::certificate, enroller->fetch_certificate("0A", work.request, work.host));
  offered(EnrollerPower::crl, enroller->fetch_crl(work.request, work.host));
  offered(EnrollerPower::revoke, enroller->revoke(work.request, 0, work.host));
  offered(EnrollerPower::renewal_window, enroller->renewal_window(Credential{}, work.host));
}

}  // namespace

void enroller_suite(const EnrollerSubject& subject) {
  const std::unique_ptr<EnrollerFixture> ca = subject.fixture();
  Work work(*ca);

  SECTION("a certificate for our key, after a checkpoint") {
    const EnrollOutcome outcome = work.enroll();
    work.check_issued(outcome);
    CHECK(ca->certificates() == 1);
    REQUIRE_FALSE(work.sent_before().empty());
    CHECK(work.sent_before().front() == 0);
    CHECK(work.sent_before().size() >= ca->transactions());  // each new request has one of its own
    CHECK_FALSE(work.host.checkpoints.front().transaction_id.empty());
  }

  SECTION("nothing leaves when the checkpoint could not be made durable") {
    work.host.on_checkpoint = [](const auto&) -> Result<void> {
      return Error{"disk-full", "no space left", "make room", RetryClass::later, {}};
    };
    CHECK(work.failure().code == "disk-full");
    CHECK(ca->requests() == 0);
  }

  SECTION("a request that waits is resumed with its token by another instance, and is still one request") {
    ca->mood(CaMood::waits);
    const EnrollOutcome pending = work.enroll();
    REQUIRE(pending.state == EnrollState::pending);
    CHECK_FALSE(pending.transaction_id.empty());
    REQUIRE_FALSE(work.host.checkpoints.empty());
    CHECK(work.host.checkpoints.back().state == Checkpoint::awaiting);
    CHECK(work.host.checkpoints.back().transaction_id == pending.transaction_id);

    const EnrollOutcome still = work.resume(ResumeReason::pending);
    CHECK(still.state == EnrollState::pending);
    CHECK(still.transaction_id == pending.transaction_id);
    ca->decide(true);
    work.check_issued(work.resume(ResumeReason::pending));
    CHECK(ca->requests() == 1);
    CHECK(ca->transactions() == 1);
    CHECK(ca->certificates() == 1);
  }

  SECTION("a request that a person denies is rejected, with a reason") {
    ca->mood(CaMood::waits);
    REQUIRE(work.enroll().state == EnrollState::pending);
    ca->decide(false);
    const EnrollOutcome outcome = work.resume(ResumeReason::pending);
    REQUIRE(outcome.state == EnrollState::rejected);
    check_error(outcome.reason);
    CHECK(ca->requests() == 1);
  }

  SECTION("the last poll sends nothing new") {
    ca->mood(CaMood::waits);
    REQUIRE(work.enroll().state == EnrollState::pending);
    CHECK(work.resume(ResumeReason::last_poll).state == EnrollState::pending);
    CHECK(ca->requests() == 1);
    ca->decide(true);
    work.check_issued(work.resume(ResumeReason::last_poll));
    CHECK(ca->requests() == 1);
  }

  SECTION("a request that the CA refuses is rejected, with a reason") {
    ca->mood(CaMood::refuses);
    const EnrollOutcome outcome = work.enroll();
    REQUIRE(outcome.state == EnrollState::rejected);
    check_error(outcome.reason);
    CHECK(outcome.certificate_pem.empty());
    CHECK(ca->certificates() == 0);
  }

  SECTION("no connection: a failure that passes, and the request is not in doubt") {
    ca->mood(CaMood::unreachable);
    CHECK(work.failure().retry != RetryClass::never);
    if (!work.host.checkpoints.empty()) CHECK(work.host.checkpoints.back().state == Checkpoint::not_sent);
  }

  SECTION("a crash right after the checkpoint is settled by resume") {
    bool crashed = false;
    work.host.on_checkpoint = [&](const TestEnrollHost::Kept& kept) -> Result<void> {
      if (crashed) return {};
      crashed = true;
      work.host.checkpoints.push_back(kept);  // on disk; then the process dies
      return Error{"crash", "the process ends here", "", RetryClass::later, {}};
    };
    (void)work.failure();
    CHECK(ca->requests() == 0);
    const EnrollOutcome outcome = work.resume(ResumeReason::in_doubt);
    work.check_issued(outcome);
    CHECK(ca->certificates() == 1);
  }

  SECTION("an answer that was lost is fetched by resume, for the same key") {
    ca->mood(CaMood::loses_answer);
    // An enroller may settle it in the same call, or take more than one run for it.
    std::optional<EnrollOutcome> outcome = work.try_enroll();
    CHECK(ca->certificates() >= 1);
    REQUIRE_FALSE(work.host.checkpoints.empty());
    CHECK(work.host.checkpoints.back().state != Checkpoint::not_sent);
    ca->mood(CaMood::issues);
    for (int run = 0; run < 3 && (!outcome || outcome->state != EnrollState::issued); ++run) {
      outcome = work.resume(ResumeReason::in_doubt);
    }
    REQUIRE(outcome.has_value());
    work.check_issued(*outcome);
  }

  SECTION("an answer of no protocol is a failure that passes, and ends") {
    ca->mood(CaMood::babbles);
    CHECK(work.failure().retry != RetryClass::never);
    CHECK(ca->certificates() == 0);
  }

  SECTION("a CA that the pin does not vouch for gets nothing") {
    const auto enroller = ca->make_distrusting(work.host);
    const auto result = enroller->enroll(work.request, work.host);
    REQUIRE_FALSE(result.ok());
    check_error(result.error());
    CHECK(ca->requests() == 0);
    if (enroller->supports(EnrollerPower::trust_anchors)) {
      auto anchors = enroller->fetch_trust_anchors({}, work.host);
      CHECK(anchors.value().anchors_pem.empty());
      CHECK_FALSE(anchors.value().pin_problem.empty());
    }
  }

  SECTION("a renewal with a new key gives another certificate, and what was remembered is used") {
    const EnrollOutcome first = work.enroll();
    work.check_issued(first);
    work.renew(first);
    const EnrollOutcome second = work.enroll();
    work.check_issued(second);
    CHECK_FALSE(second.self_signed_request);
    CHECK(second.certificate_pem != first.certificate_pem);
    CHECK(ca->certificates() == 2);
    // Once more, with what it remembered: no more messages than it needs.
    const std::size_t before = ca->requests();
    work.renew(second);
    work.check_issued(work.enroll());
    CHECK(ca->requests() == before + 1);
  }

  SECTION("a token or memory that is not its own is a failure, no crash") {
    const auto enroller = ca->make(work.host);
    for (const std::string& token :
         {std::string(), std::string("{}"), std::string(70'000, '['), std::string("\0\xff", 2)}) {
      const auto result = enroller->resume(work.request, token, ResumeReason::pending, work.host);
      CHECK_FALSE(code_of(result).empty());
    }
    CHECK(ca->requests() == 0);
    work.request.memory = "\xff not mine \0";
    work.check_issued(work.enroll());
  }

  SECTION("powers are offered, or refused in so many words") {
    check_powers(*ca, work);
  }
}

}  // namespace certctl::contract
