// Command line, configuration file, order of checks, what is said.
#include "tests/compat/sscep/site.hpp"

#include "framework/compat/sscep/algorithm_names.hpp"
#include "framework/compat/sscep/configuration.hpp"
#include "framework/compat/sscep/stop.hpp"
#include "framework/sys/subprocess.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace sscep_test;
using certctl::sscep::Operation;
using certctl::sscep::operation_from;
using Parsed = certctl::sscep::Options;
using certctl::sscep::parse_command_line;

namespace {

Parsed parse(const Words& words) {
  return parse_command_line(Operation::enroll, words);
}

Parsed configured(Operation operation, const std::string& text, const Words& words = {}) {
  Parsed options = parse_command_line(operation, words);
  apply_configuration(crypto::ConfFile::parse(text, "test"), options, certctl::sscep::Console("test"));
  return options;
}

}  // namespace

TEST_CASE("operations are recognised by their beginning") {
  CHECK(operation_from("getca") == Operation::get_ca);
  CHECK(operation_from("getcacert") == Operation::get_ca);
  CHECK(operation_from("getcacaps") == Operation::get_ca);
  CHECK(operation_from("getcaps") == Operation::get_caps);
  CHECK(operation_from("enrollment") == Operation::enroll);
  CHECK(operation_from("getcert") == Operation::get_cert);
  CHECK(operation_from("getcrl") == Operation::get_crl);
  CHECK(operation_from("getnextca") == Operation::get_next_ca);
  CHECK_FALSE(operation_from("get"));
  CHECK_FALSE(operation_from(""));
}

TEST_CASE("options as getopt takes them") {
  const Parsed options =
      parse({"-vd", "-cca.pem", "stray", "-k", "key", "-M", "a=1", "-Mb=2", "-n", "1", "-n2", "-hH"});
  CHECK(options.verbose);
  CHECK(options.debug);
  CHECK(options.ca_file == "ca.pem");
  CHECK(options.key_file == "key");
  CHECK(options.monitor == "a=1&b=2");
  CHECK(options.polls == "2");
  CHECK(parse({"-vkfile"}).key_file == "file");
  CHECK(parse({"-d"}).verbose);
  CHECK(parse({"--chain=x", "--legacy", "deny"}).chain_file == "x");
  CHECK_FALSE(parse({"--", "-k", "x"}).key_file);
  // A value that looks like an option is a value.
  CHECK(parse({"-i", "-v"}).identifier == "-v");
  for (const Words& bad : {Words{"-x"}, Words{"-k"}, Words{"--nonsense"}, Words{"--c=x"}, Words{"--chain"}}) {
    CHECK_THROWS_AS(parse(bad), certctl::sscep::Stop);
  }
}

TEST_CASE("RT-40: usage: 0 for a bare call and for help, 1 for what is unknown") {
  const Site site;
  const auto run = [&](const Words& words) { return site.sscep(words); };
  CHECK(run({}).code == 0);
  CHECK(run({}).out.starts_with("usage: "));
  CHECK(run({"--help"}).code == 0);
  CHECK(run({"enroll", "--help"}).code == 0);
  CHECK(run({"--version"}).code == 0);
  const Outcome operation = run({"frobnicate"});
  CHECK(operation.code == 1);
  CHECK(operation.warns("unknown operation: frobnicate"));
  CHECK(operation.out.starts_with("usage: "));
  CHECK(run({"getca", "-x"}).code == 1);
  CHECK(run({"getca", "-u"}).code == 1);
  CHECK(run({"getca", "-x", "--compat=usage"}).code == 0);
  CHECK(run({"getca", "--compat", "nonsense", "-c", "x", "-u", "http://127.0.0.1/"}).code == 1);
  CHECK(run({"getca", "--legacy", "nonsense", "-c", "x", "-u", "http://127.0.0.1/"}).code == 1);
}

