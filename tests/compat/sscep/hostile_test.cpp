// Damaged replies, and what must never be shown.
#include "tests/compat/sscep/site.hpp"

#include "framework/crypto/digest.hpp"

#include <catch2/catch.hpp>

using namespace sscep_test;

TEST_CASE("RT-33: no damage to any layer of a reply ends with a signal, or with a certificate that was not asked for") {
  const Site site;
  std::vector<std::string> knobs{"body=garbage", "content=garbage", "content=garbage-envelope"};
  for (int place = 0; place < 1000; place += 23) knobs.push_back("body=damage-" + std::to_string(place));
  for (const std::string& knob : knobs) {
    INFO(knob);
    const Outcome outcome = site.enroll(knob);
    CHECK(outcome.signal == 0);
    // What is damaged outside of the signature may still be good.
    CHECK((outcome.code == 0 || outcome.code == 97 || outcome.code == 93));
    if (knob.find("garbage") != std::string::npos) CHECK(outcome.code == 97);
    if (outcome.code == 0) CHECK(site.certificate("cert.pem").carries(key_number(1)));
  }
}

TEST_CASE("RT-46: neither the challenge nor the request that holds it is ever shown") {
  Site site;
  prepare_renewal(site);
  const std::string key_text = site.read("key.pem");
  const std::string request_text = site.read("req.pem");
  const std::string der = [&] {
    const Bytes bytes = crypto::Csr::from_pem(request_text).der();
    return std::string(bytes.begin(), bytes.end());
  }();
  const auto lines_of = [](const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      if (end - at > 20) lines.push_back(text.substr(at, end - at));
      at = end + 1;
    }
    return lines;
  };
  site.write("secret.conf", "[sscep]\nDebug = yes\nVerbose = yes\nMonitorInformation = token=Sesam-Monitor\n");
  const std::vector<Outcome> outcomes{
      site.enroll("", {"-v", "-d", "-f", "secret.conf"}),
      site.enroll("status=2", {"-v", "-d"}),
      site.enroll("body=garbage", {"-v", "-d"}),
      site.enroll("content=stranger", {"-v", "-d"}),
      site.enroll("", renewal_words() + Words{"-v", "-d"}),
      site.sscep(
          {"enroll", "-v", "-d", "-u", responder().url(), "-c", "ca.pem", "-k", "req.pem", "-r", "key.pem", "-l", "x"}),
  };
  for (const Outcome& outcome : outcomes) {
    const std::string all = outcome.out + outcome.err;
    CHECK_FALSE(all.empty());
    CHECK(all.find(kChallenge) == std::string::npos);
    CHECK(all.find("Sesam") == std::string::npos);
    for (const std::string& text : {key_text, request_text}) {
      for (const std::string& line : lines_of(text)) {
        if (line.starts_with("-----")) continue;
        CHECK(all.find(line) == std::string::npos);
      }
    }
  }
  const Outcome with_password = site.sscep(
      {"getcaps", "-v", "-d", "-u", "http://user:Sesam@127.0.0.1:" + std::to_string(responder().port()) + "/"});
  CHECK(with_password.code == 0);
  CHECK(with_password.out.find("Sesam") == std::string::npos);
}
