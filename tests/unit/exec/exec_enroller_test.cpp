#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "framework/crypto/csr.hpp"
#include "framework/crypto/key.hpp"
#include "framework/sdk/exec/exec_plugin.hpp"
#include "tests/contract/test_host.hpp"
#include "tests/unit/exec/shell_plugin.hpp"

namespace fs = std::filesystem;
using namespace certctl;
using namespace certctl::exec;
using namespace certctl::contract;
using test::credential_of;
using test::Shell;

namespace {

const char* kCertificate = "printf -- '-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----\\n'";

struct Request {
  Request() {
    static const crypto::Key made = crypto::Key::generate({KeyType::rsa, 2048, {}});
    key = made;
    request.wanted.subject = {{"CN", "router", false}, {"OU", "a=b", true}};
    request.wanted.alt_names = {{AltNameKind::dns, "one.example"}};
    request.wanted.usage = {"serverAuth"};
    request.key = key->get();
    request.memory = "last time";
  }
  std::optional<crypto::Key> key;
  EnrollRequest request;
};

}  // namespace

TEST_CASE("an enroller gets the request as data, as a CSR, and the key as a file") {
  TestEnrollHost host;
  const Shell shell(
      "enroller", "cp \"$(value csr_file)\" csr; cp \"$(value key_file)\" key; cp \"$(value memory_file)\" memory\n" +
                      std::string(kCertificate) + " > \"$(value out)/certificate.pem\"; " + kCertificate +
                      " > \"$(value out)/ca.pem\"; cp \"$(value out)/ca.pem\" \"$(value out)/anchors.pem\"\n"
                      "echo display=done; echo warning=careful; echo memory=this time; echo self_signed_request=true");
  const Request wanted;
  const Options options;
  const auto enroller = make_enroller(shell.plugin, options, host);
  CHECK_FALSE(enroller->supports(EnrollerPower::crl));
  CHECK(enroller->fetch_crl(wanted.request, host).error().code == "unsupported");
  const EnrollOutcome outcome = enroller->enroll(wanted.request, host).value();
  CHECK(outcome.state == EnrollState::issued);
  CHECK(outcome.certificate_pem == "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  CHECK(outcome.ca_set_pem.size() == 1);
  CHECK(outcome.anchors_pem.size() == 1);
  CHECK(outcome.self_signed_request);
  CHECK(outcome.display == "done");
  CHECK(outcome.warnings == std::vector<std::string>{"careful"});
  CHECK(outcome.memory == std::string("this time"));
  REQUIRE(host.checkpoints.size() == 1);
  CHECK(host.checkpoints[0].state == Checkpoint::about_to_send);

  const fs::path work = host.work_directory().value();
  const auto csr = crypto::Csr::from_pem(Scratch::read(work / "csr"));
  CHECK(csr.verify());
  CHECK(csr.public_key().same_public_key(*wanted.key));
  CHECK(crypto::Key::from_pem(Scratch::read(work / "key")).same_public_key(*wanted.key));
  CHECK(Scratch::read(work / "memory") == "last time");
  const std::string said = Scratch::read(work / "said");
  for (const char* line : {"\naction=enroll\n", "\nsubject=CN=router\nsubject=+OU=a=b\n", "\nsan=dns:one.example\n",
                           "\nusage=serverAuth\n", "\ncurrent=false\n"}) {
    CAPTURE(line);
    CHECK(said.find(line) != std::string::npos);
  }
  CHECK_FALSE(fs::exists(work / "call"));
}

TEST_CASE("a pending request keeps its token and its files until it is resumed") {
  TestEnrollHost host;
  const Shell shell(
      "enroller",
      "if [ \"$1\" = enroll ]; then echo kept > state; printf 'order 7' > \"$(value out)/token\"\n"
      "echo transaction_id=T7; echo poll_after=60; exit 10; fi\n"
      "cp \"$(value token_file)\" token; value reason > reason; [ -e state ] && echo message=denied && exit 20");
  const Request wanted;
  const Options options;
  const auto enroller = make_enroller(shell.plugin, options, host);
  const EnrollOutcome pending = enroller->enroll(wanted.request, host).value();
  CHECK(pending.state == EnrollState::pending);
  CHECK(pending.transaction_id == "T7");
  CHECK(pending.poll_after == std::chrono::seconds{60});
  REQUIRE(host.checkpoints.size() == 2);
  CHECK(host.checkpoints[1].state == Checkpoint::awaiting);
  CHECK(host.checkpoints[1].transaction_id == "T7");
  const EnrollOutcome rejected =
      enroller->resume(wanted.request, host.checkpoints[1].token, ResumeReason::last_poll, host).value();
  CHECK(rejected.state == EnrollState::rejected);
  CHECK(rejected.reason.message == "denied");
  CHECK(Scratch::read(host.work_directory().value() + "/token") == "order 7");
  CHECK(Scratch::read(host.work_directory().value() + "/reason") == "last_poll\n");
  CHECK(enroller->resume(wanted.request, "scep token", ResumeReason::pending, host).error().code == "bad-token");
}

TEST_CASE("a request is in doubt unless the executable says that nothing was sent") {
  const auto checkpoints = [](const std::string& body, bool can_checkpoint = true) {
    TestEnrollHost host;
    if (!can_checkpoint) {
      host.on_checkpoint = [](const auto&) -> Result<void> {
        return Error{"disk-full", "full", "", RetryClass::later, {}};
      };
    }
    const Shell shell("enroller", body);
    const Request wanted;
    const Options options;
    const auto result = make_enroller(shell.plugin, options, host)->enroll(wanted.request, host);
    CHECK_FALSE(result.ok());
    std::string states;
    for (const auto& checkpoint : host.checkpoints) states += std::to_string(static_cast<int>(checkpoint.state));
    return states + (fs::exists(host.work_directory().value() + "/said") ? " ran" : "");
  };
  CHECK(checkpoints("exit 1") == "0 ran");
  CHECK(checkpoints("echo sent=false; exit 30") == "01 ran");
  CHECK(checkpoints("echo sent=true; exit 30") == "0 ran");
  CHECK(checkpoints("kill -9 $$") == "0 ran");
  CHECK(checkpoints("exit 0") == "0 ran");  // issued, but no certificate
  CHECK(checkpoints("exit 0", false).empty());
}

TEST_CASE("the other powers of an enroller") {
  TestEnrollHost host;
  const Shell shell(
      "enroller",
      "case $1 in\nfetch_trust_anchors) " + std::string(kCertificate) +
          " > \"$(value out)/ca.pem\"; echo pin_problem=other; echo capability=AES;;\n"
          "fetch_next_anchors) cp \"$(value ca_file)\" \"$(value out)/next.pem\";;\n"
          "fetch_certificate) value wanted_serial > serial; " +
          kCertificate +
          " > \"$(value out)/certificate.pem\";;\nfetch_crl) printf '\\001\\000\\002' > \"$(value out)/crl.der\";;\n"
          "revoke) value reason > reason;;\nrenewal_window) echo from=2027-01-01T00:00:00Z; echo "
          "until=2027-01-02T00:00:00Z; echo ask_again=7200;;\nesac",
      "power=fetch_trust_anchors\\npower=fetch_next_anchors\\npower=fetch_certificate\\npower=fetch_crl\\npower="
      "revoke\\n"
      "power=renewal_window\\n");
  const Request wanted;
  const Options options;
  const auto enroller = make_enroller(shell.plugin, options, host);
  const auto anchors = enroller->fetch_trust_anchors({}, host).value();
  CHECK(anchors.ca_set_pem.size() == 1);
  CHECK(anchors.anchors_pem.empty());
  CHECK(anchors.pin_problem == "other");
  CHECK(anchors.capabilities == std::vector<std::string>{"AES"});
  CHECK(enroller->fetch_next_anchors(anchors.ca_set_pem, {}, host).value() == anchors.ca_set_pem);
  CHECK(enroller->fetch_certificate("0B", wanted.request, host).value() == anchors.ca_set_pem[0]);
  CHECK(Scratch::read(host.work_directory().value() + "/serial") == "0B\n");
  CHECK(enroller->fetch_crl(wanted.request, host).value() == Bytes{1, 0, 2});
  CHECK(enroller->revoke(wanted.request, 4, host).ok());
  CHECK(Scratch::read(host.work_directory().value() + "/reason") == "4\n");
  const auto window = enroller->renewal_window(credential_of("x"), host).value();
  CHECK(window.until - window.from == std::chrono::hours{24});
  CHECK(window.ask_again == std::chrono::hours{2});
}
