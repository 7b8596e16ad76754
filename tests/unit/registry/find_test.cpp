// What the registry finds, and when it loads it.
#include <catch2/catch.hpp>
#include <filesystem>
#include <thread>

#include "framework/registry/registry.hpp"
#include "tests/unit/registry/plugin_directory.hpp"

using namespace certctl;
using namespace certctl::registry;
using test::PluginDirectory;
namespace fs = std::filesystem;

namespace {

Error error_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const Failure& failure) {
    return failure.error();
  }
  FAIL("no failure");
  return {};
}

std::vector<std::string> names(Registry& registry) {
  std::vector<std::string> all;
  for (const auto& info : registry.list()) all.push_back(std::string(title(info.kind)) + " " + info.name);
  return all;
}

}  // namespace

TEST_CASE("a plugin is found by kind and name and makes instances") {
  PluginDirectory directory;
  const std::string path = directory.place("good", "hook_good.so");
  Registry registry({directory.path()});
  const PluginInfo& info = registry.find(Kind::hook, "good");
  CHECK(info.kind == Kind::hook);
  CHECK(info.name == "good");
  CHECK(info.version == "1.0");
  CHECK(info.summary == "logs a greeting");
  CHECK(info.path == path);
  REQUIRE(info.options.size() == 1);
  CHECK(std::string(info.options[0].name) == "greeting");
  CHECK(registry.options(Kind::hook, "good").data() == info.options.data());

  contract::TestHost host;
  Options options;
  options.set("greeting", std::string("good day"));
  auto hook = registry.make<HookApi>("good", options, host);
  Event event;
  event.name = "delivered";
  hook.call(&HookApi::on_event, event);
  CHECK(host.state().logged("good day delivered"));
  CHECK_FALSE(hook->supports_veto());
  const Error error = error_of([&] { hook.call(&HookApi::veto, event); });
  CHECK(error.code == "unsupported");
  CHECK(error.retry == RetryClass::never);
  CHECK(error.message == "good: this plugin does not offer: a veto");
}

TEST_CASE("an instance keeps its own copy of the options and can be moved") {
  PluginDirectory directory;
  directory.place("good", "hook_good.so");
  Registry registry({directory.path()});
  contract::TestHost host;
  auto options = std::make_unique<Options>();
  options->set("greeting", std::string("a text that is longer than a short string"));
  std::vector<Instance<HookApi>> instances;
  instances.push_back(registry.make<HookApi>("good", *options, host));
  options.reset();
  instances.push_back(registry.make<HookApi>("good", {}, host));
  instances.front().call(&HookApi::on_event, Event{});
  CHECK(host.state().logged("a text that is longer"));
}

TEST_CASE("only the plugin that is asked for is loaded") {
  PluginDirectory directory;
  directory.place("good", "hook_good.so");
  Registry registry({directory.path()});
  CHECK(error_of([&] { registry.find(Kind::hook, "absent"); }).code == "plugin-unknown");
  CHECK(error_of([&] { registry.find(Kind::store, "good"); }).code == "plugin-unknown");
  CHECK_FALSE(directory.code_ran());
  registry.find(Kind::hook, "good");
  CHECK(directory.code_ran());
}

TEST_CASE("an unknown name is answered with the names that there are and the places that were searched") {
  PluginDirectory directory;
  directory.place("good", "hook_good.so");
  directory.place("good", "distributor_elsewhere.so");
  Registry registry({directory.path(), "/nonexistent/certctl"});
  const Error error = error_of([&] { registry.find(Kind::hook, "god"); });
  CHECK(error.message == "there is no hook 'god'");
  CHECK(error.hint ==
        "there are: first, good, second; " + directory.path() + " was searched; /nonexistent/certctl was searched");
  CHECK(error.retry == RetryClass::never);
}

TEST_CASE("a name is never a path") {
  PluginDirectory directory;
  directory.place("good", "hook_good.so");
  fs::create_directory(directory.file("hook_x"));
  Registry registry({directory.path()});
  for (const char* name : {"x/../hook_good", "../plugins/hook_good", "", "Good", "good.so", "go od"}) {
    CHECK(error_of([&] { registry.find(Kind::hook, name); }).code == "plugin-unknown");
  }
  CHECK_FALSE(directory.code_ran());
}

TEST_CASE("all plugins that are linked into the program are found") {
  Registry registry({});
  CHECK(names(registry) == std::vector<std::string>{"hook first", "hook second"});
  CHECK(registry.find(Kind::hook, "first").path.empty());
  contract::TestHost host;
  auto first = registry.make<HookApi>("first", {}, host);
  auto second = registry.make<HookApi>("second", {}, host);
  CHECK(first.plugin().name == "first");
  CHECK(second.plugin().name == "second");
  CHECK(registry.refusals().empty());
}

