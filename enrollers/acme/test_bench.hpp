// One profile at work against the ACME server in memory.
#pragma once

#include "enrollers/acme/enrollment.hpp"
#include "enrollers/acme/lookups.hpp"
#include "enrollers/acme/protocol/jws.hpp"
#include "enrollers/acme/protocol/renewal_info.hpp"
#include "enrollers/acme/test_acme_server.hpp"
#include "framework/crypto/chain.hpp"
#include "framework/crypto/csr.hpp"
#include "tests/contract/test_host.hpp"

#include <catch2/catch.hpp>

#include <deque>
#include <filesystem>

namespace acme_test {

using namespace certctl;
using Words = std::vector<std::string>;

inline const crypto::Key& test_key(std::size_t number) {  // 0 account, 1 and 2 end entities
  static std::deque<crypto::Key> keys;                    // they stay where they are
  while (keys.size() <= number) keys.push_back(crypto::Key::generate({KeyType::ec, 0, "P-256"}));
  return keys[number];
}

// One profile at work.
struct Bench {
  Bench() {
    settings.directory = "https://ca.test/dir";
    settings.http_webroot = (host.state().scratch.path() / "www").string();
    settings.pin.ca_file = host.state().scratch.write("root.pem", server.root.certificate.to_pem()).string();
    settings.agree_terms = true;
    request.wanted.subject = {{"CN", "router-1.example", false}};
    request.wanted.alt_names = {{AltNameKind::dns, "router-1.example"}};
    request.key = test_key(1).get();
    host.on_checkpoint = [this](const contract::TestEnrollHost::Kept& kept) -> Result<void> {
      CHECK(kept.token.find("PRIVATE") == std::string::npos);
      posts_before.push_back(server.posts().size());
      return {};
    };
  }
  ~Bench() {
    for (const std::string& complaint : server.complaints) FAIL_CHECK(complaint);
  }

  EnrollOutcome enroll() { return acme::Enrollment(settings, server, *account, request, host).begin(); }
  EnrollOutcome resume(ResumeReason reason = ResumeReason::pending) {
    return acme::Enrollment(settings, server, *account, request, host).resume(host.checkpoints.back().token, reason);
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
  Error failure() {
    return error_of([&] { (void)enroll(); });
  }
  void renew() {
    EnrollOutcome outcome = enroll();
    current.certificate_pem = outcome.certificate_pem;
    request.action = EnrollAction::renew;
    request.current = &current;
    request.current_key = test_key(1).get();
    request.current_usable = true;
    request.key = test_key(2).get();
    request.memory = outcome.memory.value_or("");
    server.seen.clear();
  }
  [[nodiscard]] Checkpoint state() const { return host.checkpoints.back().state; }

  AcmeServer server{contract::HostState().now};
  acme::Settings settings;
  contract::TestEnrollHost host;
  const crypto::Key* account = &test_key(0);
  Credential current;
  EnrollRequest request;
  std::vector<std::size_t> posts_before;  // at each checkpoint
};

inline void check_issued(const Bench& bench, const EnrollOutcome& outcome) {
  REQUIRE(outcome.state == EnrollState::issued);
  const auto leaf = crypto::Certificate::from_pem(outcome.certificate_pem);
  CHECK(leaf.carries(bench.request.key));
  std::vector<crypto::Certificate> set;
  std::vector<crypto::Certificate> anchors;
  for (const auto& pem : outcome.ca_set_pem) set.push_back(crypto::Certificate::from_pem(pem));
  for (const auto& pem : outcome.anchors_pem) anchors.push_back(crypto::Certificate::from_pem(pem));
  CHECK_NOTHROW(crypto::build_path(leaf, set, anchors, contract::HostState().now));
}

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace acme_test
