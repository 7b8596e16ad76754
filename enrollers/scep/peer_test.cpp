// The enroller against a real SCEP server, over HTTP. tests: enrollers/scep/run_peer_tests starts the servers and names
// them: PEER_URL, PEER_CA (PEM file with what to trust), PEER_CHALLENGE.
#include "enrollers/scep/enrollment.hpp"
#include "enrollers/scep/http_transport.hpp"
#include "enrollers/scep/lookups.hpp"
#include "enrollers/scep/test_scripted_ca.hpp"
#include "framework/crypto/chain.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>

using namespace certctl;
using namespace scep_test;

namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  REQUIRE(value != nullptr);
  return value;
}

struct Peer {
  scep::Settings settings;
  TestHost host;
  EnrollRequest request;
  Credential current;

  explicit Peer(const std::string& challenge = environment("PEER_CHALLENGE")) {
    settings.url = environment("PEER_URL");
    settings.pin.ca_file = environment("PEER_CA");
    settings.challenge.inline_text = Secret(challenge);
    request.wanted.subject = {{"O", "Test Org", false}, {"CN", "peer-test.example", false}};
    request.wanted.alt_names = {{AltNameKind::dns, "peer-test.example"}};
    request.key = rsa_key(20).get();
    request.signer_lifetime = std::chrono::hours(24 * 37);
  }
  EnrollOutcome enroll() {
    host.time = std::chrono::system_clock::now();
    scep::HttpTransport transport(settings);
    return scep::Enrollment(settings, transport, request, host).begin();
  }
  std::string serial_of_issued(const EnrollOutcome& outcome) {
    INFO(outcome.reason.message);
    REQUIRE(outcome.state == EnrollState::issued);
    const auto leaf = crypto::Certificate::from_pem(outcome.certificate_pem);
    CHECK(leaf.carries(request.key));
    std::vector<crypto::Certificate> set;
    std::vector<crypto::Certificate> anchors;
    for (const auto& pem : outcome.ca_set_pem) set.push_back(crypto::Certificate::from_pem(pem));
    for (const auto& pem : outcome.anchors_pem) anchors.push_back(crypto::Certificate::from_pem(pem));
    CHECK_NOTHROW(crypto::build_path(leaf, set, anchors, std::chrono::system_clock::now()));
    current.certificate_pem = outcome.certificate_pem;
    return leaf.serial();
  }
};

template <class Body>
Error error_of(Body&& body) {
  try {
    body();
  } catch (const Failure& failure) {
    return failure.error();
  }
  return {};
}

}  // namespace

TEST_CASE("enroll, renew with a new key, renew again by the step that worked",
          "[renewal][SCEP-005][SCEP-013][SCEP-060][SCEP-171]") {
  Peer peer;
  const std::string first = peer.serial_of_issued(peer.enroll());
  peer.request.action = EnrollAction::renew;
  peer.request.current = &peer.current;
  peer.request.current_key = rsa_key(20).get();
  peer.request.current_usable = true;
  peer.request.key = rsa_key(21).get();
  const EnrollOutcome renewed = peer.enroll();
  const std::string second = peer.serial_of_issued(renewed);
  CHECK(first != second);
  CHECK_FALSE(renewed.self_signed_request);
  REQUIRE(renewed.memory);
  peer.request.memory = *renewed.memory;
  peer.request.current_key = rsa_key(21).get();
  peer.request.key = rsa_key(22).get();
  peer.host.saved.clear();
  CHECK(peer.serial_of_issued(peer.enroll()) != second);
  CHECK(peer.host.saved.size() == 1);  // one message
}

TEST_CASE("a wrong challenge is refused in the server's words", "[challenge]") {
  Peer peer("wrong");
  const EnrollOutcome outcome = peer.enroll();
  REQUIRE(outcome.state == EnrollState::rejected);
  CHECK(outcome.reason.message.find("badRequest") != std::string::npos);
  CHECK(outcome.reason.hint.find("challenge") != std::string::npos);
}

TEST_CASE("another CA is not trusted, and nothing is sent to it", "[pin][SCEP-004][SCEP-007]") {
  Peer peer;
  peer.settings.pin.ca_file.clear();
  peer.settings.pin.fingerprints = {trust::parse_fingerprint(std::string(64, 'a'))};
  const Error error = error_of([&] { (void)peer.enroll(); });
  CHECK(error.code == "ca-not-trusted");
  CHECK(error.message.find(std::string(64, 'a')) != std::string::npos);
  CHECK(error.message.find("presents") != std::string::npos);
  CHECK(peer.host.saved.empty());
}

TEST_CASE("single DES and SHA-1 replies are refused when denied", "[deny]") {
  Peer peer;
  peer.settings.legacy = scep::Legacy::deny;
  CHECK(error_of([&] { (void)peer.enroll(); }).code == "algorithm-refused");
}

TEST_CASE("a reply in AES-GCM is named", "[gcm]") {
  Peer peer;
  const Error error = error_of([&] { (void)peer.enroll(); });
  CHECK(error.code == "algorithm-refused");
  CHECK(error.message.find("GCM") != std::string::npos);
}

TEST_CASE("the CA's certificates and capabilities are shown", "[anchors]") {
  Peer peer;
  scep::HttpTransport transport(peer.settings);
  const TrustAnchors anchors = scep::look_up_anchors(peer.settings, transport, {}, peer.host);
  CHECK_FALSE(anchors.ca_set_pem.empty());
  CHECK_FALSE(anchors.anchors_pem.empty());
  CHECK_FALSE(anchors.capabilities.empty());
}

TEST_CASE("a server that does not know GetCRL says so", "[crl]") {
  Peer peer;
  peer.serial_of_issued(peer.enroll());
  peer.request.current = &peer.current;
  peer.request.current_key = rsa_key(20).get();
  scep::HttpTransport transport(peer.settings);
  const Error error = error_of([&] { (void)scep::look_up_crl(peer.settings, transport, peer.request, peer.host); });
  CHECK(error.hint.find("do not support") != std::string::npos);
}

TEST_CASE("a port where nobody listens: no connection, nothing in doubt", "[down]") {
  Peer peer;
  peer.settings.url = "http://127.0.0.1:9/scep";
  CHECK(error_of([&] { (void)peer.enroll(); }).code == "ca-unreachable");
  CHECK(peer.host.saved.empty());
}
