// getcert and getcrl; which certificate of a set does what.
#include "tests/compat/sscep/site.hpp"

#include "framework/compat/sscep/serial_number.hpp"
#include "framework/compat/sscep/stop.hpp"

#include <catch2/catch.hpp>

using namespace sscep_test;

namespace {

// cert.pem: of the responder's CA for key.pem.
void enroll_first(Site& site) {
  REQUIRE(site.enroll("").code == 0);
}

Outcome look_up(const Site& site, const std::string& operation, const std::string& knobs, const Words& more,
                const std::string& ca = "ca.pem") {
  return site.sscep(
      Words{operation, "-u", responder().url(knobs), "-c", ca, "-k", "key.pem", "-l", "cert.pem", "-w", "out.pem"} +
      more);
}

scep::IssuerAndSerial wanted() {
  return responder().messages().at(0).request->wanted.value();
}

}  // namespace

TEST_CASE("RT-20: getcert asks for issuer and serial number, and takes the certificate with that number only",
          "[SCEP-120][SCEP-179][SCEP-180]") {
  Site site;
  enroll_first(site);
  const crypto::Certificate own = site.certificate("cert.pem");
  const Outcome outcome = look_up(site, "getcert", "", {"-s", "0x" + own.serial()});
  CHECK(outcome.code == 0);
  CHECK(outcome.says("requesting certificate"));
  CHECK(wanted().issuer_der == responder().root().certificate.subject_der());
  CHECK(wanted().serial == own.serial_octets());
  CHECK(responder().messages()[0].request->type == scep::MessageType::get_cert);
  CHECK(site.certificate("out.pem") == own);
  const Outcome other = look_up(site, "getcert", "", {"-s", "77"});
  CHECK(other.code == 93);
  CHECK(other.warns("cannot find requested certificate"));
  CHECK(look_up(site, "getcert", "status=3", {"-s", "77"}).code == 3);  // no polling
  CHECK(responder().messages().size() == 1);
  CHECK(look_up(site, "getcert", "status=2/fail=4", {"-s", "77"}).code == 74);
}

TEST_CASE("getcrl asks for the certificate of -l, and writes the list", "[SCEP-120]") {
  Site site;
  enroll_first(site);
  const crypto::Certificate own = site.certificate("cert.pem");
  const Outcome outcome = look_up(site, "getcrl", "", {});
  CHECK(outcome.code == 0);
  CHECK(outcome.says("requesting crl"));
  CHECK(outcome.says("CRL written as out.pem"));
  CHECK(site.read("out.pem").starts_with("-----BEGIN X509 CRL-----"));
  CHECK(wanted().issuer_der == own.issuer_der());
  CHECK(wanted().serial == own.serial_octets());
  CHECK(look_up(site, "getcrl", "", {"-s", "1a2b"}).code == 0);
  CHECK(wanted().serial == Bytes{0x1A, 0x2B});
  CHECK(look_up(site, "getcrl", "content=no-crl", {}).code == 93);
  CHECK(look_up(site, "getcrl", "", {"--compat", "crl-names"}).code == 0);
  CHECK(wanted().serial == responder().root().certificate.serial_octets());
}

TEST_CASE("RT-18: a set's encryption RA is the recipient; getcrl asks the issuer of -l") {
  Site site;
  enroll_first(site);
  site.write_set("pair", responder().set("pair"));
  CHECK(look_up(site, "getcrl", "shape=pair", {}, "pair").code == 0);  // it could be read: encrypted to the right RA
  CHECK(wanted().issuer_der == responder().root().certificate.subject_der());
}

TEST_CASE("RT-19: -O alone is fine for getcert and getcrl") {
  Site site;
  enroll_first(site);
  site.write("lower.pem", responder().lower().certificate.to_pem());
  CHECK(look_up(site, "getcrl", "", {"-O", "lower.pem"}).code == 0);
  CHECK(wanted().issuer_der == responder().lower().certificate.issuer_der());
  CHECK(wanted().serial == responder().lower().certificate.serial_octets());
  (void)look_up(site, "getcert", "", {"-O", "lower.pem", "-s", "5"});
  CHECK(wanted().issuer_der == responder().lower().certificate.subject_der());
  CHECK(look_up(site, "getcrl", "", {"-K", "key.pem"}).code == 93);
}

