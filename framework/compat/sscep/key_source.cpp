#include "framework/compat/sscep/key_source.hpp"

#include "framework/compat/sscep/files.hpp"
#include "framework/compat/sscep/stop.hpp"
#include "framework/compat/sscep/withheld_errors.hpp"

#include <unistd.h>

namespace certctl::sscep {

std::optional<crypto::EngineSettings> engine_settings(const Options& options,
                                                      const std::optional<crypto::ConfFile>& file) {
  crypto::EngineSettings settings;
  settings.id = options.engine.value_or("");
  const auto section = file ? file->value("sscep", "engine") : std::nullopt;
  if (section) {
    if (!file->has_section(*section))
      throw Stop(ExitCode::file, "there is no section [" + *section + "], which `engine` names");
    if (settings.id.empty()) settings.id = file->value(*section, "engine_id").value_or("");
    if (settings.id.empty()) throw Stop(ExitCode::file, "there is no engine_id in the section [" + *section + "]");
    settings.dynamic_path = file->value(*section, "dynamic_path").value_or("");
    settings.module_path = file->value(*section, "MODULE_PATH").value_or("");
    const auto commands = file->value(*section, "cmds");
    if (commands && !settings.dynamic_path.empty())
      for (auto& [name, value] : file->entries(*commands))
        settings.commands.emplace_back(name, Secret(std::move(value)));
  }
  if (settings.id.empty()) return std::nullopt;
  // [sscep_engine_pkcs11] has a PIN, [sscep_engine_jksengine] a KeyStorePass …: commands of the engine by these names.
  if (file)
    for (auto& [name, value] : file->entries("sscep_engine_" + settings.id))
      settings.commands.emplace_back(name, Secret(std::move(value)));
  return settings;
}

KeySource::KeySource(const std::optional<crypto::EngineSettings>& settings, const Console& console)
    : console_(console) {
  if (!settings) return;
  engine_ = or_stop(ExitCode::error, "", [&] { return crypto::Engine::open(*settings); });
  console_.verbose("using the engine " + settings->id);
}

crypto::Key KeySource::load(const std::string& name) const {
  if (!engine_) return read_key(name);
  try {
    std::optional<WithheldErrors> withheld;
    if (name.find("pin-value=") != std::string::npos) withheld.emplace();
    return engine_->private_key(name);
  } catch (const Failure& failure) {
    if (::access(name.c_str(), F_OK) != 0) throw Stop(ExitCode::file, failure.error().message);
    console_.verbose(failure.error().message + "; it is a file");
    return read_key(name);
  }
}

}  // namespace certctl::sscep
