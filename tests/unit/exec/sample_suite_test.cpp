// The samples of the exec protocol keep the promises of their kinds: the same suites that native plugins pass, in the
// shell of a router.
#include <catch2/catch.hpp>

#include <algorithm>

#include "framework/sdk/exec/exec_plugin.hpp"
#include "tests/contract/credentials.hpp"
#include "tests/contract/distributor_suite.hpp"
#include "tests/contract/hook_suite.hpp"

namespace fs = std::filesystem;
using namespace certctl;
using namespace certctl::exec;
using namespace certctl::contract;

namespace {

std::shared_ptr<const ExecPlugin> sample(const Scratch& scratch, const std::string& name) {
  const fs::path shell = "/bin/busybox";
  if (!fs::exists(shell)) FAIL("busybox is missing: apt-get install --no-install-recommends busybox");
  const std::string text = Scratch::read(std::string(CERTCTL_TEST_DATA "/exec/") + name);
  return ExecPlugin::load(scratch.write("plugins/" + name, "#!/bin/busybox sh" + text.substr(text.find('\n')), 0755));
}

template <class Api, class Make>
Maker<Api> behind_bridge(std::shared_ptr<const ExecPlugin> plugin, Make make) {
  return [plugin, make](Options options, Host& host) {
    const auto create = [plugin, make](const Options& given, Host& to, Error& error) -> void* {
      try {
        return make(plugin, given, to).release();
      } catch (const Failure& failure) {
        error = failure.error();
        return nullptr;
      }
    };
    return Made<Api>(
        create, [](void* api) { delete static_cast<Api*>(api); }, std::move(options), host);
  };
}

}  // namespace

TEST_CASE("the sample distributor in busybox sh keeps the promises of a distributor") {
  const Scratch scratch;
  fs::create_directory(scratch.path() / "plugins");
  const fs::path directory = scratch.path() / "target";
  DistributorSubject subject;
  subject.make = behind_bridge<DistributorApi>(sample(scratch, "distributor_bundle"), make_distributor);
  subject.options = [&] {
    Options options;
    options.set("file", (directory / "bundle.pem").string());
    options.set("reload", (scratch.path() / "reloads").string());
    return options;
  };
  subject.old_credential = test_credential("one");
  subject.new_credential = test_credential("two");
  const auto put = [&](const Credential& credential) {
    TestHost host;
    const auto distributor = subject.make(subject.options(), host);
    const Secret token = distributor->prepare(credential, nullptr).value();
    distributor->install(credential, token).value();
  };
  subject.reset = [&] {
    fs::remove_all(directory);
    fs::create_directory(directory);
    put(subject.old_credential);
  };
  subject.snapshot = [&] { return snapshot_of(directory); };
  subject.change_neighbour = [&] { scratch.write("target/other.pem", "neighbour"); };
  subject.take_over = [&] { put(test_credential("three")); };
  subject.checks_credentials = false;  // sh has no means to
  distributor_suite(subject);
}

TEST_CASE("the sample hook in busybox sh keeps the promises of a hook") {
  const Scratch scratch;
  fs::create_directory(scratch.path() / "plugins");
  HookSubject subject;
  subject.make = behind_bridge<HookApi>(sample(scratch, "hook_diary"), make_hook);
  const auto with = [](const fs::path& file) {
    Options options;
    options.set("file", file.string());
    return options;
  };
  subject.working = [&](const fs::path& place) { return with(place / "done"); };
  subject.failing = [&](const fs::path& place) { return with(place / "no such directory" / "done"); };
  subject.done = [](const fs::path& place) -> std::size_t {
    if (!fs::exists(place / "done")) return 0;
    const std::string lines = Scratch::read(place / "done");
    return static_cast<std::size_t>(std::count(lines.begin(), lines.end(), '\n'));
  };
  hook_suite(subject);
}
