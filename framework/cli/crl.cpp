#include <nlohmann/json.hpp>

#include "framework/cli/output.hpp"
#include "framework/cli/run_profiles.hpp"
#include "framework/cli/verbs.hpp"
#include "framework/crypto/crl.hpp"
#include "framework/engine/issuer.hpp"
#include "framework/engine/words.hpp"
#include "framework/sys/atomic_file.hpp"

namespace certctl::cli {
namespace {

struct CrlArguments {
  std::string profile;
  std::string out;
  bool der = false;
};

std::string_view view(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string verdict(const engine::RevocationReport& report) {
  if (!report.revoked) return "not in the list";
  return "revoked on " + engine::say_time(report.revoked->at) +
         (report.revoked->reason.empty() ? "" : " (" + report.revoked->reason + ")");
}

void print_report(const engine::RevocationReport& report, bool as_json) {
  if (as_json) {
    nlohmann::json object = {{"schema", 1},
                             {"issuer", report.issuer},
                             {"this_update", engine::say_time(report.this_update)},
                             {"next_update", nullptr},
                             {"outdated", report.outdated},
                             {"count", report.count},
                             {"serial", report.serial},
                             {"revoked", nullptr}};
    if (report.next_update) object["next_update"] = engine::say_time(*report.next_update);
    if (report.revoked)
      object["revoked"] = {{"at", engine::say_time(report.revoked->at)}, {"reason", report.revoked->reason}};
    print(object.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    return;
  }
  print_line("revocation list of " + report.issuer + ": " + std::to_string(report.count) +
             (report.count == 1 ? " certificate" : " certificates"));
  print_line("  of " + engine::say_time(report.this_update) +
             (report.next_update ? ", the next one by " + engine::say_time(*report.next_update) : ""));
  if (report.outdated) print_line("  OUTDATED: the issuer should have published another one");
  print_line("certificate " + report.serial + ": " + verdict(report));
}

}  // namespace

Verb add_crl(CLI::App& app) {
  auto arguments = std::make_shared<CrlArguments>();
  CLI::App* command = app.add_subcommand("crl", "ask the issuer whether the active certificate is revoked");
  command->add_option("PROFILE", arguments->profile, "profile")->required();
  command->add_option("--out", arguments->out, "write the revocation list into this file, too");
  command->add_flag("--der", arguments->der, "as DER (default: PEM)");
  return {command, [arguments](Program& program) {
            const config::Profile& profile = require_profile(program, arguments->profile);
            const engine::RevocationReport report =
                ask_issuer([&] { return engine::check_revocation(program.context(), profile); });
            if (!arguments->out.empty()) {
              const std::string text =
                  arguments->der ? std::string(view(report.crl)) : crypto::Crl::from_text(view(report.crl)).to_pem();
              sys::replace_file(arguments->out, text, 0644);
            }
            print_report(report, program.options().json);
            return report.revoked || report.outdated ? 1 : 0;
          }};
}

}  // namespace certctl::cli
