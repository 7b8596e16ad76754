#include "framework/cli/router_app_status.hpp"

#include <certctl/result.hpp>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "framework/cli/output.hpp"
#include "framework/compat/router_app/import.hpp"
#include "framework/compat/router_app/status_lines.hpp"
#include "framework/compat/router_app/store_facts.hpp"
#include "framework/engine/status.hpp"

namespace certctl::cli {
namespace {

bool automation_on(const std::string& settings, bool profile_exists) {
  std::error_code error;
  if (!std::filesystem::exists(settings, error)) return profile_exists;
  return router_app::flag(router_app::read_module_settings_file(settings).values, "ENABLED");
}

// What the profile says, or, before the first import, what the old app left in the store.
router_app::StatusFacts facts_of(Program& program, const std::string& settings, const std::string& name) {
  router_app::StatusFacts facts;
  std::string profile_name = name.empty() ? router_app::kProfileName : name;
  const auto& profiles = program.loaded().profiles;
  if (name.empty() && program.loaded().find(profile_name) == nullptr && profiles.size() == 1)
    profile_name = profiles.front().name;
  const config::Profile* profile = program.loaded().find(profile_name);
  if (profile != nullptr) {
    const engine::ProfileStatus status = engine::status_of(program.context(), *profile);
    if (!status.problem.empty()) program.log(LogLevel::error, profile_name, status.problem);
    facts.transaction = status.transaction;
    facts.serial = status.serial;
    facts.failed = status.last_error.has_value();
  } else {
    facts.serial = router_app::serial_in(router_app::default_store());
  }
  facts.automation = automation_on(settings, profile != nullptr);
  return facts;
}

}  // namespace

int router_app_status(Program& program, const std::string& settings, const std::string& name) {
  const std::string file =
      settings.empty() ? (std::filesystem::path(program.config_path()).parent_path() / "settings").string() : settings;
  const router_app::StatusLines lines = router_app::status_lines(facts_of(program, file, name));
  if (program.options().json) {
    const nlohmann::json object = {
        {"schema", 1}, {"module", lines.module}, {"certificate", lines.certificate}, {"running", lines.running}};
    print(object.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  } else {
    print_line(lines.module);
    print_line(lines.certificate);
  }
  return 0;
}

}  // namespace certctl::cli
