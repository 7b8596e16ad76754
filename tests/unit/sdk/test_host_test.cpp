// The host that tests of plugins stand on does what the engine's does.
#include <catch2/catch.hpp>

#include "tests/contract/test_host.hpp"

using namespace certctl;
using contract::Scratch;
using contract::TestHost;

TEST_CASE("a command gets the environment of scripts and nothing else") {
  TestHost host;
  host.state().profile = "ipsec";
  Credential credential;
  credential.directory = "/store/generation";
  credential.certificate_pem = "certificate\n";
  const Command command{true, {"env; cat \"$CERTCTL_EVENT_DIR/cert.pem\""}};
  const CommandOutcome with = host.run(command, &credential, std::chrono::seconds{20}).value();
  CHECK(with.succeeded());
  for (const char* part : {"CERTCTL_PROFILE=ipsec", "CERTCTL_GENERATION_DIR=/store/generation", "certificate",
                           "CERTCTL_KEY=/store/generation/key", "PATH=/opt/scepClient/bin:"}) {
    CHECK_THAT(with.output, Catch::Contains(part));
  }
  const CommandOutcome without = host.run(command, nullptr, std::chrono::seconds{20}).value();
  CHECK(without.exit_status == 1);  // no cert.pem of a run before
  CHECK(without.output.find("CERTCTL_CERT") == std::string::npos);
  REQUIRE(host.state().calls.size() == 2);
  CHECK(host.state().calls[0].with_credential);
  CHECK_FALSE(host.state().calls[1].with_credential);
}

TEST_CASE("how a command ended is told, and a script can play it") {
  TestHost host;
  CHECK(host.run({true, {"exit 3"}}, nullptr, std::chrono::seconds{20}).value().exit_status == 3);
  CHECK(host.run({true, {"sleep 60"}}, nullptr, std::chrono::seconds{1}).value().timed_out);
  const CommandOutcome reported =
      host.run({true, {"echo no > \"$CERTCTL_EVENT_DIR/failed\""}}, nullptr, std::chrono::seconds{20}).value();
  CHECK(reported.reported_failure);
  CHECK_FALSE(reported.succeeded());
  CHECK_FALSE(host.run({false, {"/nonexistent/program"}}, nullptr, std::chrono::seconds{20}).ok());
  host.state().script = [](const contract::CommandCall& call) {
    CommandOutcome outcome;
    outcome.exit_status = call.command.arguments.front() == "good" ? 0 : 9;
    return outcome;
  };
  CHECK(host.run({true, {"good"}}, nullptr, {}).value().succeeded());
  CHECK(host.run({true, {"bad"}}, nullptr, {}).value().exit_status == 9);
}

TEST_CASE("secrets are read like the engine reads them, and the log is kept") {
  TestHost host;
  const std::string file = host.state().scratch.write("secret", "text\n\n").string();
  CHECK(host.read_secret({file, Secret()}).value().reveal() == "text\n");
  CHECK(host.read_secret({"", Secret("inline")}).value().reveal() == "inline");
  CHECK(host.read_secret({file + ".absent", Secret()}).error().code == "secret-unreadable");
  host.log(LogLevel::warning, "careful");
  CHECK(host.state().logged("careful"));
  CHECK_FALSE(host.state().logged("careless"));
}

TEST_CASE("a checkpoint is kept unless the test refuses it") {
  contract::TestEnrollHost host;
  CHECK(host.checkpoint("token", Checkpoint::about_to_send, "T1").ok());
  host.on_checkpoint = [](const auto&) -> Result<void> { return Error{"disk-full", "no space", "", {}, {}}; };
  CHECK(host.checkpoint("second", Checkpoint::awaiting, "T1").error().code == "disk-full");
  REQUIRE(host.checkpoints.size() == 1);
  CHECK(host.checkpoints[0].token == "token");
}
