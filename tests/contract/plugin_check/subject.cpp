#include "tests/contract/plugin_check/subject.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "framework/config/load.hpp"
#include "framework/engine/plugin_catalog.hpp"
#include "framework/registry/executable.hpp"
#include "framework/registry/module.hpp"
#include "framework/registry/registry.hpp"

namespace certctl::plugin_check {
namespace fs = std::filesystem;
namespace {

// What the sample is not about.
constexpr const char* kSettings = R"(schema: 1
device_serial: { text: S1 }
plugins: []
defaults:
  issuer: { scep: { url: "http://pki.example/scep", trust_on_first_use: true } }
  subject: /CN=sample
  store: { scepclient: { path: /var/data/scepClient } }
)";

fs::path own_directory() {
  return fs::read_symlink("/proc/self/exe").parent_path();
}

std::string replaced(std::string text, const std::string& name, const std::string& value) {
  const std::string variable = "${" + name + "}";
  for (std::size_t at = 0; (at = text.find(variable, at)) != std::string::npos; at += value.size())
    text.replace(at, variable.size(), value);
  return text;
}

bool is_program(const std::string& path) {
  return fs::is_regular_file(path) && ::access(path.c_str(), X_OK) == 0;
}

// The sample's paths are those of a real system: nothing there is touched.
std::string below(const std::string& path, const fs::path& place, const fs::path& fixture) {
  if (path.empty() || path.starts_with(place.string() + "/") || is_program(path)) return path;
  const std::string in_fixture = fixture.string() + "/";
  if (path.starts_with(in_fixture)) return (place / path.substr(in_fixture.size())).string();
  return place.string() + fs::path(path).lexically_normal().string();
}

const config::PluginUse* use_of(const config::Profile& profile, registry::Kind kind, const std::string& name) {
  const auto is_it = [&](const config::PluginUse& use) { return use.plugin == name ? &use : nullptr; };
  switch (kind) {
    case registry::Kind::enroller: return is_it(profile.issuer);
    case registry::Kind::store: return is_it(profile.store);
    case registry::Kind::key_provider: return is_it(profile.key_provider);
    case registry::Kind::distributor:
      for (const config::Target& target : profile.targets)
        if (is_it(target.plugin) != nullptr) return &target.plugin;
      return nullptr;
    case registry::Kind::hook:
      for (const config::HookUse& hook : profile.hooks)
        if (is_it(hook.plugin) != nullptr) return &hook.plugin;
      return nullptr;
  }
  return nullptr;
}

// A use without options, for a plugin that needs none and has no sample.
std::string plain_use(const registry::PluginInfo& info) {
  switch (info.kind) {
    case registry::Kind::enroller: return "issuer: { " + info.name + ": {} }\n";
    case registry::Kind::store: return "store: { " + info.name + ": {} }\n";
    case registry::Kind::key_provider: return "key: { " + info.name + ": {} }\n";
    case registry::Kind::distributor: return "deliver: [ { " + info.name + ": {} } ]\n";
    case registry::Kind::hook: return "hooks: [ { " + info.name + ": {}, on: [ delivered ] } ]\n";
  }
  return {};
}

registry::Plugin load(const std::string& path) {
  const bool module = fs::path(path).extension() == ".so";
  return module ? registry::load_module(path) : registry::load_executable(path);
}

}  // namespace

Subject::Subject(Wanted wanted) : wanted_(std::move(wanted)) {
  wanted_.plugin = fs::canonical(wanted_.plugin).string();
  plugin_ = std::make_shared<const registry::Plugin>(load(wanted_.plugin));
  fs::create_directory(fixture());
}

void Subject::reset_fixture() const {
  fs::remove_all(fixture());
  fs::create_directory(fixture());
  fs::permissions(fixture(), fs::perms::owner_all);
  if (!wanted_.fixture.empty())
    fs::copy(wanted_.fixture, fixture(), fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  if (info().kind != registry::Kind::enroller) (void)options();  // makes their directories
}

std::string Subject::sample_text() const {
  if (!wanted_.options.empty()) return contract::Scratch::read(wanted_.options);
  // Beside the plugin, or above the directories of its build.
  fs::path directory = fs::path(wanted_.plugin).parent_path();
  for (int level = 0; level < 3; ++level, directory = directory.parent_path()) {
    const fs::path sample = directory / "sample.yaml";
    if (!fs::exists(sample)) continue;
    std::string text = contract::Scratch::read(sample);
    if (text.find(info().name + ":") != std::string::npos) return text;
  }
  const bool needs =
      std::any_of(info().options.begin(), info().options.end(), [](const auto& o) { return o.required; });
  if (needs)
    throw Failure::never("no-options", "no sample.yaml near " + wanted_.plugin + " uses the plugin " + info().name,
                         "give one with --options FILE");
  return plain_use(info());
}

Options Subject::read_options(const std::string& sample) const {
  const contract::Scratch scratch;
  scratch.write("certctl.yaml", kSettings);
  scratch.write("profiles.d/sample.yaml", "profile: sample\n" + sample);
  const fs::path own = own_directory();
  registry::Registry registry(
      {fs::path(wanted_.plugin).parent_path().string(),
       fs::is_directory(own / "plugins") ? (own / "plugins").string() : (own.parent_path() / "plugins").string()});
  const engine::PluginCatalog catalog(registry);
  const auto loaded = config::load((scratch.path() / "certctl.yaml").string(),
                                   [&](const config::Settings&) -> const config::PluginCatalog& { return catalog; });
  for (const auto& diagnostic : loaded.diagnostics)
    if (diagnostic.severity == config::Severity::error)
      throw Failure::never("sample-invalid", "the options of the plugin: " + diagnostic.message, diagnostic.hint);
  const config::PluginUse* use = use_of(loaded.profiles.at(0), info().kind, info().name);
  if (use == nullptr)
    throw Failure::never("sample-invalid", "the sample does not use the plugin " + info().name,
                         "write it as a part of a profile, like the plugin's sample.yaml");
  return use->options;
}

Options Subject::options(const std::map<std::string, std::string>& values, const fs::path& place) const {
  std::string text = replaced(sample_text(), "fixture", fixture().string());
  for (const auto& [name, value] : values) text = replaced(text, name, value);
  Options given = read_options(text);
  const fs::path to = place.empty() ? fixture() : place;
  for (const OptionSpec& spec : info().options) {
    if (spec.type == OptionType::path && given.has(spec.name)) {
      given.set(spec.name, below(given.text(spec.name), to, fixture()));
    } else if (spec.type == OptionType::secret && !given.secret(spec.name).file.empty()) {
      SecretSource source = given.secret(spec.name);
      source.file = below(source.file, to, fixture());
      given.set(spec.name, source);
    }
  }
  // The directories in which files are named are there on a real system.
  for (const std::string& name : path_options(given))
    if (given.text(name).starts_with(to.string() + "/"))
      fs::create_directories(fs::path(given.text(name)).parent_path());
  return given;
}

std::vector<std::string> Subject::path_options(const Options& options) const {
  std::vector<std::string> names;
  for (const OptionSpec& spec : info().options)
    if (spec.type == OptionType::path && options.has(spec.name) && !is_program(options.text(spec.name)))
      names.emplace_back(spec.name);
  return names;
}

}  // namespace certctl::plugin_check