TEST_CASE("the first directory wins, and the other file is named") {
  PluginDirectory one;
  PluginDirectory two;
  const std::string used = one.place("good", "hook_good.so");
  const std::string shadowed = two.place("good", "hook_good.so");
  const std::string beaten = two.place("good", "hook_first.so");
  Registry registry({one.path(), two.path()});
  CHECK(names(registry) == std::vector<std::string>{"hook first", "hook good", "hook second"});
  CHECK(registry.find(Kind::hook, "good").path == used);
  const auto refusals = registry.refusals();
  REQUIRE(refusals.size() == 2);
  for (const auto& refusal : refusals) {
    CHECK(refusal.error.code == "plugin-shadowed");
    if (refusal.path == shadowed) CHECK(refusal.error.message == "another hook 'good' comes first: " + used);
    if (refusal.path == beaten)
      CHECK(refusal.error.message == "another hook 'first' comes first: the one in the program");
  }
}

TEST_CASE("a refused file does not make way for another of its name") {
  PluginDirectory one;
  PluginDirectory two;
  const std::string refused = one.write("hook_good.so", "no plugin");
  two.place("good", "hook_good.so");
  Registry registry({one.path(), two.path()});
  const Error error = error_of([&] { registry.find(Kind::hook, "good"); });
  CHECK(error.code == "plugin-malformed");
  CHECK(error.message == "plugin " + refused + " is not used: it is not a shared object");
}

TEST_CASE("two plugins of the same descriptor symbol are loaded side by side") {
  PluginDirectory directory;
  directory.place("good", "hook_good.so");
  directory.place("other", "hook_other.so");
  Registry registry({directory.path()});
  CHECK(registry.find(Kind::hook, "good").name == "good");
  CHECK(registry.find(Kind::hook, "other").name == "other");
}

TEST_CASE("a stripped plugin loads") {
  PluginDirectory directory;
  const std::string path = directory.place("good", "hook_good.so");
  const auto before = fs::file_size(path);
  REQUIRE(std::system(("strip --strip-all " + path).c_str()) == 0);
  REQUIRE(fs::file_size(path) < before);
  Registry registry({directory.path()});
  CHECK(registry.find(Kind::hook, "good").name == "good");
}

TEST_CASE("files that are no plugins by their names are left alone, or named") {
  PluginDirectory directory;
  directory.write("README", "text");
  directory.write("hook_good.so.bak", "text");
  const std::string odd = directory.place("good", "good.so");
  directory.place("good", "hook_GOOD.so");
  Registry registry({directory.path()});
  CHECK(names(registry) == std::vector<std::string>{"hook first", "hook second"});
  const auto refusals = registry.refusals();
  REQUIRE(refusals.size() == 2);
  CHECK(refusals[0].path == odd);
  CHECK(refusals[0].error.code == "plugin-name");
  CHECK(refusals[1].error.code == "plugin-name");
  CHECK_FALSE(directory.code_ran());
}

TEST_CASE("one file can be checked wherever it lies") {
  PluginDirectory directory;
  const std::string path = directory.place("good", "hook_good.so");
  CHECK(Registry::check(path).name == "good");
  CHECK(error_of([&] { (void)Registry::check(directory.file("hook_absent.so")); }).code == "plugin-missing");
  CHECK(error_of([&] { (void)Registry::check(directory.path()); }).code == "plugin-name");
}

TEST_CASE("threads that ask at the same time get the same plugin") {
  PluginDirectory directory;
  directory.place("good", "hook_good.so");
  directory.place("other", "hook_other.so");
  directory.write("hook_damaged.so", "no plugin");
  Registry registry({directory.path()});
  std::vector<std::thread> threads;
  std::vector<std::string> logs(8);
  for (std::size_t i = 0; i < logs.size(); ++i) {
    threads.emplace_back([&registry, &logs, i] {
      for (int round = 0; round < 20; ++round) {
        contract::TestHost host;
        auto hook = registry.make<HookApi>(i % 2 == 0 ? "good" : "other", {}, host);
        hook.call(&HookApi::on_event, Event{});
        if (i == 3) (void)registry.list();
        if (i == 4) (void)registry.refusals();
        try {
          registry.find(Kind::hook, "damaged");
        } catch (const Failure& failure) {
          logs[i] = failure.error().code;
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(logs == std::vector<std::string>(8, "plugin-malformed"));
}
