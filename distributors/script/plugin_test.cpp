#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/contract/credentials.hpp"
#include "tests/contract/distributor_suite.hpp"
#include "tests/contract/instance.hpp"
#include "tests/contract/test_host.hpp"

using namespace certctl;
using namespace certctl::contract;

namespace {

// A generation as a store has it: a directory with links `crt` and `key`.
Credential stored(const Scratch& scratch, const std::string& name, int number) {
  Credential credential = test_credential(name);
  credential.generation = number;
  scratch.write(name + "/crt", credential.certificate_pem, 0644);
  scratch.write(name + "/key", credential.key.pem.reveal(), 0600);
  credential.directory = (scratch.path() / name).string();
  return credential;
}

Options options_of(const std::string& shell, const std::string& undo = "same",
                   std::chrono::seconds timeout = std::chrono::seconds{10}) {
  Options options;
  options.set("run", Command{true, {shell}});
  options.set("undo", undo);
  options.set("timeout", timeout);
  return options;
}

std::string code_and_message(const Error& error) {
  return error.code + ": " + error.message;
}

}  // namespace

TEST_CASE("the distributor script keeps the promises of a distributor") {
  const Scratch generations;
  const Scratch target;
  const std::string place = (target.path() / "service").string();
  DistributorSubject subject;
  subject.make = linked<DistributorApi>("script");
  subject.options = [&] {
    return options_of("umask 077; test -d " + place + " && cat \"$CERTCTL_CERT\" \"$CERTCTL_KEY\" >" + place + "/pair");
  };
  subject.old_credential = stored(generations, "one", 1);
  subject.new_credential = stored(generations, "two", 2);
  subject.reset = [&] {
    std::filesystem::remove_all(place);
    target.write("service/pair", subject.old_credential.certificate_pem + subject.old_credential.key.pem.reveal(),
                 0600);
  };
  subject.snapshot = [&] { return snapshot_of(target.path()); };
  subject.restores = false;
  subject.looks = false;
  subject.checks_credentials = false;
  distributor_suite(subject);
}

TEST_CASE("the script gets the generation that is delivered, and to go back the one before") {
  const Scratch scratch;
  const Credential old = stored(scratch, "one", 1);
  const Credential next = stored(scratch, "two", 2);
  const std::string seen = (scratch.path() / "seen").string();
  TestHost host;
  auto plugin = instance<DistributorApi>("script", options_of("echo \"$CERTCTL_GENERATION_DIR\" >>" + seen), host);
  const Secret token = plugin->prepare(next, &old).value();
  CHECK_FALSE(std::filesystem::exists(seen));
  REQUIRE(plugin->install(next, token).ok());
  REQUIRE(plugin->undo(token).ok());
  CHECK(Scratch::read(seen) == next.directory + "\n" + old.directory + "\n");
}

TEST_CASE("the undo token holds no private key") {
  const Scratch scratch;
  const Credential old = stored(scratch, "one", 1);
  TestHost host;
  auto plugin = instance<DistributorApi>("script", options_of("true"), host);
  CHECK(plugin->prepare(old, &old).value().reveal().find("PRIVATE KEY") == std::string::npos);
}

TEST_CASE("a script that fails says how, and what it said") {
  const Scratch scratch;
  const Credential next = stored(scratch, "two", 2);
  const auto failure = [&](const std::string& script, std::chrono::seconds timeout = std::chrono::seconds{10}) {
    TestHost host;
    auto plugin = instance<DistributorApi>("script", options_of(script, "same", timeout), host);
    const auto result = plugin->install(next, plugin->prepare(next, nullptr).value());
    REQUIRE_FALSE(result.ok());
    CHECK_FALSE(result.error().hint.empty());
    return code_and_message(result.error());
  };
  CHECK(failure("echo no route to switch; exit 7").find("exit status 7") != std::string::npos);
  CHECK(failure("echo no route to switch; exit 7").find("no route to switch") != std::string::npos);
  CHECK(failure("kill -9 $$").find("signal 9") != std::string::npos);
  CHECK(failure("sleep 60", std::chrono::seconds{1}).find("not finished within 1 s") != std::string::npos);
  CHECK(failure("deliver --password=secret; exit 1").find("secret") == std::string::npos);
}

TEST_CASE("a certctl tool that reports a failure fails the delivery, whatever the exit status") {
  const Scratch scratch;
  const Credential next = stored(scratch, "two", 2);
  TestHost host;
  host.state().script = [](const CommandCall&) {
    CommandOutcome outcome;
    outcome.exit_status = 0;
    outcome.reported_failure = true;
    return outcome;
  };
  auto plugin = instance<DistributorApi>("script", options_of("old-script"), host);
  const auto result = plugin->install(next, plugin->prepare(next, nullptr).value());
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().message.find("reported a failure") != std::string::npos);
}

TEST_CASE("what cannot go back says so by its code") {
  const Scratch scratch;
  const Credential old = stored(scratch, "one", 1);
  TestHost host;
  auto never = instance<DistributorApi>("script", options_of("true", "none"), host);
  CHECK(never->undo(never->prepare(old, &old).value()).error().code == "undo-impossible");
  auto first = instance<DistributorApi>("script", options_of("true"), host);
  CHECK(first->undo(first->prepare(old, nullptr).value()).error().code == "undo-impossible");
  CHECK(first->undo(Secret("garbage")).error().code == "undo-token-damaged");
}

TEST_CASE("options that make no sense are refused") {
  TestHost host;
  CHECK_THROWS_AS(instance<DistributorApi>("script", options_of(""), host), Failure);
  CHECK_THROWS_AS(instance<DistributorApi>("script", options_of("true", "same", std::chrono::seconds{0}), host),
                  Failure);
}
