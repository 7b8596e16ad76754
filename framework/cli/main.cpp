#include <certctl/result.hpp>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "framework/cli/run_profiles.hpp"
#include "framework/cli/verbs.hpp"
#include "framework/crypto/library_start.hpp"
#include "framework/sys/out_of_memory.hpp"

namespace {

using namespace certctl;
using namespace certctl::cli;

constexpr int kUsage = 2;

int report(const GlobalOptions& options, const Error& error, int exit_code) {
  if (options.json) {
    const nlohmann::json object = {{"schema", 1},
                                   {"error", {{"code", error.code}, {"message", error.message}, {"hint", error.hint}}}};
    std::fputs((object.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n").c_str(), stdout);
  }
  std::fprintf(stderr, "certctl: %s%s%s%s\n", error.message.c_str(), error.hint.empty() ? "" : " (", error.hint.c_str(),
               error.hint.empty() ? "" : ")");
  return error.code == "busy" ? 6 : error.code == "state-unusable" ? 1 : exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  sys::end_when_out_of_memory();
  if (!crypto::start_library()) sys::end_out_of_memory();
  harden_process();
  GlobalOptions options;
  CLI::App app{"certctl keeps certificates alive: makes keys, asks CAs, stores, delivers, proves, renews"};
  app.set_version_flag("--version", CERTCTL_VERSION);
  app.add_option("--config", options.config, "certctl.yaml (default: $CERTCTL_CONFIG, else /etc/certctl/certctl.yaml)");
  app.add_flag("--json", options.json, "print JSON; stable: keys may be added, none change");
  app.add_flag("-q,--quiet", options.quiet, "errors only");
  app.add_flag("-v,--verbose", options.verbose, "also what is only of interest when something is wrong");
  app.add_option("--lock-timeout", options.lock_timeout, "seconds to wait for another run of the same profile")
      ->check(CLI::Range(0, 3600));
  app.require_subcommand(1);
  app.fallthrough();
  app.footer(
      "Exit codes tell the state of the named profiles after the run; the worst wins:\n"
      "  2 usage or configuration, 1 failed, 4 issued but not delivered, 6 busy, 3 pending, 0 well (plan: 5 work to "
      "do)");
  const std::vector<Verb> verbs = {add_plan(app),    add_renew(app),   add_deliver(app), add_verify(app),
                                   add_status(app),  add_check(app),   add_history(app), add_rollback(app),
                                   add_release(app), add_ca(app),      add_cert(app),    add_crl(app),
                                   add_lint(app),    add_profile(app), add_plugin(app),  add_import(app),
                                   add_adopt(app),   add_forget(app),  add_serve(app)};
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
  install_signal_handlers();
  try {
    Program program(options);
    for (const Verb& verb : verbs) {
      if (verb.command->parsed()) return verb.run(program);
    }
  } catch (const RunFailure& failure) {
    return report(options, failure.error(), 1);
  } catch (const Failure& failure) {
    return report(options, failure.error(), kUsage);
  } catch (const std::exception& exception) {
    return report(options, Error{"internal", exception.what(), "this is a defect of certctl; please report it", {}, {}},
                  kUsage);
  }
  return kUsage;
}