TEST_CASE("what an operation needs is named, in order") {
  const Site site;
  const auto missing = [&](const Words& words) {
    const Outcome outcome = site.sscep(words);
    CHECK(outcome.code == 1);
    CHECK(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1);
    return outcome.err.substr(outcome.err.find('(') + 1, 2);
  };
  CHECK(missing({"getca"}) == "-c");
  CHECK(missing({"getca", "-c", "x"}) == "-u");
  CHECK(missing({"getnextca", "-c", "x"}) == "-C");
  CHECK(missing({"enroll", "-c", "x"}) == "-k");
  CHECK(missing({"enroll", "-c", "x", "-k", "x"}) == "-r");
  CHECK(missing({"enroll", "-c", "x", "-k", "x", "-r", "x"}) == "-l");
  CHECK(missing({"getcert", "-c", "x", "-l", "x"}) == "-s");
  CHECK(missing({"getcert", "-c", "x", "-l", "x", "-s", "1"}) == "-w");
  CHECK(missing({"getcrl", "-c", "x", "-l", "x", "-w", "x"}) == "-k");
  CHECK(missing({"getcaps"}) == "-u");
}

TEST_CASE("names of algorithms are judged after GetCACaps, files after them") {
  const Site site;
  for (const Words& words : {Words{"-E", "rot13"}, Words{"-S", "crc32"}, Words{"-F", "x"}}) {
    const Outcome outcome = site.sscep(Words{"getca", "-u", responder().url(), "-c", "out"} + words);
    CHECK(outcome.code == 1);
    CHECK(outcome.warns("unknown"));
    CHECK(responder().seen().size() == 1);
    CHECK_FALSE(site.has("out"));
  }
  const std::string dead = "http://127.0.0.1:" + std::to_string(net::test::free_port()) + "/";
  CHECK(site.sscep({"enroll", "-u", dead, "-c", "missing", "-k", "missing", "-r", "missing", "-l", "x"}).code == 95);
}

TEST_CASE("RT-44: names of algorithms mean what they say") {
  using certctl::sscep::cipher_named;
  using certctl::sscep::digest_named;
  CHECK(cipher_named("des3") == crypto::ContentCipher::des3_cbc);
  CHECK(cipher_named("DES-EDE3-CBC") == crypto::ContentCipher::des3_cbc);
  CHECK(cipher_named("des") == crypto::ContentCipher::des_cbc);
  CHECK(cipher_named("aes") == crypto::ContentCipher::aes128_cbc);
  CHECK(cipher_named("AES-256-cbc") == crypto::ContentCipher::aes256_cbc);
  CHECK(digest_named("SHA-256", "-S") == crypto::Digest::sha256);
  CHECK_THROWS_AS(cipher_named("desx"), certctl::sscep::Stop);
  CHECK_THROWS_AS(cipher_named("aes128x"), certctl::sscep::Stop);
  CHECK_THROWS_AS(cipher_named(""), certctl::sscep::Stop);
  CHECK_THROWS_AS(digest_named("sha", "-S"), certctl::sscep::Stop);
}

TEST_CASE("RT-27: a file that cannot be opened is named with the reason") {
  Site site;
  const std::string here = responder().url();
  const auto enroll = [&](const std::string& ca, const std::string& key, const std::string& request) {
    return site.sscep({"enroll", "-u", here, "-c", ca, "-k", key, "-r", request, "-l", "cert.pem"});
  };
  Outcome outcome = enroll("nope", "key.pem", "req.pem");
  CHECK(outcome.code == 93);
  CHECK(outcome.warns("cannot open nope: No such file or directory"));
  outcome = enroll("ca.pem", "nope", "req.pem");
  CHECK(outcome.code == 93);
  CHECK(outcome.warns("cannot open nope: No such file or directory"));
  outcome = enroll("ca.pem", "key.pem", "nope");
  CHECK(outcome.code == 93);
  CHECK(outcome.warns("cannot open nope: No such file or directory"));
  CHECK(enroll("key.pem", "key.pem", "req.pem").code == 93);
  CHECK(enroll("ca.pem", "ca.pem", "req.pem").code == 93);
  CHECK(enroll("ca.pem", "key.pem", "ca.pem").code == 93);
  CHECK(enroll(".", "key.pem", "req.pem").code == 93);
  site.write_request(key_number(3), "other-key.pem", "other-req.pem");
  outcome = enroll("ca.pem", "other-key.pem", "req.pem");
  CHECK(outcome.code == 93);
  CHECK(outcome.warns("does not belong"));
  CHECK(responder().messages().empty());
}

