// certctl-plugin-check: the conformance suite of a plugin's kind, for authors of plugins. `certctl plugin check` runs
// it.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>

#include <sys/stat.h>

#include <CLI/CLI.hpp>

#include "tests/contract/plugin_check/findings.hpp"
#include "tests/contract/plugin_check/suites.hpp"

namespace {

using namespace certctl;
using namespace certctl::plugin_check;

constexpr int kUsage = 2;
const Subject* checked = nullptr;

int report(const Error& error) {
  std::fprintf(stderr, "certctl-plugin-check: %s%s%s%s\n", error.message.c_str(), error.hint.empty() ? "" : " (",
               error.hint.c_str(), error.hint.empty() ? "" : ")");
  return kUsage;
}

int run_suite(registry::Kind kind) {
  Catch::Session session;
  session.configData().reporterName = "rules";
  session.configData().testsOrTags = {"[" + std::string(registry::file_word(kind)) + "]"};
  (void)session.run();
  return findings().finish(checked->info().name);
}

}  // namespace

TEST_CASE("a distributor", "[distributor]") {
  check_distributor(*checked);
}
TEST_CASE("a hook", "[hook]") {
  check_hook(*checked);
}
TEST_CASE("a store", "[store]") {
  check_store(*checked);
}
TEST_CASE("a key provider", "[key]") {
  check_key_provider(*checked);
}
TEST_CASE("an enroller", "[enroller]") {
  check_enroller(*checked);
}

int main(int argc, char** argv) {
  ::umask(022);
  Wanted wanted;
  bool json = false;
  CLI::App app{
      "runs the conformance suite of a plugin's kind; 0: every rule held, 1: one is broken, 2: it could not begin"};
  app.add_option("--options", wanted.options, "a part of a profile that uses the plugin (default: its sample.yaml)");
  app.add_option("--fixture", wanted.fixture, "directory with what the target consists of before the first delivery")
      ->check(CLI::ExistingDirectory);
  app.add_option("--ca", wanted.ca, "program that plays the CA; for enrollers")->check(CLI::ExistingFile);
  app.add_flag("--json", json, "print JSON");
  app.add_option("PATH", wanted.plugin, "the plugin: <kind>_<name>.so, or an executable <kind>_<name>")
      ->required()
      ->check(CLI::ExistingFile);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
  try {
    if (!wanted.ca.empty()) wanted.ca = std::filesystem::canonical(wanted.ca).string();
    const Subject subject(wanted);
    checked = &subject;
    findings().json(json);
    // An enroller's options have the values that its CA gives them.
    if (subject.info().kind != registry::Kind::enroller) (void)subject.options();
    if (subject.info().kind == registry::Kind::enroller && wanted.ca.empty())
      throw Failure::never("no-ca", "the rules of an enroller need a CA", "give a program that plays it with --ca");
    return run_suite(subject.info().kind);
  } catch (const Failure& failure) {
    return report(failure.error());
  } catch (const std::exception& exception) {
    return report(Error{"internal", exception.what(), "", {}, {}});
  }
}
