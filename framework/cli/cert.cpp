#include "framework/cli/output.hpp"
#include "framework/cli/run_profiles.hpp"
#include "framework/cli/verbs.hpp"
#include "framework/engine/issuer.hpp"
#include "framework/sys/atomic_file.hpp"

namespace certctl::cli {
namespace {

struct CertArguments {
  std::string profile;
  std::string serial;
  std::string out;
};

}  // namespace

Verb add_cert(CLI::App& app) {
  auto arguments = std::make_shared<CertArguments>();
  CLI::App* command = app.add_subcommand("cert", "ask the issuer for a certificate by its serial number");
  command->add_option("PROFILE", arguments->profile, "profile, whose certificate authenticates the question")
      ->required();
  command->add_option("SERIAL", arguments->serial, "serial number in hexadecimal")->required();
  command->add_option("--out", arguments->out, "file for the certificate as PEM (default: standard output)");
  return {command, [arguments](Program& program) {
            const config::Profile& profile = require_profile(program, arguments->profile);
            const std::string pem =
                ask_issuer([&] { return engine::fetch_certificate(program.context(), profile, arguments->serial); });
            if (arguments->out.empty()) {
              print(pem);
            } else {
              sys::replace_file(arguments->out, pem, 0644);
            }
            return 0;
          }};
}

}  // namespace certctl::cli