TEST_CASE("input may be DER, and may come through a pipe") {
  const Site site;
  const auto binary = [](const Bytes& der) { return std::string(der.begin(), der.end()); };
  site.write("ca.der", binary(site.certificate("ca.pem").der()));
  site.write("req.der", binary(crypto::Csr::from_pem(site.read("req.pem")).der()));
  CHECK(site.sscep(
                {"enroll", "-u", responder().url(), "-c", "ca.der", "-k", "key.pem", "-r", "req.der", "-l", "cert.pem"})
            .code == 0);
  sys::ProcessRequest request;
  request.command = {true,
                     {"cat req.pem | " CERTCTL_BINARY_DIR "/bin/sscep enroll -u " + responder().url() +
                      " -c ca.pem -k key.pem -r /dev/stdin -l piped.pem"}};
  request.environment = {"PATH=/usr/bin:/bin"};
  request.directory = site.path(".");
  CHECK(sys::run_process(request).succeeded());
  CHECK(site.has("piped.pem"));
}

TEST_CASE("an encrypted key without a terminal is an error, not a wait") {
  const Site site;
  sys::ProcessRequest request;
  request.command = {true, {"openssl pkcs8 -topk8 -in key.pem -out locked.pem -passout pass:secret -v2 aes-128-cbc"}};
  request.environment = {"PATH=/usr/bin:/bin"};
  request.directory = site.path(".");
  REQUIRE(sys::run_process(request).succeeded());
  const Outcome outcome = site.sscep(
      {"enroll", "-u", responder().url(), "-c", "ca.pem", "-k", "locked.pem", "-r", "req.pem", "-l", "cert.pem"}, 20);
  CHECK(outcome.code == 93);
}

