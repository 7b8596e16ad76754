// What the tests of the plugin's parts share: one profile at work against the scripted CA.
#pragma once

#include "enrollers/scep/enrollment.hpp"
#include "enrollers/scep/lookups.hpp"
#include "enrollers/scep/server.hpp"
#include "enrollers/scep/test_scripted_ca.hpp"
#include "framework/crypto/chain.hpp"
#include "tests/contract/instance.hpp"
#include "tests/contract/test_host.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace scep_test {

inline scep::Settings settings_for(const ScriptedCa& ca, bool challenge = true) {
  scep::Settings settings;
  settings.url = "http://ca.test/scep";
  settings.pin.fingerprints = {trust::fingerprint_of(ca.anchor(), trust::Fingerprint::Hash::sha256)};
  if (challenge) settings.challenge.inline_text = Secret("secret123");
  return settings;
}

// One profile at work: settings, request and host together.
struct Bench {
  explicit Bench(ScriptedCa& scripted, bool challenge = true)
      : ca(scripted), settings(settings_for(scripted, challenge)) {
    request.wanted.subject = {{"O", "Test", false}, {"CN", "router-1", false}};
    request.wanted.alt_names = {{AltNameKind::dns, "router-1.example"}};
    request.key = rsa_key(10).get();
    request.signer_lifetime = std::chrono::hours(24 * 37);
    host.messages = [this] { return ca.seen.size(); };
  }

  // Makes the request a renewal of a certificate that this CA issued.
  void renew(bool usable = true, const crypto::Key& key = rsa_key(11)) {
    const crypto::Csr csr = crypto::Csr::from_der(
        crypto::build_csr({{{"O", "Rewritten by the CA", false}, {"CN", "router-1", false}}, {}, {}, {}}, key, {}));
    const int before = ca.certificates;
    current.certificate_pem = ca.issue_for(csr).to_pem();
    ca.certificates = before;
    for (const auto& certificate : ca.inside) current.chain_pem.push_back(certificate.to_pem());
    request.action = EnrollAction::renew;
    request.current = &current;
    request.current_key = key.get();
    request.current_usable = usable;
  }

  EnrollOutcome enroll() { return scep::Enrollment(settings, ca, request, host).begin(); }
  EnrollOutcome resume(ResumeReason reason) {
    return scep::Enrollment(settings, ca, request, host).resume(host.saved.back().token, reason);
  }
  Error failure() {
    return error_of([&] { (void)enroll(); });
  }

  template <class Body>
  static Error error_of(Body&& body) {
    try {
      body();
    } catch (const Failure& failure) {
      return failure.error();
    }
    return {};
  }
  [[nodiscard]] std::vector<std::string> steps() const {  // "17", "17c", "19", "19c", "new"; "20"
    std::vector<std::string> words;
    for (const auto& seen : ca.seen) {
      const scep::ReceivedRequest& message = seen.request;
      std::string word = message.attributes.message_type.value_or("?");
      if (word == "19" && message.signer_self_issued) word = "new";
      if (word != "new" && message.csr && message.csr->challenge_password()) word += "c";
      words.push_back(word);
    }
    return words;
  }

  ScriptedCa& ca;
  scep::Settings settings;
  TestHost host;
  Credential current;
  EnrollRequest request;
};

using Words = std::vector<std::string>;

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

inline void check_issued(const Bench& bench, const EnrollOutcome& outcome) {
  REQUIRE(outcome.state == EnrollState::issued);
  const auto leaf = crypto::Certificate::from_pem(outcome.certificate_pem);
  CHECK(leaf.carries(bench.request.key));
  std::vector<crypto::Certificate> set;
  std::vector<crypto::Certificate> anchors;
  for (const auto& pem : outcome.ca_set_pem) set.push_back(crypto::Certificate::from_pem(pem));
  for (const auto& pem : outcome.anchors_pem) anchors.push_back(crypto::Certificate::from_pem(pem));
  CHECK(anchors == std::vector<crypto::Certificate>{bench.ca.anchor()});
  CHECK_NOTHROW(crypto::build_path(leaf, set, anchors, test_time()));
}

}  // namespace scep_test
