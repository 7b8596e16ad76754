// An EST server in memory: a CA that issues, and a script of what else it says.
#pragma once

#include "enrollers/est/enrollment.hpp"
#include "enrollers/est/protocol/certificates.hpp"
#include "enrollers/est/protocol/csr_attributes.hpp"
#include "enrollers/est/protocol/transfer.hpp"
#include "enrollers/est/protocol/words.hpp"
#include "framework/crypto/chain.hpp"
#include "framework/crypto/csr.hpp"
#include "framework/crypto/issue.hpp"
#include "tests/contract/test_host.hpp"

#include <catch2/catch.hpp>

#include <deque>
#include <functional>
#include <string>
#include <vector>

namespace est_test {

using namespace certctl;

inline TimePoint test_time() {
  return contract::HostState().now;
}
inline const crypto::Key& test_key(int number) {  // 0 CA, 1 and 2 end entities, 3 another CA, 4 manufacturer
  static std::vector<crypto::Key> keys;
  while (keys.size() <= static_cast<std::size_t>(number)) keys.push_back(crypto::Key::generate({}));
  return keys[static_cast<std::size_t>(number)];
}
inline crypto::Issuer make_ca(const std::string& name, const crypto::Key& key) {
  crypto::CaSpec spec;
  spec.subject = {{"CN", name, false}};
  spec.not_before = test_time() - std::chrono::hours(24);
  spec.not_after = test_time() + std::chrono::hours(24 * 3650);
  return {crypto::make_root_ca(key, spec), key};
}

inline est::HttpReply reply_of(int status, const std::string& body = {}, std::chrono::seconds retry_after = {}) {
  est::HttpReply reply;
  reply.status = status;
  reply.body.assign(body.begin(), body.end());
  reply.retry_after = retry_after;
  return reply;
}

class ScriptedServer final : public est::Transport {
 public:
  struct Seen {
    bool post = false;
    std::string url;
    std::string content_type;
    std::string body;
    est::Access access;
    [[nodiscard]] std::string operation() const { return url.substr(url.rfind('/') + 1); }
    [[nodiscard]] crypto::Csr csr() const {
      return crypto::Csr::from_der(
          est::decode_transfer(crypto::BytesView(reinterpret_cast<const std::uint8_t*>(body.data()), body.size()))
              .value());
    }
  };
  // What it does with a request to enroll; the next of the script, or issue().
  using Act = std::function<est::HttpReply(const Seen&)>;

  ScriptedServer() : ca(make_ca("Scripted CA", test_key(0))) { ca_set = {ca.certificate}; }

  est::HttpReply get(const std::string& url, const est::Access& access) override {
    seen.push_back({false, url, {}, {}, access});
    if (down) throw est::TransportFailure({"ca-unreachable", "no connection", "", RetryClass::later, {}}, true);
    if (seen.back().operation() == est::kCaCertificates) {
      if (cacerts) return *cacerts;
      return reply_of(200, est::encode_in_one_line(est::build_certificates(ca_set)));
    }
    if (csrattrs) return *csrattrs;
    return reply_of(204);
  }
  est::HttpReply post(const std::string& url, const std::string& content_type, const std::string& body,
                      const est::Access& access) override {
    seen.push_back({true, url, content_type, body, access});
    if (down) throw est::TransportFailure({"ca-unreachable", "no connection", "", RetryClass::later, {}}, true);
    if (script.empty()) return issue(seen.back());
    const Act act = script.front();
    script.pop_front();
    return act(seen.back());
  }
  est::HttpReply get_published(const std::string& url) override {
    seen.push_back({false, url, {}, {}, {}});
    return published;
  }
  Bytes search(const std::string&) override { return {}; }

  crypto::Certificate certificate_for(const crypto::Csr& csr) {
    crypto::IssueSpec spec;
    spec.not_before = test_time() - std::chrono::minutes(1);
    spec.not_after = test_time() + std::chrono::hours(24 * 90);
    shape(spec);
    return crypto::issue_certificate(ca, csr, spec);
  }
  est::HttpReply issue(const Seen& request) {
    const crypto::Certificate one = certificate_for(request.csr());
    return reply_of(200, est::encode_transfer(est::build_certificates({&one, 1})));
  }