TEST_CASE("the configuration file fills what the command line does not give") {
  const std::string text =
      "[sscep]\nURL = http://a/\nCACertFile = ca\nCAIdentifier = general\nEncAlgorithm = 3des\nSigAlgorithm=sha1\n"
      "Proxy = p:1\nMonitorInformation = m=1\nVerbose = true\nDebug = no\n"
      "[sscep_getca]\nCAIdentifier = special\nFingerPrint = md5\n"
      "[sscep_enroll]\nPrivateKeyFile = \"my key\"\nCertReqFile=r\nSignKeyFile=K\nSignCertFile=O\nLocalCertFile=l\n"
      "EncCertFile=e\nSelfSignedFile=L\nPollInterval=7\nMaxPollTime=8\nMaxPollCount=9\nResume=yes\nUnknown=1\n"
      "[sscep_getcert]\nGetCertSerial=12\nGetCertFile=w\nPrivateKeyFile=k\nLocalCertFile=l\n"
      "[sscep_getcrl]\nGetCrlFile=crl\nPrivateKeyFile=k\nLocalCertFile=l\n"
      "[sscep_getnextca]\nChainRootCACertFile=C\nSignerCertificateFile=w\n";
  const Parsed enroll = configured(Operation::enroll, text, {"-k", "mine"});
  CHECK(enroll.url == "http://a/");
  CHECK(enroll.ca_file == "ca");
  CHECK(enroll.cipher == "3des");
  CHECK(enroll.digest == "sha1");
  CHECK(enroll.proxy == "p:1");
  CHECK(enroll.monitor == "m=1");
  CHECK(enroll.verbose);
  CHECK_FALSE(enroll.debug);
  CHECK(enroll.key_file == "mine");  // the command line counts
  CHECK(enroll.request_file == "r");
  CHECK(enroll.old_key_file == "K");
  CHECK(enroll.old_certificate_file == "O");
  CHECK(enroll.local_file == "l");
  CHECK(enroll.encryption_file == "e");
  CHECK(enroll.signer_file == "L");
  CHECK(enroll.interval == "7");
  CHECK(enroll.poll_time == "8");
  CHECK(enroll.polls == "9");
  CHECK(enroll.resume);
  CHECK(configured(Operation::enroll, text).key_file == "my key");
  const Parsed get_ca = configured(Operation::get_ca, text);
  CHECK(get_ca.identifier == "general");  // [sscep] is read first
  CHECK(get_ca.fingerprint == "md5");
  CHECK_FALSE(get_ca.key_file);
  const Parsed next = configured(Operation::get_next_ca, text);
  CHECK(next.anchors_file == "C");
  CHECK(next.output_file == "w");

  SECTION("RT-45: sections of other operations do not leak in, unless that is wanted") {
    const Parsed crl = configured(Operation::get_crl, text);
    CHECK(crl.output_file == "crl");
    CHECK_FALSE(crl.old_certificate_file);
    CHECK_FALSE(crl.serial);
    const Parsed old_crl = configured(Operation::get_crl, text, {"--compat", "sections"});
    CHECK(old_crl.old_certificate_file == "O");
    CHECK(old_crl.serial == "12");
    const Parsed cert = configured(Operation::get_cert, text);
    CHECK(cert.serial == "12");
    CHECK_FALSE(cert.old_certificate_file);
    CHECK(configured(Operation::get_cert, text, {"--compat", "sections"}).old_certificate_file == "O");
  }
  SECTION("RT-45: yes is yes") {
    for (const char* word : {"yes", "true", "TRUE", "on", "1", "truth"})
      CHECK(configured(Operation::enroll, std::string("[sscep_enroll]\nResume = ") + word + "\n").resume);
    for (const char* word : {"no", "false", "0", "off", "maybe"})
      CHECK_FALSE(configured(Operation::enroll, std::string("[sscep_enroll]\nResume = ") + word + "\n").resume);
  }
}

TEST_CASE("RT-13: with -f an error is one line about what is wrong") {
  const Site site;
  site.write("sscep.conf", "[sscep]\nURL = " + responder().url() + "\nCACertFile = ca.pem\n[sscep_enroll]\n" +
                               "PrivateKeyFile = bad.pem\nCertReqFile = req.pem\nLocalCertFile = cert.pem\n");
  site.write("bad.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
  const Outcome outcome = site.sscep({"enroll", "-f", "sscep.conf"});
  CHECK(outcome.code == 93);
  CHECK(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1);
  CHECK(outcome.warns("bad.pem"));
  const Outcome good = site.sscep({"enroll", "-f", "sscep.conf", "-k", "key.pem"});
  CHECK(good.code == 0);
  CHECK(good.err.empty());
  const Outcome caps = site.sscep({"getcaps", "-f", "sscep.conf"});
  CHECK(caps.code == 0);
  CHECK(caps.err.empty());
}

TEST_CASE("a configuration file that cannot be read ends with 93, before anything is sent") {
  const Site site;
  const Outcome missing = site.sscep({"getcaps", "-u", responder().url(), "-f", "nope.conf"});
  CHECK(missing.code == 93);
  CHECK(missing.warns("nope.conf: No such file or directory"));
  site.write("bad.conf", "[sscep]\nURL = http://a/\n[unfinished\n");
  const Outcome bad = site.sscep({"getcaps", "-u", responder().url(), "-f", "bad.conf"});
  CHECK(bad.code == 93);
  CHECK(bad.warns("bad.conf:3"));
  CHECK(responder().seen().empty());
}
