// Plugins that misbehave when they are used: what they throw and leave behind stays theirs.
#include <openssl/err.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "framework/registry/registry.hpp"
#include "tests/unit/registry/plugin_directory.hpp"

using namespace certctl;
using namespace certctl::registry;
using test::PluginDirectory;

namespace {

struct Unruly {
  PluginDirectory directory;
  std::unique_ptr<Registry> registry;
  contract::TestHost host;

  Unruly() {
    directory.place("unruly", "hook_unruly.so");
    directory.place("lying", "hook_lying.so");
    directory.place("no_instance", "hook_no_instance.so");
    registry = std::make_unique<Registry>(std::vector{directory.path()});
  }
  Instance<HookApi> make(const std::string& when, const std::string& how) {
    Options options;
    options.set(when, how);
    return registry->make<HookApi>("unruly", options, host);
  }
  Error in_create(const std::string& how) {
    try {
      (void)make("create", how);
    } catch (const Failure& failure) {
      return failure.error();
    }
    FAIL("no failure");
    return {};
  }
  static Error in_call(Instance<HookApi>& hook, const std::string& event = "delivered") {
    try {
      Event given;
      given.name = event;
      hook.call(&HookApi::on_event, given);
    } catch (const Failure& failure) {
      return failure.error();
    }
    FAIL("no failure");
    return {};
  }
};

}  // namespace

TEST_CASE("what a plugin throws when it is made or called comes out as its Failure, with its name") {
  Unruly unruly;
  struct Case {
    const char* how;
    const char* code;
    const char* message;
    RetryClass retry;
  };
  const Case cases[] = {
      {"failure", "odd-option", "unruly: does not like its options", RetryClass::never},
      {"exception", "plugin-failed", "unruly: unexpected failure: something of the standard library",
       RetryClass::later},
      {"memory", "out-of-memory", "unruly: out of memory", RetryClass::later},
      {"number", "plugin-failed", "unruly: unexpected failure of an unknown type", RetryClass::later},
      {"odd", "plugin-failed", "unruly: unexpected failure of an unknown type", RetryClass::later},
      {"nameless", "plugin-failed", "unruly: failed without saying why", RetryClass::later},
  };
  for (const Case& one : cases) {
    DYNAMIC_SECTION(one.how) {
      const Error made = unruly.in_create(one.how);
      CHECK(made.code == one.code);
      CHECK(made.message == one.message);
      CHECK(made.retry == one.retry);
      auto hook = unruly.make("call", one.how);
      for (int round = 0; round < 3; ++round) {  // the instance lives on
        const Error called = Unruly::in_call(hook);
        CHECK(called.code == one.code);
        CHECK(called.message == one.message);
        CHECK(called.retry == one.retry);
      }
    }
  }
}

TEST_CASE("exceptions that come out against the contract are contained") {
  Unruly unruly;
  auto hook = unruly.registry->make<HookApi>("lying", {}, unruly.host);
  for (const char* event : {"failed", "delivered"}) {
    const Error error = Unruly::in_call(hook, event);
    CHECK(error.code == "plugin-failed");
    CHECK(error.message == "lying: an exception came out of the hook");
  }
  CHECK(hook.call(&HookApi::veto, Event{}) == "still alive");
  Options options;
  options.set("throw", true);
  CHECK_THROWS_AS(unruly.registry->make<HookApi>("lying", options, unruly.host), Failure);
  // and out of destroy, at the end of this block
}

TEST_CASE("a plugin that makes no instance and says nothing is a failure with its name") {
  Unruly unruly;
  try {
    (void)unruly.registry->make<HookApi>("no_instance", {}, unruly.host);
    FAIL("made");
  } catch (const Failure& failure) {
    CHECK(failure.error().code == "plugin-failed");
    CHECK(failure.error().message == "no_instance: failed without saying why");
  }
}

TEST_CASE("what a plugin leaves in OpenSSL's error queue is taken off, and what was there stays") {
  Unruly unruly;
  ERR_clear_error();
  SECTION("nothing was there") {
    {
      auto hook = unruly.make("create", "openssl");  // and at load
      CHECK(ERR_peek_error() == 0);
    }
    auto hook = unruly.make("call", "openssl");
    hook.call(&HookApi::on_event, Event{});
    CHECK(ERR_peek_error() == 0);
    { auto ending = unruly.make("destroy", "openssl"); }
    CHECK(ERR_peek_error() == 0);
  }
  SECTION("an error of the host was there") {
    ERR_raise(ERR_LIB_USER, ERR_R_PASSED_NULL_PARAMETER);
    const unsigned long ours = ERR_peek_last_error();
    {
      auto hook = unruly.make("call", "openssl");
      hook.call(&HookApi::on_event, Event{});
    }
    CHECK(ERR_peek_last_error() == ours);
    CHECK(ERR_get_error() == ours);
    CHECK(ERR_get_error() == 0);
  }
  ERR_clear_error();
}

// Documented in registry.hpp: a plugin is code of the process and can end it. The next run finds out by the journal.
TEST_CASE("a plugin that ends the process ends it") {
  Unruly unruly;
  (void)unruly.registry->find(Kind::hook, "unruly");
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::close(STDOUT_FILENO);
    try {
      (void)unruly.make("create", "exit");
    } catch (...) {
    }
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 7);
}
