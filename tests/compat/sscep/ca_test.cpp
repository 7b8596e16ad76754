// getcaps, getca, getnextca.
#include "tests/compat/sscep/site.hpp"

#include <catch2/catch.hpp>

#include <filesystem>

using namespace sscep_test;

namespace {

Outcome get_ca(const Site& site, const std::string& knobs, const Words& more = {}) {
  return site.sscep(Words{"getca", "-u", responder().url(knobs), "-c", "out"} + more);
}

Outcome get_caps(const Site& site, const std::string& knobs) {
  return site.sscep({"getcaps", "-u", responder().url(knobs)});
}

}  // namespace

TEST_CASE("RT-1: no identifier is sent unless one is given", "[SCEP-150]") {
  const Site site;
  CHECK(get_ca(site, "ca-message=none").code == 0);
  CHECK(site.certificate("out") == responder().root().certificate);
  CHECK(get_ca(site, "ca-message=none", {"-i", ""}).code == 0);
  CHECK(get_ca(site, "ca-message=X", {"-i", "X"}).code == 0);
  const Outcome refused = get_ca(site, "ca-message=none", {"-i", "X"});
  CHECK(refused.code == 95);
  CHECK(refused.warns("HTTP 404"));
  CHECK(get_ca(site, "ca-message=CAIdentifier", {"--compat", "identifier"}).code == 0);
}

TEST_CASE("RT-2: GetCACaps names the CA only when an identifier is given", "[SCEP-034]") {
  const Site site;
  CHECK(get_ca(site, "", {"-i", "X"}).code == 0);
  REQUIRE(responder().seen().size() == 2);
  CHECK(responder().seen()[0].identifier == "X");
  CHECK(get_ca(site, "").code == 0);
  CHECK_FALSE(responder().seen()[0].identifier);
}

TEST_CASE("a successful getca prints nothing without -v, and all about the certificates with it") {
  const Site site;
  const Outcome quiet = get_ca(site, "shape=pair");
  CHECK(quiet.out.empty());
  CHECK(quiet.err.empty());
  const Outcome verbose = get_ca(site, "shape=pair", {"-v", "-F", "sha256"});
  CHECK(verbose.says("found certificate with"));
  CHECK(verbose.out.find("\n  subject: /O=Test/CN=RA signs\n") != std::string::npos);
  CHECK(verbose.out.find("\n  issuer: /O=Test/CN=Root\n") != std::string::npos);
  CHECK(verbose.out.find("\n  basic constraints: CA:TRUE\n") != std::string::npos);
  CHECK(verbose.out.find("\n  usage: Digital Signature\n") != std::string::npos);
  CHECK(verbose.says("certificate written as out-2"));
  CHECK(verbose.out.find("SHA256 fingerprint: ") != std::string::npos);
  CHECK(get_ca(site, "", {"-v"}).says("CA certificate written as out"));
}

TEST_CASE("a set is written in its order, and nothing under the bare name") {
  const Site site;
  CHECK(get_ca(site, "shape=pair/order=3").code == 0);
  const auto set = responder().set("pair");
  CHECK(site.certificate("out-0") == set[1]);
  CHECK(site.certificate("out-1") == set[2]);
  CHECK(site.certificate("out-2") == set[0]);
  CHECK_FALSE(site.has("out"));
  CHECK(get_ca(site, "shape=ra").code == 0);
  CHECK_FALSE(site.has("out-2"));  // of the longer set before
  CHECK(get_ca(site, "ca=set").code == 0);
  CHECK(site.has("out-0"));
  CHECK_FALSE(site.has("out-1"));
}

TEST_CASE("RT-14: an answer that is no SCEP is shown with its HTTP status") {
  const Site site;
  const Outcome gone = get_ca(site, "ca-body=html/ca-status=500/ca-type=html");
  CHECK(gone.code == 95);
  CHECK(gone.warns("error while sending message"));
  CHECK(gone.warns("HTTP 500"));
  const Outcome page = get_ca(site, "ca-body=html/ca-type=html");
  CHECK(page.code == 95);
  CHECK(page.warns("web page"));
  CHECK(get_ca(site, "ca-body=empty/ca-type=text").code == 95);
  CHECK(get_ca(site, "ca-body=garbage/ca-type=text").code == 95);
}

TEST_CASE("RT-15: types of GetCACert with parameters, in other case, or wrong", "[SCEP-047]") {
  const Site site;
  for (const char* type : {"charset", "blank", "upper", "text", "none"}) {
    INFO(type);
    CHECK(get_ca(site, std::string("ca-type=") + type).code == 0);
    CHECK(get_ca(site, std::string("shape=pair/ca-type=") + type).code == 0);
    CHECK(get_caps(site, std::string("caps-type=") + type).code == 0);
  }
}

TEST_CASE("RT-16: lists of capabilities as servers really send them", "[SCEP-036][SCEP-038][SCEP-039][SCEP-045]") {
  const Site site;
  const std::string line = "scep capabilities: AES, POSTPKIOperation, SHA-256";
  for (const char* style : {"crlf", "blanks", "lower", "long"}) {
    INFO(style);
    const Outcome outcome = get_caps(site, std::string("caps=SHA-256,POSTPKIOperation,AES/caps-line=") + style);
    CHECK(outcome.code == 0);
    CHECK(outcome.says(line));
    CHECK(outcome.warns("unknown capability X-Vendor-Capability-39") == (std::string(style) == "long"));
  }
  const Outcome none = get_caps(site, "caps=none");
  CHECK(none.code == 0);
  CHECK(none.says("scep capabilities: "));
  CHECK(get_caps(site, "caps-status=404").says("scep capabilities: "));
  CHECK(get_caps(site, "caps=SHA-224,SHA-1,DES3,GetNextCACert,SCEPStandard,SHA-384,SHA-512,Renewal")
            .says("scep capabilities: DES3, GetNextCACert, Renewal, SHA-1, SHA-224, SHA-384, SHA-512, SCEPStandard"));
}

