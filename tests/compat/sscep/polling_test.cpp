// Polling, resuming, renewal.
#include "framework/compat/sscep/polling.hpp"

#include "tests/compat/sscep/site.hpp"

#include <catch2/catch.hpp>

using namespace sscep_test;
using certctl::sscep::may_poll;
using certctl::sscep::PollLimits;

namespace {

int polls(const PollLimits& limits, int most = 1000) {
  int number = 1;
  while (number <= most && may_poll(limits, number)) ++number;
  return number - 1;
}

std::size_t polls_seen() {
  std::size_t count = 0;
  for (const Seen& one : responder().messages())
    if (one.request->type == scep::MessageType::cert_poll) ++count;
  return count;
}

}  // namespace

TEST_CASE("how many polls there are", "[SCEP-174]") {
  CHECK(polls({}) == 95);          // 28800 / 300 - 1
  CHECK(polls({5, 4, 256}) == 0);  // -T <= -t: never
  CHECK(polls({5, 5, 256}) == 0);
  CHECK(polls({5, 6, 256}) == 1);
  CHECK(polls({5, 20, 256}) == 3);
  CHECK(polls({5, 21, 256}) == 4);
  CHECK(polls({5, 1000, 2}) == 2);
  CHECK(polls({0, 10, 7}) == 7);  // without pause, up to -n
  CHECK(polls({0, 0, 7}) == 0);
  CHECK(polls({5, 1000, 0}) == 0);
  CHECK(polls({5, -1, 9}) == 0);
  CHECK_FALSE(may_poll({9223372036854775807LL, 9223372036854775807LL, 9}, 9223372036854775807LL));
}

TEST_CASE("a request that stays pending ends with 3 after the polls") {
  const Site site;
  const Outcome outcome = site.enroll("status=3/id=a", {"-n", "3"});
  CHECK(outcome.code == 3);
  CHECK(outcome.says("pkistatus: PENDING"));
  CHECK(outcome.says("requesting certificate (#3)"));
  CHECK_FALSE(outcome.says("requesting certificate (#4)"));
  CHECK(polls_seen() == 3);
  CHECK(site.enroll("status=3/id=b", {"-n", "0"}).code == 3);
  CHECK(polls_seen() == 0);
  CHECK(site.enroll("status=3/id=b2", {"-n", "nonsense"}).code == 3);
  CHECK(polls_seen() == 0);
  CHECK(site.enroll("status=3,3,0/id=c", {"-n", "5"}).code == 0);
  CHECK(polls_seen() == 2);
  CHECK(site.enroll("status=3,2/fail=2/id=d", {"-n", "5"}).code == 72);
}

TEST_CASE("the pause between polls is that of -t") {
  const Site site;
  const auto before = std::chrono::steady_clock::now();
  CHECK(site.sscep({"enroll", "-u", responder().url("status=3,0/id=e"), "-c", "ca.pem", "-k", "key.pem", "-r",
                    "req.pem", "-l", "cert.pem", "-t", "1", "-T", "10"})
            .code == 0);
  CHECK(std::chrono::steady_clock::now() - before >= std::chrono::seconds(1));
}

TEST_CASE("RT-6: a later run with -R goes on with the same transaction", "[SCEP-175]") {
  const Site site;
  CHECK(site.enroll("status=3/id=f", {"-n", "0"}).code == 3);
  const auto id = responder().messages().at(0).request->attributes.transaction_id;
  // The cron idiom: one poll.
  const Words once{"-R", "-T", "4", "-t", "5"};
  const Outcome waiting = site.enroll("status=3/id=g", once);
  CHECK(waiting.code == 3);
  CHECK(waiting.says("requesting certificate (#1)"));
  CHECK_FALSE(waiting.says("sending certificate request"));
  REQUIRE(responder().messages().size() == 1);
  CHECK(responder().messages()[0].request->attributes.transaction_id == id);
  CHECK(responder().messages()[0].request->type == scep::MessageType::cert_poll);
  CHECK(site.enroll("", once).code == 0);
  CHECK(site.certificate("cert.pem").carries(key_number(1)));
  CHECK(site.enroll("", {"-R", "-n", "0"}).code == 0);
  CHECK(responder().messages().empty());
  CHECK(site.enroll("status=2/fail=4", {"-R"}).code == 74);
}

TEST_CASE("RT-4: a renewal is a RenewalReq where that is announced", "[SCEP-013]") {
  Site site;
  prepare_renewal(site);
  const auto type = [&](const std::string& knobs, const Words& more = {}) {
    const Outcome outcome = site.enroll(knobs, renewal_words() + more);
    INFO(outcome.err);
    CHECK(outcome.code == 0);
    const Seen seen = responder().messages().back();
    CHECK(*seen.request->signer == site.certificate("old.pem"));
    return seen.request->type.value();
  };
  CHECK(type("") == scep::MessageType::renewal_req);
  CHECK(type("caps=AES,SHA-256,POSTPKIOperation") == scep::MessageType::pkcs_req);
  CHECK(type("", {"--compat", "renewal-19"}) == scep::MessageType::pkcs_req);
  CHECK(site.certificate("cert.pem").carries(key_number(1)));
  // Servers that announce Renewal and know only the older way.
  CHECK(type("no-17=fail") == scep::MessageType::pkcs_req);
  CHECK(type("no-17=http") == scep::MessageType::pkcs_req);
  REQUIRE(responder().messages().size() == 2);
  CHECK(responder().messages()[0].request->attributes.transaction_id !=
        responder().messages()[1].request->attributes.transaction_id);
}

TEST_CASE("RT-5: the old certificate again is no renewal, and a kept key gets a new transaction ID", "[SCEP-083]") {
  Site site;
  prepare_renewal(site, true);
  const Outcome same = site.enroll("content=old", renewal_words());
  CHECK(same.code == 93);
  CHECK(same.warns("in service again"));
  CHECK_FALSE(site.has("cert.pem"));
  CHECK(site.enroll("", renewal_words()).code == 0);
  const auto renewal_id = responder().messages().at(0).request->attributes.transaction_id;
  CHECK(site.enroll("").code == 0);
  CHECK(responder().messages().at(0).request->attributes.transaction_id != renewal_id);
  // Found again by a later run.
  CHECK(site.enroll("status=3/id=h", renewal_words() + Words{"-n", "0"}).code == 3);
  CHECK(responder().messages().at(0).request->attributes.transaction_id == renewal_id);
}

TEST_CASE("RT-19: -K and -O belong together for enroll; the key must be the certificate's") {
  Site site;
  prepare_renewal(site);
  const Outcome only_certificate = site.enroll("", {"-O", "old.pem"});
  CHECK(only_certificate.code == 93);
  CHECK(only_certificate.warns("-K"));
  CHECK(site.enroll("", {"-K", "old-key.pem"}).code == 93);
  CHECK(site.enroll("", {"-K", "key.pem", "-O", "old.pem"}).code == 93);
  CHECK(responder().messages().empty());
}
