// What scripts may say, and what is shown of it.
#include <catch2/catch.hpp>

#include <unistd.h>

#include <filesystem>
#include <string>

#include "framework/engine/engine_host.hpp"

using namespace certctl;
using namespace certctl::engine;

namespace {

// The outcome of shell text, run for a profile in a directory of its own.
CommandOutcome outcome_of(const std::string& text) {
  std::string base = (std::filesystem::temp_directory_path() / "certctl-host-XXXXXX").string();
  REQUIRE(::mkdtemp(base.data()) != nullptr);
  const Context context;
  StateDirectory state(base, "one");
  state.create(true);
  EngineHost host(context, "one", &state, "target-one", nullptr);
  Command command;
  command.shell = true;
  command.arguments = {text};
  Result<CommandOutcome> result = host.run(command, nullptr, std::chrono::seconds(30));
  std::filesystem::remove_all(base);
  REQUIRE(result.ok());
  return std::move(result).value();
}

}  // namespace

TEST_CASE("a failure that a tool reports is shown with the script's output") {
  const CommandOutcome outcome = outcome_of("echo restarted; echo 'no such name' >\"$CERTCTL_EVENT_DIR/failed\"");
  CHECK(outcome.exit_status == 0);
  CHECK(outcome.reported_failure);
  CHECK(outcome.output == "restarted; no such name");
}

TEST_CASE("a private key is shown neither from the output nor from the report") {
  const std::string key = "echo '-----BEGIN PRIVATE KEY-----'; echo c2VjcmV0";
  for (const std::string& text : {key, "{ " + key + "; } >\"$CERTCTL_EVENT_DIR/failed\""}) {
    CAPTURE(text);
    const CommandOutcome outcome = outcome_of(text);
    CHECK(outcome.output.find("PRIVATE KEY-") == std::string::npos);
    CHECK(outcome.output.find("c2VjcmV0") == std::string::npos);
    CHECK_FALSE(outcome.output.empty());
  }
}
