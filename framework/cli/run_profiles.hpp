// Runs one of the engine's verbs over the chosen profiles side by side, prints the reports, and gives the exit code.
#pragma once

#include <certctl/result.hpp>

#include <functional>
#include <string>
#include <vector>

#include "framework/cli/program.hpp"

namespace certctl::cli {

int run_profiles(Program& program, const std::vector<std::string>& names, int jobs,
                 const std::function<engine::RunReport(const engine::Context&, const config::Profile&)>& verb);

// One profile by name; throws Failure when it is unknown or broken.
[[nodiscard]] const config::Profile& require_profile(Program& program, const std::string& name);

// The command line and the configuration were right, but what was asked for could not be done: exit code 1.
class RunFailure : public Failure {
 public:
  using Failure::Failure;
};

// Calls what asks the issuer: its Failure becomes a RunFailure, `busy` apart.
template <class Ask>
auto ask_issuer(Ask&& ask) -> decltype(ask()) {
  try {
    return ask();
  } catch (const Failure& failure) {
    if (failure.error().code == "busy") throw;
    throw RunFailure(failure.error());
  }
}

}  // namespace certctl::cli
