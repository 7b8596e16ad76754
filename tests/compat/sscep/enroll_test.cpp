// enroll: what is sent, what is believed, what is written.
#include "tests/compat/sscep/site.hpp"

#include "framework/compat/sscep/transaction_id.hpp"
#include "framework/crypto/digest.hpp"
#include "framework/crypto/random.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <regex>

using namespace sscep_test;

namespace {

std::string classic_id(const crypto::Key& key) {
  return crypto::hex_text(crypto::digest("MD5", key.spki_der()));
}

}  // namespace

TEST_CASE("an enrollment: lines, file, transaction ID", "[SCEP-005][SCEP-010]") {
  const Site site;
  const Outcome outcome = site.enroll("", {"-L", "self.pem"});
  CHECK(outcome.code == 0);
  CHECK(outcome.err.empty());
  const std::string id = classic_id(key_number(1));
  CHECK(outcome.says("selfsigned certificate written as self.pem"));
  CHECK(outcome.says("sending certificate request"));
  CHECK(outcome.says("valid response from server"));
  CHECK(outcome.says("reply transaction id: " + id));
  CHECK(outcome.says("pkistatus: SUCCESS"));
  CHECK(site.certificate("cert.pem").carries(key_number(1)));
  REQUIRE(responder().messages().size() == 1);
  const scep::ReceivedRequest request = *responder().messages()[0].request;
  CHECK(request.type == scep::MessageType::pkcs_req);
  CHECK(request.attributes.transaction_id == id);
  CHECK(std::regex_match(id, std::regex("[0-9A-F]{32,64}")));  // RT-28
  CHECK(request.cipher == crypto::ContentCipher::aes128_cbc);
  CHECK(request.digest == crypto::Digest::sha256);
  CHECK(responder().messages()[0].method == "POST");
}

TEST_CASE("without POSTPKIOperation the request goes into the URL", "[SCEP-133]") {
  const Site site;
  CHECK(site.enroll("caps=AES,SHA-256").code == 0);
  CHECK(responder().messages().at(0).method == "GET");
  CHECK(site.enroll("caps=SCEPStandard").code == 0);
  CHECK(responder().messages().at(0).method == "POST");
}

TEST_CASE("RT-10: without MD5 the transaction ID is made with SHA-256") {
  const Bytes spki = key_number(1).spki_der();
  CHECK(sscep::transaction_id_of(spki) == classic_id(key_number(1)));
  CHECK(sscep::transaction_id_of(spki, {}, "no such digest") == crypto::hex_text(crypto::sha256(spki)));
}

TEST_CASE("RT-11: a reply signed with SHA-1 is read with a warning, and not at all with --legacy deny") {
  const Site site;
  const Outcome read = site.enroll("digest=sha1");
  CHECK(read.code == 0);
  CHECK(read.warns("SHA-1"));
  const Outcome denied = site.enroll("digest=sha1", {"--legacy", "deny"});
  CHECK(denied.code == 97);
  CHECK(denied.warns("SHA-1"));
  CHECK(site.enroll("digest=md5").code == 97);
  CHECK(site.enroll("digest=md5", {"--legacy", "allow"}).code == 0);
}

TEST_CASE("RT-12: the algorithms of requests, and replies in DES") {
  const Site site;
  const auto sent = [&](const std::string& knobs, const Words& more = {}) {
    const Outcome outcome = site.enroll(knobs, more);
    INFO(outcome.err);
    REQUIRE(responder().messages().size() == 1);
    const scep::ReceivedRequest request = *responder().messages()[0].request;
    return std::string(crypto::name_of(request.cipher.value())) + " " + std::string(crypto::name_of(request.digest));
  };
  CHECK(sent("caps=none") == "3DES-CBC SHA-1");
  CHECK(sent("caps=SHA-256,SHA-512") == "3DES-CBC SHA-256");
  CHECK(sent("caps=AES,SHA-512") == "AES-128-CBC SHA-512");
  CHECK(sent("caps=AES,SHA-1") == "AES-128-CBC SHA-1");
  CHECK(sent("caps=none", {"-E", "aes256", "-S", "sha512"}) == "AES-256-CBC SHA-512");
  CHECK(sent("", {"-E", "aes192", "-S", "sha384"}) == "AES-192-CBC SHA-384");
  CHECK(sent("", {"-S", "sha224"}) == "AES-128-CBC SHA-224");
  // Naming an old algorithm is the permission.
  CHECK(sent("", {"-E", "des"}) == "DES-CBC SHA-256");
  CHECK(sent("", {"-E", "blowfish"}) == "Blowfish-CBC SHA-256");
  CHECK(sent("", {"-S", "md5"}) == "AES-128-CBC MD5");
  CHECK(sent("caps=DES,MD5", {"--legacy", "allow"}) == "DES-CBC MD5");
  // Never silently.
  CHECK(site.enroll("caps=DES,MD5").code == 97);
  CHECK(site.enroll("caps=none", {"--legacy", "deny"}).code == 97);
  CHECK(site.enroll("", {"-E", "des", "--legacy", "deny"}).code == 97);
  CHECK(responder().messages().empty());

  const Outcome des = site.enroll("cipher=des");
  CHECK(des.code == 0);
  CHECK(des.warns("DES-CBC"));
  CHECK(site.enroll("cipher=des", {"--legacy", "deny"}).code == 97);
}

