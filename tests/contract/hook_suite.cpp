#include "tests/contract/hook_suite.hpp"

#include <catch2/catch.hpp>

#include "tests/contract/credentials.hpp"

namespace certctl::contract {
namespace {

Event event_of(const std::string& name, const Credential* credential) {
  Event event;
  event.name = name;
  event.profile = "one-profile";
  event.at = TimePoint(std::chrono::seconds{1'798'761'600});
  event.message = "certificate 0A is active";
  event.credential = credential;
  if (name == "failed") {
    event.code = "ca-unreachable";
    event.hint = "check the network";
  }
  event.facts = {{"serial", "0A"}, {"generation", "7"}};
  return event;
}

// Nothing of the key went into the log or onto a command line.
void check_discreet(HostState& state) {
  for (const auto& [level, line] : state.log) check_no_secret(line);
  for (const auto& call : state.calls)
    for (const auto& argument : call.command.arguments) check_no_secret(argument);
}

}  // namespace

void hook_suite(const HookSubject& subject) {
  const Scratch scratch;
  const auto& place = scratch.path();
  TestHost host;
  const Credential credential = test_credential("one");
  const auto done_times = [&](std::size_t times) { return !subject.done || subject.done(place) == times; };

  SECTION("making one has no effect outside") {
    const auto hook = subject.make(subject.working(place), host);
    CHECK(done_times(0));
    CHECK(host.state().calls.empty());
  }

  SECTION("every event is taken, with and without a credential, and again after a crash") {
    const auto hook = subject.make(subject.working(place), host);
    std::size_t told = 0;
    CHECK(done_times(0));
    for (const char* name : {"pending", "delivered", "failed", "recovered", "before-deliver"}) {
      for (const Credential* given : {static_cast<const Credential*>(nullptr), &credential, &credential}) {
        INFO(name);
        hook->on_event(event_of(name, given)).value();
        CHECK(done_times(++told));
      }
    }
    check_discreet(host.state());
  }

  SECTION("text from outside is never a command, a file or a line of its own") {
    const auto hook = subject.make(subject.working(place), host);
    CHECK(done_times(0));
    const std::string trap = (place / "trap").string();
    const std::string hostile = "$(touch " + trap + ")`touch " + trap + "`;touch " + trap + "\n|touch " + trap +
                                "\n../../" + trap + " %s%n \x1b[2J\xff";
    Event event = event_of("failed", &credential);
    event.message = hostile;
    event.hint = hostile;
    event.code = "a;b";
    event.facts.emplace_back(hostile, hostile);
    hook->on_event(event).value();
    CHECK(done_times(1));
    CHECK_FALSE(std::filesystem::exists(trap));
    for (const auto& [level, line] : host.state().log) CHECK(line.find("\x1b[") == std::string::npos);
  }

  SECTION("a hook that could not do its work says so, and may be asked again") {
    if (subject.failing) {
      const auto hook = subject.make(subject.failing(place), host);
      for (int round = 0; round < 2; ++round) {
        const auto result = hook->on_event(event_of("delivered", &credential));
        CHECK_FALSE(code_of(result).empty());
      }
      check_discreet(host.state());
    }
  }

  SECTION("a veto is offered, or refused in so many words") {
    const auto hook = subject.make(subject.working(place), host);
    const auto veto = hook->veto(event_of("before-deliver", &credential));
    if (hook->supports_veto()) {
      auto copy = veto;
      CHECK(copy.value().empty());
    } else {
      CHECK(code_of(veto) == "unsupported");
    }
  }
}

}  // namespace certctl::contract
