// The distributor "script" as the engine uses it, with commands that really run.
#include <catch2/catch.hpp>
#include <fstream>

#include "tests/contract/credentials.hpp"
#include "tests/contract/distributor_suite.hpp"

using namespace certctl;
using namespace certctl::contract;
namespace fs = std::filesystem;

namespace {

Options options_for(Command command, const std::string& undo = "same",
                    std::chrono::seconds timeout = std::chrono::seconds{60}) {
  return contract::options(CERTCTL_KIND_DISTRIBUTOR, "script",
                           {{"run", std::move(command)}, {"undo", undo}, {"timeout", timeout}});
}

Command shell(const std::string& text) {
  return {true, {text}};
}

// A generation's directory, as a store makes it.
Credential generation(const Scratch& scratch, const std::string& name, int number) {
  Credential made = test_credential(name);
  made.generation = number;
  const std::string directory = "store/" + std::to_string(number);
  scratch.write(directory + "/crt", made.certificate_pem);
  scratch.write(directory + "/key", made.key.pem.reveal());
  made.directory = (scratch.path() / directory).string();
  return made;
}

const std::string kDeliver =
    "test \"$(cat \"$CERTCTL_EVENT_DIR/cert.pem\")\" = \"$(cat \"$CERTCTL_CERT\")\" &&"
    " test \"$CERTCTL_KEY\" = \"$CERTCTL_GENERATION_DIR/key\" && cp \"$CERTCTL_CERT\" ";

struct Failing {
  Error error;
  explicit Failing(Command command, std::chrono::seconds timeout = std::chrono::seconds{60}) {
    const Scratch scratch;
    TestHost host;
    const Credential credential = generation(scratch, "two", 2);
    const auto plugin = instance<DistributorApi>("script", options_for(std::move(command), "same", timeout), host);
    const auto report = plugin->install(credential, plugin->prepare(credential, nullptr).value());
    REQUIRE_FALSE(report.ok());
    error = report.error();
    check_error(error);
  }
};

}  // namespace

TEST_CASE("script is a distributor") {
  const Scratch scratch;
  const fs::path target = scratch.path() / "target";
  DistributorSubject subject;
  subject.make = linked<DistributorApi>("script");
  subject.options = [&] { return options_for(shell(kDeliver + "'" + (target / "served").string() + "' # hunter2")); };
  subject.old_credential = generation(scratch, "one", 1);
  subject.new_credential = generation(scratch, "two", 2);
  subject.reset = [&] {
    fs::remove_all(target);
    scratch.write("target/served", subject.old_credential.certificate_pem);
  };
  subject.snapshot = [&] { return snapshot_of(target); };
  subject.change_neighbour = [&] { scratch.write("target/other", "x"); };
  subject.looks = false;
  subject.secret = "hunter2";
  distributor_suite(subject);
}

TEST_CASE("a command runs with the generation it is to deliver, and undo with the one before") {
  const Scratch scratch;
  TestHost host;
  std::vector<std::string> directories;
  host.state().script = [&](const CommandCall& call) {
    CHECK(call.command.arguments == std::vector<std::string>{"/opt/deliver", "a b"});
    CHECK_FALSE(call.command.shell);
    CHECK(call.timeout == std::chrono::seconds{5});
    directories.push_back(call.generation_directory);
    CommandOutcome outcome;
    outcome.exit_status = 0;
    return outcome;
  };
  const Credential one = generation(scratch, "one", 1), two = generation(scratch, "two", 2);
  const auto plugin = instance<DistributorApi>(
      "script", options_for({false, {"/opt/deliver", "a b"}}, "same", std::chrono::seconds{5}), host);
  const Secret token = plugin->prepare(two, &one).value();
  CHECK(token.reveal().find("PRIVATE") == std::string::npos);
  CHECK(plugin->install(two, token).value().changed);
  plugin->undo(token).value();
  CHECK(directories == std::vector<std::string>{two.directory, one.directory});
}