TEST_CASE("RT-14: an HTTP error is shown, a SCEP reply is read whatever the status") {
  const Site site;
  const Outcome page = site.enroll("body=html/http=500");
  CHECK(page.code == 95);
  CHECK(page.warns("500"));
  CHECK(site.enroll("http=500").code == 0);
  const Outcome refused = site.enroll("http=400/status=2/fail=2");
  CHECK(refused.code == 72);
  for (const char* type : {"charset", "upper", "text", "none"})
    CHECK(site.enroll(std::string("type=") + type).code == 0);
}

TEST_CASE("RT-20, RT-21: what is inside of the messages", "[SCEP-091][SCEP-118][SCEP-175]") {
  Site site;
  site.write_set("pair", responder().set("pair"));
  const Outcome outcome = site.sscep({"enroll", "-u", responder().url("shape=pair/status=3,0/id=rt21"), "-c", "pair",
                                      "-k", "key.pem", "-r", "req.pem", "-l", "cert.pem", "-t", "0", "-T", "10"});
  // -t 0 polls at once.
  CHECK(outcome.code == 0);
  CHECK(outcome.says("requesting certificate (#1)"));
  REQUIRE(responder().messages().size() == 2);
  const scep::ReceivedRequest poll = *responder().messages()[1].request;
  CHECK(poll.type == scep::MessageType::cert_poll);
  REQUIRE(poll.poll);
  CHECK(poll.poll->issuer_der == responder().root().certificate.subject_der());  // the CA's name, not the RA's
  CHECK(poll.poll->subject_der == responder().messages()[0].request->csr->subject_der());
  CHECK(poll.attributes.transaction_id == responder().messages()[0].request->attributes.transaction_id);
  CHECK(poll.attributes.sender_nonce != responder().messages()[0].request->attributes.sender_nonce);
}

TEST_CASE("RT-24: the certificate is found by its key, wherever it stands", "[SCEP-112]") {
  const Site site;
  for (const char* content : {"leaf", "root-leaf", "leaf-root"}) {
    INFO(content);
    CHECK(site.enroll(std::string("content=") + content).code == 0);
    CHECK(site.certificate("cert.pem").carries(key_number(1)));
    CHECK(crypto::Certificate::all_from_pem(site.read("cert.pem")).size() == 1);  // never a chain
  }
  std::filesystem::remove(site.path("cert.pem"));
  const Outcome only_root = site.enroll("content=root");
  CHECK(only_root.code == 93);
  CHECK(only_root.warns("cannot find requested certificate"));
  CHECK(only_root.warns("CN=Root"));  // what came instead
  CHECK(site.enroll("content=none").code == 93);
  CHECK_FALSE(site.has("cert.pem"));
}

TEST_CASE("RT-25: SUCCESS without content", "[SCEP-063]") {
  const Site site;
  for (const char* content : {"empty", "zero-byte"}) {
    const Outcome outcome = site.enroll(std::string("content=") + content);
    CHECK(outcome.code == 97);
    CHECK(outcome.warns("SUCCESS without content"));
  }
  CHECK(site.enroll("content=empty", {"--compat", "empty-pending", "-n", "0"}).code == 3);
}

TEST_CASE("RT-26: content of a FAILURE is ignored") {
  const Site site;
  const Outcome outcome = site.enroll("status=2/fail=2/content=zero-byte");
  CHECK(outcome.code == 72);
  CHECK(outcome.err.empty());
}

TEST_CASE("the exit codes and texts of FAILURE", "[SCEP-089]") {
  const Site site;
  const std::vector<std::string> reasons{"Unrecognized or unsupported algorithm ident", "Integrity check failed",
                                         "Transaction not permitted or supported",
                                         "Message time field was not sufficiently close to the system time",
                                         "No certificate could be identified matching"};
  for (int i = 0; i < 5; ++i) {
    const Outcome outcome = site.enroll("status=2/text=Sorry/fail=" + std::to_string(i));
    CHECK(outcome.code == 70 + i);
    CHECK(outcome.says("pkistatus: FAILURE"));
    CHECK(outcome.says("reason: " + reasons[static_cast<std::size_t>(i)]));
    CHECK(outcome.says("the server says: Sorry"));
  }
  CHECK(site.enroll("status=2/fail=none").code == 97);
  CHECK(site.enroll("status=2/fail=9").code == 97);
  CHECK_FALSE(site.has("cert.pem"));
}

