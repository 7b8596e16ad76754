#include <algorithm>

#include "framework/cli/output.hpp"
#include "framework/cli/verbs.hpp"
#include "framework/config/sample.hpp"
#include "framework/config/schema.hpp"

namespace certctl::cli {
namespace {

struct ProfileArguments {
  std::string name;
  config::SampleChoice sample;
  bool settings = false;
  bool effective = true;
};

}  // namespace

Verb add_profile(CLI::App& app) {
  auto arguments = std::make_shared<ProfileArguments>();
  CLI::App* command =
      app.add_subcommand("profile", "write a new profile, show one as it is in effect, print the schema");
  command->require_subcommand(1);
  CLI::App* make = command->add_subcommand("new", "a commented profile on standard output");
  make->add_option("NAME", arguments->sample.profile, "name of the profile")->required();
  make->add_option("--issuer", arguments->sample.issuer, "enroller")->capture_default_str();
  make->add_option("--store", arguments->sample.store, "store")->capture_default_str();
  make->add_option("--key", arguments->sample.key_provider, "key provider")->capture_default_str();
  make->add_option("--deliver", arguments->sample.distributors, "distributors, in their order");
  make->add_option("--hook", arguments->sample.hooks, "hooks");
  CLI::App* show = command->add_subcommand("show", "every value that is in effect, and where it comes from");
  show->add_option("PROFILE", arguments->name, "profile")->required();
  show->add_flag("--effective", arguments->effective, "as it is in effect (which is always so; accepted for clarity)");
  CLI::App* schema = command->add_subcommand("schema", "JSON Schema of profiles, for editors");
  schema->add_flag("--settings", arguments->settings, "of certctl.yaml instead");
  return {command, [arguments, make, show, schema](Program& program) {
            if (make->parsed()) {
              print(config::sample_profile(program.catalog(), arguments->sample));
            } else if (show->parsed()) {
              const config::Loaded& loaded = program.loaded();
              print(program.options().json ? config::effective_json(loaded, arguments->name) + "\n"
                                           : config::effective_text(loaded, arguments->name));
              const bool broken =
                  std::find(loaded.broken.begin(), loaded.broken.end(), arguments->name) != loaded.broken.end();
              return broken ? 2 : 0;
            } else if (schema->parsed()) {
              print((arguments->settings ? config::settings_schema(program.catalog())
                                         : config::profile_schema(program.catalog())) +
                    "\n");
            }
            return 0;
          }};
}

}  // namespace certctl::cli
