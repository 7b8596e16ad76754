// What is asked before a message, and how messages reach the server.
#include "enrollers/scep/server.hpp"

#include "enrollers/scep/enrollment.hpp"
#include "enrollers/scep/http_transport.hpp"
#include "enrollers/scep/lookups.hpp"
#include "enrollers/scep/test_scripted_ca.hpp"
#include "tests/unit/net/scripted_server.hpp"

#include <catch2/catch.hpp>

#include <functional>

using namespace certctl;
using namespace scep_test;

namespace {

scep::Settings settings_without_challenge(const ScriptedCa& ca) {
  scep::Settings settings;
  settings.url = "http://ca.test/scep";
  settings.pin.fingerprints = {trust::fingerprint_of(ca.anchor(), trust::Fingerprint::Hash::sha256)};
  return settings;
}

// Gives every request the same answer.
class Answering : public scep::Transport {
 public:
  explicit Answering(std::function<scep::HttpReply()> answer) : answer_(std::move(answer)) {}
  scep::HttpReply get(const std::string&) override { return answer_(); }
  scep::HttpReply post(const std::string&, const Bytes&) override { return answer_(); }
  Bytes search(const std::string&) override { return answer_().body; }

 private:
  std::function<scep::HttpReply()> answer_;
};

scep::AnnouncedCapabilities capabilities_of(std::function<scep::HttpReply()> answer) {
  scep::Settings settings;
  settings.url = "http://ca.test/scep";
  Answering transport(std::move(answer));
  return scep::fetch_capabilities(settings, transport);
}

scep::HttpReply list(int status, const std::string& type, const std::string& body) {
  return {status, "", type, Bytes(body.begin(), body.end())};
}

// Notes what is asked, in order.
class Noting : public scep::Transport {
 public:
  explicit Noting(scep::Transport& next) : next_(next) {}
  scep::HttpReply get(const std::string& url) override {
    asked.push_back("GET " + url.substr(0, url.find("&message=")));
    return next_.get(url);
  }
  scep::HttpReply post(const std::string& url, const Bytes& body) override {
    asked.push_back("POST " + url);
    return next_.post(url, body);
  }
  Bytes search(const std::string& url) override { return next_.search(url); }
  std::vector<std::string> asked;

 private:
  scep::Transport& next_;
};

}  // namespace

TEST_CASE("GetCACaps: no list, an error, or a connection that the server closes mean no capabilities",
          "[SCEP-045][SCEP-048]") {
  const auto lost = [](bool sent) {
    return [sent]() -> scep::HttpReply {
      throw scep::TransportFailure({"reply-lost", "the connection broke", "", RetryClass::later, {}}, !sent);
    };
  };
  for (const std::function<scep::HttpReply()>& answer :
       {std::function<scep::HttpReply()>([] { return list(200, "text/plain", ""); }),
        std::function<scep::HttpReply()>([] { return list(404, "text/html", "<html>AES</html>"); }),
        std::function<scep::HttpReply()>([] { return list(500, "text/plain", "AES\nSHA-256\n"); }),
        std::function<scep::HttpReply()>(lost(true))}) {
    const scep::AnnouncedCapabilities announced = capabilities_of(answer);
    CHECK(announced.capabilities.none());
    CHECK(announced.warnings.size() == 1);
  }
  CHECK_THROWS_AS(capabilities_of(lost(false)), scep::TransportFailure);  // nobody is there
}

TEST_CASE("GetCACaps: the list is read whatever its type", "[SCEP-047]") {
  for (const char* type : {"text/plain", "", "text/html", "application/x-x509-ca-cert", "application/octet-stream"}) {
    INFO(type);
    const scep::AnnouncedCapabilities announced =
        capabilities_of([&] { return list(200, type, "AES\r\nSHA-256\r\n"); });
    CHECK(announced.capabilities.aes);
    CHECK(announced.capabilities.sha256);
    CHECK(announced.warnings.empty());
  }
}

TEST_CASE("an enrollment asks for capabilities and certificates first, and sends its message where it belongs",
          "[SCEP-004][SCEP-034][SCEP-130][SCEP-133][SCEP-150][SCEP-170]") {
  ScriptedCa ca = ScriptedCa::single();
  TestHost host;
  EnrollRequest request;
  request.wanted.subject = {{"CN", "router-1", false}};
  request.key = rsa_key(30).get();
  request.signer_lifetime = std::chrono::hours(24 * 37);
  const auto asked = [&](const std::string& capabilities) {
    ca.capabilities = capabilities;
    Noting transport(ca);
    CHECK(scep::Enrollment(settings_without_challenge(ca), transport, request, host).begin().state ==
          EnrollState::issued);
    return transport.asked;
  };
  const std::string base = "http://ca.test/scep?operation=";
  CHECK(asked("AES\nSHA-256\nPOSTPKIOperation\n") == std::vector<std::string>{"GET " + base + "GetCACaps",
                                                                              "GET " + base + "GetCACert",
                                                                              "POST " + base + "PKIOperation"});
  CHECK(asked("AES\nSHA-256\n").back() == "GET " + base + "PKIOperation");
  CHECK(asked("SCEPStandard\n").back() == "POST " + base + "PKIOperation");
}

//
TEST_CASE("a message over HTTP is typed as one", "[SCEP-130][SCEP-136]") {
  net::test::ScriptedServer server([](net::test::Connection& connection, const std::string&) {
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  });
  scep::Settings settings;
  settings.url = server.url();
  scep::HttpTransport transport(settings);
  CHECK(transport.post(server.url("/scep?operation=PKIOperation"), Bytes{'a', 'b', 'c'}).status == 200);
  const auto requests = server.requests();
  REQUIRE(requests.size() == 1);
  CHECK(requests[0].starts_with("POST /scep?operation=PKIOperation HTTP/1.1\r\n"));
  CHECK(requests[0].find("\r\nContent-Type: application/x-pki-message\r\n") != std::string::npos);
  CHECK(requests[0].ends_with("\r\n\r\nabc"));
}

TEST_CASE("a query is never pending: a CA that says so is not polled", "[SCEP-179]") {
  ScriptedCa ca = ScriptedCa::single();
  TestHost host;
  Credential current;
  const crypto::Csr csr = crypto::Csr::from_der(crypto::build_csr({{{"CN", "x", false}}, {}, {}, {}}, rsa_key(30), {}));
  current.certificate_pem = ca.issue_for(csr).to_pem();
  EnrollRequest request;
  request.current = &current;
  request.current_key = rsa_key(30).get();
  ca.script = {ca.pending()};
  try {
    (void)scep::look_up_certificate(settings_without_challenge(ca), ca, "01", request, host);
    FAIL("answered");
  } catch (const Failure& failure) {
    CHECK(failure.error().code == "rejected");
    CHECK(failure.error().message.find("PENDING") != std::string::npos);
  }
  CHECK(ca.seen.size() == 1);
}
