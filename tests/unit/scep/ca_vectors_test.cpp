// GetCACert, GetNextCACert and GetCACaps replies of foreign servers.
#include "enrollers/scep/protocol/ca_certificates.hpp"
#include "enrollers/scep/protocol/capabilities.hpp"
#include "enrollers/scep/protocol/query.hpp"
#include "tests/unit/scep/vector.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdio>

using namespace certctl;
using namespace scep_test;

namespace {

std::vector<std::string> fingerprints(const std::vector<crypto::Certificate>& set) {
  std::vector<std::string> all;
  for (const crypto::Certificate& certificate : set) all.push_back(sha256_hex(certificate.der()));
  std::sort(all.begin(), all.end());
  return all;
}

std::vector<std::string> expected_fingerprints(const Vector& vector) {
  auto all = vector.json["expected"]["certificates"].get<std::vector<std::string>>();
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace

TEST_CASE("GetCACert replies of foreign servers: all certificates, and each role", "[SCEP-153][SCEP-154]") {
  int count = 0;
  for (const Vector& vector : vectors_of("reply", "GetCACert")) {
    INFO(vector.name());
    const std::vector<crypto::Certificate> set = scep::parse_ca_certificates(vector.file("message"));
    CHECK(fingerprints(set) == expected_fingerprints(vector));
    const auto& expected = vector.json["expected"];
    if (expected.contains("encryption_cert")) {
      std::vector<crypto::Certificate> order = set;
      const auto by_place = [](const auto& a, const auto& b) { return a.der() < b.der(); };
      std::sort(order.begin(), order.end(), by_place);
      do {
        const auto recipient = scep::choose_recipient(order, vector.valid_at());
        REQUIRE(recipient);
        const std::string file = expected["encryption_cert"];
        CHECK(recipient->der() == vector.certificate(file == "ca.pem" ? "ca_cert" : "ra_encryption_cert").der());
        const auto issuing = scep::find_issuing_ca(order, vector.valid_at());
        if (expected.contains("issuing_ca") && !expected["issuing_ca"].is_null()) {
          REQUIRE(issuing);
          CHECK(issuing->der() == vector.certificate("ca_cert").der());
        }
      } while (std::next_permutation(order.begin(), order.end(), by_place));
    }
    ++count;
  }
  std::printf("GetCACert replies: %d\n", count);
  CHECK(count == 8);
}

TEST_CASE("GetCACert: the bytes decide, in every wrapping", "[SCEP-009][SCEP-151][SCEP-152]") {
  for (const Vector& vector : vectors_of("reply", "GetCACert")) {
    INFO(vector.name());
    const auto set = scep::parse_ca_certificates(vector.file("message"));
    const scep::CaBody printed = scep::print_ca_certificates(set);
    CHECK(fingerprints(scep::parse_ca_certificates(printed.body)) == expected_fingerprints(vector));
    CHECK(printed.content_type == (set.size() == 1 ? scep::kContentTypeCaCert : scep::kContentTypeCaRaCert));
    std::string pem;
    for (const auto& certificate : set) pem += certificate.to_pem();
    CHECK(fingerprints(scep::parse_ca_certificates(Bytes(pem.begin(), pem.end()))) == expected_fingerprints(vector));
    Bytes trailing = vector.file("message");
    trailing.push_back(0);
    CHECK_THROWS_AS(scep::parse_ca_certificates(trailing), Failure);
  }
}

TEST_CASE("GetCACert: what is no certificate is refused with a reason") {
  const auto message_of = [](const std::string& body) {
    try {
      scep::parse_ca_certificates(Bytes(body.begin(), body.end()));
    } catch (const Failure& failure) {
      return failure.error().message;
    }
    return std::string();
  };
  CHECK(message_of("\r\n <!DOCTYPE html><html><body>Sign in</body></html>").find("web page") != std::string::npos);
  CHECK_FALSE(message_of("").empty());
  CHECK_FALSE(message_of("Internal Server Error").empty());
  CHECK_FALSE(message_of("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").empty());
}

TEST_CASE("GetNextCACert of a foreign server verifies with the current CA only", "[SCEP-162]") {
  int count = 0;
  for (const Vector& vector : vectors_of("reply", "GetNextCACert")) {
    if (vector.text("form").empty()) continue;  // plain HTTP errors
    INFO(vector.name());
    const std::vector<crypto::Certificate> current{vector.certificate("ca_cert")};
    CHECK(fingerprints(scep::parse_next_ca_certificates(vector.file("message"), current)) ==
          expected_fingerprints(vector));
    const std::vector<crypto::Certificate> nobody;
    CHECK_THROWS_AS(scep::parse_next_ca_certificates(vector.file("message"), nobody), Failure);
    ++count;
  }
  CHECK(count == 1);
}

TEST_CASE("GetNextCACert in the form of the RFC is read back", "[SCEP-161]") {
  const Vector vector = vectors_of("reply", "GetNextCACert").front();
  const Vector& with_key = *[&] {
    static std::vector<Vector> all = vectors_of("reply", "GetNextCACert");
    return std::find_if(all.begin(), all.end(), [](const Vector& v) { return v.has_file("ca_key"); });
  }();
  const std::vector<crypto::Certificate> current{with_key.certificate("ca_cert")};
  const crypto::Key key = with_key.key("ca_key");
  const auto next = scep::parse_next_ca_certificates(with_key.file("message"), current);
  const Bytes printed = scep::print_next_ca_certificates(next, current[0], key.get(), with_key.valid_at());
  CHECK(fingerprints(scep::parse_next_ca_certificates(printed, current)) == fingerprints(next));
}

TEST_CASE("GetCACaps of foreign servers", "[SCEP-039]") {
  int count = 0;
  for (const Vector& vector : vectors_of("reply", "GetCACaps")) {
    INFO(vector.name());
    const std::string body = vector.file_text("message");
    const scep::Capabilities known = scep::parse_capabilities(body);
    CHECK(known.words == vector.json["expected"]["capabilities"].get<std::vector<std::string>>());
    ++count;
  }
  std::printf("GetCACaps replies: %d\n", count);
  CHECK(count == 6);
}