  static Act says(est::HttpReply reply) {
    return [reply](const Seen&) { return reply; };
  }
  static Act loses() {
    return [](const Seen&) -> est::HttpReply {
      throw est::TransportFailure({"reply-lost", "the connection broke", "", RetryClass::later, {}}, false);
    };
  }

  [[nodiscard]] std::vector<Seen> posts() const {
    std::vector<Seen> all;
    for (const Seen& one : seen)
      if (one.post) all.push_back(one);
    return all;
  }

  crypto::Issuer ca;
  std::vector<crypto::Certificate> ca_set;
  std::optional<est::HttpReply> cacerts;
  std::optional<est::HttpReply> csrattrs;
  est::HttpReply published;
  std::function<void(crypto::IssueSpec&)> shape = [](crypto::IssueSpec&) {};
  std::deque<Act> script;
  std::vector<Seen> seen;
  bool down = false;
};

// One profile at work against it.
struct Bench {
  explicit Bench(ScriptedServer& scripted) : server(scripted) {
    settings.base = "https://ca.test/.well-known/est";
    settings.pin.fingerprints = {trust::fingerprint_of(scripted.ca.certificate, trust::Fingerprint::Hash::sha256)};
    settings.user = "router";
    settings.password.inline_text = Secret("secret123");
    request.wanted.subject = {{"O", "Test", false}, {"CN", "router-1", false}};
    request.wanted.alt_names = {{AltNameKind::dns, "router-1.example"}};
    request.key = test_key(1).get();
    host.on_checkpoint = [this](const contract::TestEnrollHost::Kept& kept) -> Result<void> {
      posts_before.push_back(server.posts().size());
      CHECK(kept.token.find("PRIVATE") == std::string::npos);
      CHECK(kept.token.find("secret123") == std::string::npos);
      CHECK(kept.token.size() <= 64 * 1024);
      return {};
    };
  }

  // Makes the request a renewal of a certificate that this CA issued.
  void renew(bool usable = true) {
    CertificateRequest as_issued = request.wanted;
    as_issued.subject = {{"O", "Rewritten by the CA", false}, {"CN", "router-1", false}};
    const auto csr = crypto::Csr::from_der(crypto::build_csr(as_issued, test_key(2), Secret()));
    current.certificate_pem = server.certificate_for(csr).to_pem();
    current.ca_set_pem = {server.ca.certificate.to_pem()};
    request.action = EnrollAction::renew;
    request.current = &current;
    request.current_key = test_key(2).get();
    request.current_usable = usable;
  }

  EnrollOutcome enroll() { return est::Enrollment(settings, server, request, host).begin(); }
  EnrollOutcome resume(ResumeReason reason) {
    return est::Enrollment(settings, server, request, host).resume(host.checkpoints.back().token, reason);
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
  [[nodiscard]] std::vector<std::string> operations() const {
    std::vector<std::string> all;
    for (const auto& one : server.posts()) all.push_back(one.operation());
    return all;
  }

  ScriptedServer& server;
  est::Settings settings;
  contract::TestEnrollHost host;
  Credential current;
  EnrollRequest request;
  std::vector<std::size_t> posts_before;  // at each checkpoint
};

// A certificate for the request's key that leads to an anchor of the outcome.
inline void check_issued(const Bench& bench, const EnrollOutcome& outcome) {
  REQUIRE(outcome.state == EnrollState::issued);
  const auto leaf = crypto::Certificate::from_pem(outcome.certificate_pem);
  CHECK(leaf.carries(bench.request.key));
  std::vector<crypto::Certificate> set;
  std::vector<crypto::Certificate> anchors;
  for (const auto& pem : outcome.ca_set_pem) set.push_back(crypto::Certificate::from_pem(pem));
  for (const auto& pem : outcome.anchors_pem) anchors.push_back(crypto::Certificate::from_pem(pem));
  CHECK_NOTHROW(crypto::build_path(leaf, set, anchors, test_time()));
}

using Words = std::vector<std::string>;
inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}
inline bool warned(const EnrollOutcome& outcome, const std::string& part) {
  for (const std::string& line : outcome.warnings)
    if (contains(line, part)) return true;
  return false;
}

}  // namespace est_test
