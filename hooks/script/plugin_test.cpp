#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/contract/credentials.hpp"
#include "tests/contract/hook_suite.hpp"
#include "tests/contract/instance.hpp"
#include "tests/contract/test_host.hpp"

using namespace certctl;
using namespace certctl::contract;

namespace {

struct Run {
  std::string code;
  std::string message;
  std::string reason;
};

Event event_of(const char* name, const Credential* credential = nullptr) {
  Event event;
  event.name = name;
  event.profile = "ipsec";
  event.credential = credential;
  return event;
}

// What the hook makes of a command that ends like this.
Run run_with(const CommandOutcome& outcome, bool veto = false, Command command = {true, {" logger  password "}}) {
  TestHost host;
  host.state().script = [&](const CommandCall&) { return outcome; };
  auto hook = instance<HookApi>("script", {{"run", command}}, host);
  Run run;
  if (veto) {
    auto result = hook->veto(event_of("before-deliver"));
    if (result.ok()) {
      run.reason = result.value();
    } else {
      run.code = result.error().code;
    }
  } else if (auto result = hook->on_event(event_of("failed")); !result.ok()) {
    run.code = result.error().code;
    run.message = result.error().message;
  }
  return run;
}

CommandOutcome ended(int status, const std::string& output = "") {
  CommandOutcome outcome;
  outcome.exit_status = status;
  outcome.output = output;
  return outcome;
}

}  // namespace

TEST_CASE("the command is run as it stands in the profile, with the credential and the time limit") {
  TestHost host;
  host.state().script = [](const CommandCall&) { return ended(0); };
  auto hook = instance<HookApi>(
      "script", {{"run", Command{false, {"/bin/x", "a b"}}}, {"timeout", std::chrono::seconds{7}}}, host);
  Credential credential;
  credential.directory = "/store/.generations/4";
  CHECK(hook->on_event(event_of("delivered", &credential)).ok());
  REQUIRE(host.state().calls.size() == 1);
  const CommandCall& call = host.state().calls[0];
  CHECK_FALSE(call.command.shell);
  CHECK(call.command.arguments == std::vector<std::string>{"/bin/x", "a b"});
  CHECK(call.generation_directory == "/store/.generations/4");
  CHECK(call.timeout == std::chrono::seconds{7});
  CHECK(hook->supports_veto());
}

TEST_CASE("a command that fails is a failure that says how it ended and what it said, and no more") {
  CHECK(run_with(ended(0)).code.empty());
  const Run failed = run_with(ended(3, "first\nlast \x1b[2J\n"));
  CHECK(failed.code == "hook-failed");
  CHECK(failed.message == "script 'logger': exit status 3; it said: first\\nlast \\x1b[2J");
  CHECK(run_with(ended(1, std::string(5000, 'x'))).message.size() < 400);
  CommandOutcome outcome;
  outcome.signal = 9;
  CHECK(run_with(outcome).message == "script 'logger': ended by signal 9");
  outcome.timed_out = true;
  CHECK(run_with(outcome).message == "script 'logger': not finished within 60 s");
  outcome = ended(0);
  outcome.reported_failure = true;
  CHECK(run_with(outcome).message == "script 'logger': a certctl tool in it reported a failure");
  CHECK(run_with(ended(1), false, {false, {"/bin/x", "password"}}).message == "script '/bin/x': exit status 1");
}

TEST_CASE("a script's output that may hold a private key is not shown, whether it fails or refuses") {
  const std::string key = test_credential("one").key.pem.reveal();
  const std::string body = key.substr(key.find('\n') + 1, 200);  // the label may have been cut off
  for (const std::string& output : {"+ cat key\n" + key, body, key + "bye\n"}) {
    const std::string expected = "script 'logger': exit status 1; it said: (not shown: it may hold a private key)";
    CHECK(run_with(ended(1, output)).message == expected);
    CHECK(run_with(ended(1, output), true).reason == expected);
  }
}

TEST_CASE("before a delivery an exit status refuses it; a script without an answer fails") {
  CHECK(run_with(ended(0), true).reason.empty());
  CHECK(run_with(ended(1, "not during business hours\n"), true).reason ==
        "script 'logger': exit status 1; it said: not during business hours");
  CommandOutcome outcome;
  outcome.timed_out = true;
  CHECK(run_with(outcome, true).code == "hook-failed");
  outcome.timed_out = false;
  outcome.signal = 11;
  CHECK(run_with(outcome, true).code == "hook-failed");
}

TEST_CASE("a command that can't be started is the host's failure") {
  TestHost host;  // really runs it
  auto hook = instance<HookApi>("script", {{"run", Command{false, {"/nonexistent/x"}}}}, host);
  CHECK(hook->on_event(event_of("failed")).error().code == "command-not-started");
}

TEST_CASE("options that make no sense are refused") {
  TestHost host;
  CHECK_THROWS_AS(instance<HookApi>("script", {{"run", Command{true, {""}}}}, host), Failure);
  CHECK_THROWS_AS(instance<HookApi>("script", {{"run", Command{}}}, host), Failure);
  CHECK_THROWS_AS(
      instance<HookApi>("script", {{"run", Command{true, {"x"}}}, {"timeout", std::chrono::seconds{0}}}, host),
      Failure);
}

TEST_CASE("the hook script keeps the promises of a hook") {
  const auto with = [](const std::string& command) {
    return options(CERTCTL_KIND_HOOK, "script", {{"run", Command{true, {command}}}});
  };
  HookSubject subject;
  subject.make = linked<HookApi>("script");
  subject.working = [&](const auto& place) { return with("echo \"$CERTCTL_EVENT\" >> " + (place / "done").string()); };
  subject.failing = [&](const auto&) { return with("echo out of order; exit 3"); };
  subject.done = [](const auto& place) -> std::size_t {
    if (!std::filesystem::exists(place / "done")) return 0;
    const std::string lines = Scratch::read(place / "done");
    return static_cast<std::size_t>(std::count(lines.begin(), lines.end(), '\n'));
  };
  hook_suite(subject);
}