TEST_CASE("RT-22: getca and getcaps send no message and end with 0") {
  const Site site;
  CHECK(get_ca(site, "").code == 0);
  CHECK(responder().messages().empty());
  CHECK(get_caps(site, "").code == 0);
  CHECK(responder().seen().size() == 1);
}

TEST_CASE("RT-32: the next CA is believed only when its announcement comes from a trusted root",
          "[SCEP-160][SCEP-162]") {
  const Site site;
  const auto next = [&](const std::string& knobs, const Words& more) {
    return site.sscep(Words{"getnextca", "-u", responder().url(knobs), "-c", "next", "-w", "signer"} + more);
  };
  site.write("stranger.pem", responder().stranger().certificate.to_pem());
  const Outcome wrong = next("next=1", {"-C", "stranger.pem"});
  CHECK(wrong.code == 97);
  CHECK_FALSE(site.has("next-0"));
  CHECK_FALSE(site.has("signer"));
  CHECK(next("next=1/signer=stranger", {"-C", "ca.pem"}).code == 97);
  CHECK_FALSE(site.has("next-0"));
  CHECK(next("next=1", {"-C", "missing.pem"}).code == 93);
  CHECK_FALSE(site.has("next-0"));

  const Outcome right = next("next=1", {"-C", "ca.pem"});
  CHECK(right.code == 0);
  CHECK(right.out.empty());
  CHECK(site.certificate("next-0") == responder().next().certificate);
  CHECK(site.certificate("signer") == responder().root().certificate);
  CHECK_FALSE(site.has("next"));

  const Outcome none = next("", {"-C", "ca.pem"});
  CHECK(none.code == 95);
  CHECK(none.warns("HTTP 404"));
  CHECK(next("next=1/signer=stranger", {"-C", "ca.pem", "--compat", "next-ca"}).code == 0);
}

TEST_CASE("RT-33: garbage instead of CA certificates is an error, not a crash") {
  const Site site;
  const Outcome garbage = get_ca(site, "ca-body=garbage");
  CHECK(garbage.code == 93);
  CHECK(get_ca(site, "ca-body=empty").code == 93);
  CHECK(get_ca(site, "shape=pair/ca-body=garbage").code == 93);
  CHECK_FALSE(site.has("out"));
  CHECK_FALSE(site.has("out-0"));
}

TEST_CASE("RT-36: chunked and truncated bodies, and servers that keep the connection open") {
  const Site site;
  CHECK(get_ca(site, "ca-body=chunked").code == 0);
  CHECK(get_ca(site, "shape=pair/ca-body=chunked").code == 0);
  const Outcome cut = get_ca(site, "ca-body=truncated");
  CHECK(cut.code == 95);
  const auto before = std::chrono::steady_clock::now();
  CHECK(get_ca(site, "ca-body=keep-alive").code == 0);
  CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds(20));
}

TEST_CASE("RT-38: a file that an earlier CA left behind does not hide the set") {
  const Site site;
  site.write("set", responder().stranger().certificate.to_pem());
  const Outcome fetched = site.sscep({"getca", "-u", responder().url("shape=pair"), "-c", "set"});
  CHECK(fetched.code == 0);
  // Yesterday's file.
  std::filesystem::last_write_time(site.path("set"),
                                   std::filesystem::file_time_type::clock::now() - std::chrono::hours(24));
  const Outcome outcome = site.sscep(
      {"enroll", "-u", responder().url("shape=pair"), "-c", "set", "-k", "key.pem", "-r", "req.pem", "-l", "cert.pem"});
  CHECK(outcome.code == 0);
  CHECK(outcome.warns("is older"));
  // The newer of both counts.
  site.write("set", responder().stranger().certificate.to_pem());
  CHECK(site.sscep({"enroll", "-u", responder().url("shape=pair"), "-c", "set", "-k", "key.pem", "-r", "req.pem", "-l",
                    "cert.pem"})
            .code != 0);
}

TEST_CASE("fingerprints are shown in the strongest digest that is announced", "[SCEP-006]") {
  const Site site;
  CHECK(get_ca(site, "caps=SHA-1", {"-v"}).out.find("SHA1 fingerprint: ") != std::string::npos);
  CHECK(get_ca(site, "caps=SHA-1,SHA-256", {"-v"}).out.find("SHA256 fingerprint: ") != std::string::npos);
  CHECK(get_ca(site, "caps=SHA-1,SHA-512", {"-v"}).out.find("SHA512 fingerprint: ") != std::string::npos);
  CHECK(get_ca(site, "caps=none", {"-v"}).out.find("SHA256 fingerprint: ") != std::string::npos);
  CHECK(get_ca(site, "", {"-v", "-F", "md5"}).out.find("MD5 fingerprint: ") != std::string::npos);
}