TEST_CASE("targets with the same command lock the same resource, which does not tell the command") {
  TestHost host;
  const auto resources = [&](Command command, const std::string& undo = "same") {
    const auto plugin = instance<DistributorApi>("script", options_for(std::move(command), undo), host);
    return plugin->inspect(nullptr).value().resources;
  };
  const auto first = resources(shell("deliver hunter2"));
  REQUIRE(first.size() == 1);
  CHECK(first[0].starts_with("script:"));
  CHECK(first[0].find("hunter2") == std::string::npos);
  CHECK(resources(shell("deliver hunter2"), "none") == first);
  CHECK(resources(shell("deliver hunter3")) != first);
  CHECK(resources({false, {"deliver hunter2"}}) != first);
  CHECK(resources({false, {"a", "b c"}}) != resources({false, {"a b", "c"}}));
}

TEST_CASE("undo that is impossible says so with its own code, and runs nothing") {
  const Scratch scratch;
  TestHost host;
  const Credential one = generation(scratch, "one", 1), two = generation(scratch, "two", 2);
  const auto undo_code = [&](const std::string& undo, const Credential* previous) {
    const auto plugin = instance<DistributorApi>("script", options_for(shell("true"), undo), host);
    const auto undone = plugin->undo(plugin->prepare(two, previous).value());
    REQUIRE_FALSE(undone.ok());
    CHECK(undone.error().retry == RetryClass::never);
    return code_of(undone);
  };
  CHECK(undo_code("none", &one) == "undo-impossible");
  CHECK(undo_code("same", nullptr) == "undo-impossible");
  Credential placeless = one;
  placeless.directory.clear();
  CHECK(undo_code("same", &placeless) == "undo-impossible");
  fs::remove_all(one.directory);
  CHECK(undo_code("same", &one) == "undo-impossible");
  CHECK(host.state().calls.empty());
}

TEST_CASE("whatever is not exit status 0 is a failed delivery, and says how it ended") {
  CHECK(Failing(shell("echo no route to host; exit 3")).error.message ==
        "script 'echo': exit status 3; it said: no route to host");
  CHECK(Failing(shell("kill -9 $$")).error.message.find("signal 9") != std::string::npos);
  CHECK(Failing(shell("sleep 30"), std::chrono::seconds{1}).error.message.find("not finished within 1 s") !=
        std::string::npos);
  CHECK(Failing(shell(": >\"$CERTCTL_EVENT_DIR/failed\"; exit 0")).error.message.find("reported a failure") !=
        std::string::npos);
  CHECK(Failing(Command{false, {"/no/such/command"}}).error.code == "command-not-started");
  CHECK(Failing(shell("exit 1")).error.retry == RetryClass::later);
}

TEST_CASE("output is made safe, and never shows a private key") {
  CHECK(Failing(shell("printf 'a\\033[31mb\\n'; exit 1")).error.message.find("a\\x1b[31mb") != std::string::npos);
  const std::string message = Failing(shell("cat \"$CERTCTL_KEY\"; exit 1")).error.message;
  CHECK(message.find("MII") == std::string::npos);
  CHECK(message.find("not shown") != std::string::npos);
  CHECK(Failing(shell("yes long line | head -c 100000; exit 1")).error.message.size() < 500);
}

TEST_CASE("options that make no sense are refused") {
  TestHost host;
  const auto refused = [&](Options options) {
    try {
      (void)instance<DistributorApi>("script", std::move(options), host);
    } catch (const Failure& failure) {
      check_error(failure.error());
      return failure.error().code;
    }
    return std::string();
  };
  CHECK(refused(options_for(Command{})) == "bad-option");
  CHECK(refused(options_for(shell(""))) == "bad-option");
  CHECK(refused(options_for(shell("true"), "same", std::chrono::seconds{0})) == "bad-option");
  CHECK(refused(options_for(shell("true"))).empty());
}