TEST_CASE("RT-30, RT-31: replies that answer something else are refused", "[SCEP-087][SCEP-093]") {
  const Site site;
  for (const char* knob : {"wrong=prefix", "wrong=transaction", "wrong=nonce", "omit=transaction", "omit=nonce",
                           "wrong=type", "wrong=status", "wrong=signature", "omit=digest", "signer=stranger"}) {
    INFO(knob);
    const Outcome outcome = site.enroll(knob);
    CHECK(outcome.code == 97);
    CHECK_FALSE(outcome.err.empty());
    CHECK_FALSE(outcome.says("pkistatus: SUCCESS"));
  }
  CHECK_FALSE(site.has("cert.pem"));
  CHECK(site.enroll("wrong=nonce", {"--compat", "nonce"}).code == 0);
  CHECK(site.enroll("omit=sender-nonce").code == 0);
  CHECK(site.enroll("omit=certificates").code == 0);
  CHECK(site.enroll("omit=signing-time").code == 0);
}

TEST_CASE("a CA that has renewed its certificate and kept its key is still known") {
  const Site site;
  CHECK(site.enroll("signer=renewed").code == 0);
}

TEST_CASE("RT-35: the self-signed certificate that signs the request", "[SCEP-011][SCEP-012]") {
  const Site site;
  CHECK(site.enroll("", {"-L", "self.pem"}).code == 0);
  const crypto::Certificate self = site.certificate("self.pem");
  CHECK(self.serial_octets().size() <= 20);
  CHECK(self.key_usage() == (crypto::kDigitalSignature | crypto::kKeyEncipherment));
  const auto now = std::chrono::system_clock::now();
  CHECK(self.not_before() < now);
  CHECK(self.not_after() > now + std::chrono::hours(29 * 24));
  CHECK(self.is_self_issued());
  CHECK(*responder().messages().at(0).request->signer == self);
}

TEST_CASE("RT-39: a target that cannot be written is found before anything is sent") {
  const Site site;
  const Outcome nowhere = site.sscep(
      {"enroll", "-u", responder().url(), "-c", "ca.pem", "-k", "key.pem", "-r", "req.pem", "-l", "missing/cert.pem"});
  CHECK(nowhere.code == 93);
  CHECK(nowhere.warns("missing/cert.pem: No such file or directory"));
  CHECK(responder().messages().empty());
  std::filesystem::create_directory(site.path("folder"));
  CHECK(
      site.sscep({"enroll", "-u", responder().url(), "-c", "ca.pem", "-k", "key.pem", "-r", "req.pem", "-l", "folder"})
          .code == 93);
  CHECK(responder().messages().empty());
  CHECK(site.enroll("", {"-L", "missing/self.pem"}).code == 1);
  CHECK(responder().messages().empty());
}

TEST_CASE("RT-41: a certificate for another key, or of another CA, is not taken") {
  const Site site;
  const Outcome foreign = site.enroll("content=foreign");
  CHECK(foreign.code == 93);
  CHECK_FALSE(site.has("cert.pem"));
  const Outcome stranger = site.enroll("content=stranger");
  CHECK(stranger.code == 97);
  CHECK(stranger.warns("Stranger"));
  CHECK_FALSE(site.has("cert.pem"));
  CHECK(site.enroll("content=stranger", {"--compat", "issued"}).code == 0);
  CHECK(site.has("cert.pem"));
}

TEST_CASE("files are replaced whole, keep their mode, and links and devices stay what they are") {
  const Site site;
  site.write("real.pem", "old");
  std::filesystem::permissions(site.path("real.pem"), std::filesystem::perms(0640));
  std::filesystem::create_symlink("real.pem", site.path("cert.pem"));
  CHECK(site.enroll("").code == 0);
  CHECK(std::filesystem::is_symlink(site.path("cert.pem")));
  CHECK(site.certificate("real.pem").carries(key_number(1)));
  CHECK(std::filesystem::status(site.path("real.pem")).permissions() == std::filesystem::perms(0640));
  CHECK(site.sscep({"enroll", "-u", responder().url(), "-c", "ca.pem", "-k", "key.pem", "-r", "req.pem", "-l",
                    "/dev/null"})
            .code == 0);
  CHECK(std::filesystem::is_character_file("/dev/null"));
  CHECK(site.sscep({"getca", "-u", responder().url(), "-c", "new.pem"}).code == 0);
  CHECK(std::filesystem::status(site.path("new.pem")).permissions() == std::filesystem::perms(0644));
}

TEST_CASE("-m writes the request and sends nothing") {
  const Site site;
  const Outcome outcome = site.enroll("", {"-m", "message.pem"});
  CHECK(outcome.code == 0);
  CHECK(site.read("message.pem").starts_with("-----BEGIN PKCS7-----"));
  CHECK(responder().messages().empty());
  CHECK_FALSE(site.has("cert.pem"));
  CHECK(site.enroll("", {"-m", "missing/message.pem"}).code == 93);
}

TEST_CASE("--chain writes what is above the certificate") {
  Site site;
  site.write_set("chain", responder().set("chain"));
  CHECK(site.sscep({"enroll", "-u", responder().url("shape=chain"), "-c", "chain", "-k", "key.pem", "-r", "req.pem",
                    "-l", "cert.pem", "--chain", "above.pem"})
            .code == 0);
  CHECK(site.certificate("above.pem") == responder().lower().certificate);
}
