// The verbs, one file each: each adds its subcommand to the command line and returns the exit code when it is run.
#pragma once

#include <CLI/CLI.hpp>

#include <functional>
#include <vector>

#include "framework/cli/program.hpp"

namespace certctl::cli {

// What a verb registers: its subcommand, and what to run when the command line named it.
struct Verb {
  CLI::App* command = nullptr;
  std::function<int(Program&)> run;
};

Verb add_plan(CLI::App& app);
Verb add_renew(CLI::App& app);
Verb add_deliver(CLI::App& app);
Verb add_verify(CLI::App& app);
Verb add_status(CLI::App& app);
Verb add_check(CLI::App& app);
Verb add_history(CLI::App& app);
Verb add_rollback(CLI::App& app);
Verb add_release(CLI::App& app);
Verb add_ca(CLI::App& app);
Verb add_cert(CLI::App& app);
Verb add_crl(CLI::App& app);
Verb add_lint(CLI::App& app);
Verb add_profile(CLI::App& app);
Verb add_plugin(CLI::App& app);
Verb add_import(CLI::App& app);
Verb add_adopt(CLI::App& app);
Verb add_forget(CLI::App& app);
Verb add_serve(CLI::App& app);

}  // namespace certctl::cli