TEST_CASE("RT-17: recipient and verifier are right in every order of the set", "[SCEP-154]") {
  Site site;
  for (const std::string shape : {"pair", "ra", "chain"}) {
    for (int order = 0; order < (shape == "pair" ? 6 : 2); ++order) {
      INFO(shape << " " << order);
      const std::string knobs = "shape=" + shape + "/order=" + std::to_string(order);
      const std::string base = shape + std::to_string(order);
      REQUIRE(site.sscep({"getca", "-u", responder().url(knobs), "-c", base}).code == 0);
      const Outcome outcome = site.sscep(
          {"enroll", "-u", responder().url(knobs), "-c", base, "-k", "key.pem", "-r", "req.pem", "-l", "cert.pem"});
      INFO(outcome.err);
      CHECK(outcome.code == 0);
    }
  }
}

TEST_CASE("RT-44: -e is honoured with one file and with a set; a missing one is an error") {
  Site site;
  const auto pair = responder().set("pair");
  site.write("sign.pem", pair[0].to_pem());
  site.write("encrypt.pem", pair[1].to_pem());
  const auto enroll = [&](const std::string& ca, const std::string& encryption) {
    return site.sscep({"enroll", "-u", responder().url("shape=pair"), "-c", ca, "-e", encryption, "-k", "key.pem", "-r",
                       "req.pem", "-l", "cert.pem"});
  };
  CHECK(enroll("sign.pem", "encrypt.pem").code == 0);
  site.write_set("set", {pair[0], pair[2]});
  CHECK(enroll("set", "encrypt.pem").code == 0);
  CHECK(enroll("set", "missing.pem").code == 93);
}

TEST_CASE("RT-44: serial numbers mean what they say") {
  const auto value = [](const char* text) { return certctl::sscep::parse_serial(text); };
  CHECK(value("1A:2B") == Bytes{0x1A, 0x2B});
  CHECK(value("1a2b") == Bytes{0x1A, 0x2B});
  CHECK(value("1A2B") == Bytes{0x1A, 0x2B});
  CHECK(value("0x10") == Bytes{0x10});
  CHECK(value("6699") == Bytes{0x1A, 0x2B});
  CHECK(value("255") == Bytes{0x00, 0xFF});
  CHECK(value("-1") == Bytes{0xFF});
  CHECK(value("-128") == Bytes{0x80});
  CHECK(value("-129") == Bytes{0xFF, 0x7F});
  CHECK(value("0") == Bytes{0x00});
  CHECK(value("340282366920938463463374607431768211455").size() == 17);
  for (const char* bad : {"", "12zz", "zz", "-", "0x", "1 2", "1.5"}) {
    INFO(bad);
    CHECK_THROWS_AS(value(bad), certctl::sscep::Stop);
  }
  Site site;
  enroll_first(site);
  CHECK(look_up(site, "getcert", "", {"-s", "12zz"}).code == 91);
}

TEST_CASE("RT-9: EC keys: a CA without an RSA key, and a request with an EC key", "[SCEP-070][SCEP-101]") {
  Site site;
  site.write("ec-ca.pem", responder().set("ec")[0].to_pem());
  site.write_request(key_number(1), "key.pem", "plain.pem", "");
  const Outcome outcome = site.sscep({"enroll", "-u", responder().url("shape=ec"), "-c", "ec-ca.pem", "-k", "key.pem",
                                      "-r", "plain.pem", "-l", "cert.pem"});
  CHECK(outcome.code == 97);
  CHECK(outcome.warns("no RSA key"));
  site.write_request(ec_key(), "ec-key.pem", "ec-req.pem");
  CHECK(site.sscep({"enroll", "-u", responder().url(), "-c", "ca.pem", "-k", "ec-key.pem", "-r", "ec-req.pem", "-l",
                    "ec-cert.pem"})
            .code == 0);
  CHECK(site.certificate("ec-cert.pem").carries(ec_key()));
}
