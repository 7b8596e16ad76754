#include "framework/daemon/edit.hpp"

#include <certctl/result.hpp>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "framework/compat/router_app/generated_profile.hpp"
#include "framework/config/profile_reader.hpp"
#include "framework/crypto/digest.hpp"
#include "framework/daemon/profile_form.hpp"
#include "framework/engine/lint.hpp"
#include "framework/sys/atomic_file.hpp"

namespace certctl::daemon {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct File {
  std::string path;
  std::string name;  // of the profile; empty: certctl.yaml
  std::string text;
  std::string version;  // of the text; empty: there is no such file
  sys::FileVersion on_disk;
};

std::string version_of(std::string_view text) {
  return crypto::sha256_hex(text);
}

std::string path_of(const Configuration& configuration, const std::string& profile) {
  if (profile.empty()) return configuration.settings_file();
  for (const std::string& source : configuration.sources())
    if (source != configuration.settings_file() && fs::path(source).stem() == profile &&
        source != configuration.profiles_directory())
      return source;
  if (configuration.profiles_directory().empty())
    throw Failure::never("profiles-are-a-list", "there is no profile '" + profile + "' in the list of certctl.yaml",
                         "add its file to `profiles` there");
  return configuration.profiles_directory() + "/" + profile + ".yaml";
}

File read(const Configuration& configuration, const Request& request) {
  File file;
  file.name = request.profiles.empty() ? std::string() : request.profiles.front();
  file.path = path_of(configuration, file.name);
  const auto text = sys::read_file_if_exists(file.path, config::kMaxFileSize, sys::Links::follow, &file.on_disk);
  file.text = text.value_or("");
  if (text) file.version = version_of(*text);
  return file;
}

std::string kind_of(const File& file) {
  if (file.name.empty()) return "settings";
  if (router_app::is_generated(file.text)) return "import";
  return read_fields(file.name, file.text) ? "page" : "text";
}

json problem_of(const config::Diagnostic& diagnostic) {
  return {{"line", diagnostic.mark.line},
          {"column", diagnostic.mark.column},
          {"severity", diagnostic.severity == config::Severity::error ? "error" : "warning"},
          {"code", diagnostic.code},
          {"message", diagnostic.message},
          {"hint", diagnostic.hint}};
}

json own_problem(const std::string& message) {
  return {{"line", 0}, {"column", 0}, {"severity", "error"}, {"code", "bad-field"}, {"message", message}, {"hint", ""}};
}

bool is_bad(const json& problems) {
  return std::any_of(problems.begin(), problems.end(),
                     [](const json& problem) { return problem.value("severity", "") == "error"; });
}

// What the file would be told if it said this.
json judge(const Configuration& configuration, const engine::Context& context, const File& file,
           const std::string& text) {
  const config::Proposal proposal{file.path, text};
  const Configuration::Trial trial = configuration.try_out(proposal);
  engine::Context its_context = context;
  its_context.settings = trial.loaded().settings;
  its_context.registry = trial.registry();
  const auto found = trial.loaded().usable ? engine::lint(its_context, trial.loaded()) : trial.loaded().diagnostics;
  json problems = json::array();
  for (const config::Diagnostic& diagnostic : found)
    if (diagnostic.mark.file == file.path) problems.push_back(problem_of(diagnostic));
  return problems;
}

json shown(const Configuration& configuration, const engine::Context& context, const File& file) {
  json result = {{"schema", 1}, {"file", file.path}, {"kind", kind_of(file)}, {"text", file.text}};
  result["version"] = file.version.empty() ? json(nullptr) : json(file.version);
  const auto fields = read_fields(file.name, file.text);
  result["form"] = fields ? json(*fields) : json(nullptr);
  result["problems"] = file.version.empty() ? json::array() : judge(configuration, context, file, file.text);
  return result;
}

std::string challenge_path(const Configuration& configuration, const std::string& profile) {
  return (fs::path(configuration.settings_file()).parent_path() / "secrets" / (profile + ".challenge")).string();
}

// A new challenge is there before the profile that names it is judged, and gone again when that is refused.
class Challenge {
 public:
  Challenge(std::string path, const std::string& text) : path_(std::move(path)) {
    sys::make_private_directory(fs::path(path_).parent_path().string());
    before_ = sys::read_file_if_exists(path_, 4096);
    sys::replace_file(path_, text + "\n", 0600);
  }
  ~Challenge() {
    if (kept_) return;
    try {
      before_ ? sys::replace_file(path_, *before_, 0600) : sys::remove_file(path_);
    } catch (const std::exception&) {  // the new one stays; it is in nobody's profile, or in the old one's
    }
  }
  Challenge(const Challenge&) = delete;
  Challenge& operator=(const Challenge&) = delete;
  void keep() noexcept { kept_ = true; }

 private:
  std::string path_;
  std::optional<std::string> before_;
  bool kept_ = false;
};

std::string proposed_text(const Request& request, const File& file, json& problems) {
  if (request.text) return *request.text;
  for (const std::string& problem : check_fields(*request.form)) problems.push_back(own_problem(problem));
  return problems.empty() ? profile_text(file.name, *request.form) : std::string();
}

void require_ours(const Request& request, const File& file) {
  if (file.version.empty()) return;
  const std::string kind = kind_of(file);
  if (kind == "import")
    throw Failure::never("not-ours", file.path + " is made of the router app's settings", "change those");
  if (request.form && kind != "page")
    throw Failure::never("not-ours", file.path + " was written by hand, and is left alone", "edit it as text");
}

json saved(Request request, const Configuration& configuration, const engine::Context& context, const sys::Say& say) {
  const File file = read(configuration, request);
  if (request.form && file.name.empty()) throw Failure::never("bad-request", "certctl.yaml has no form");
  require_ours(request, file);
  json result = {{"schema", 1}, {"saved", false}, {"conflict", false}, {"file", file.path}};
  result["problems"] = json::array();
  if (request.version != file.version) {
    result["conflict"] = true;
    return result;
  }
  std::optional<Challenge> challenge;
  if (request.challenge && !request.challenge->empty()) {
    const std::string path = challenge_path(configuration, file.name);
    challenge.emplace(path, *request.challenge);
    (*request.form)["challenge_file"] = path;
  }
  json problems = json::array();
  const std::string text = proposed_text(request, file, problems);
  if (problems.empty()) problems = judge(configuration, context, file, text);
  result["problems"] = problems;
  if (is_bad(problems)) return result;
  sys::WriteOptions options;
  options.like_existing = true;
  if (file.version.empty()) {
    if (!sys::create_file(file.path, text, options)) {
      result["conflict"] = true;
      return result;
    }
  } else {
    options.only_if = file.on_disk;
    sys::replace_file(file.path, text, options);
  }
  if (challenge) challenge->keep();
  result["saved"] = true;
  result["version"] = version_of(text);
  say(R"({"reload":true})");
  return result;
}

json router_problems(const std::vector<router_app::ItemProblem>& found) {
  json problems = json::array();
  for (const router_app::ItemProblem& problem : found)
    problems.push_back({{"item", problem.item->name}, {"message", problem.message}, {"fatal", problem.fatal}});
  return problems;
}

json router_settings(const Request& request, const Configuration& configuration, const sys::Say& say) {
  const std::string& path = configuration.router_settings();
  if (path.empty())
    throw Failure::never("no-router-settings", "this daemon follows no settings of the router app",
                         "`certctl serve --router-settings FILE`");
  const auto text = sys::read_file_if_exists(path, router_app::kLongestProfile);
  const std::string version = text ? version_of(*text) : std::string();
  json result = {{"schema", 1}, {"file", path}};
  if (request.verb == Verb::router_settings) {
    const auto settings = router_app::read_module_settings(text.value_or(""), path);
    json notices = json::array();
    for (const auto& diagnostic : settings.diagnostics) notices.push_back(config::format(diagnostic));
    result["form"] = settings.values;
    result["version"] = version;
    result["notices"] = std::move(notices);
    return result;
  }
  const auto found = router_app::check_values(*request.form);
  result["problems"] = router_problems(found);
  result["conflict"] = request.version != version;
  result["saved"] = request.version == version && router_app::usable(found);
  if (result["saved"] == true) {
    router_app::save_module_settings(path, *request.form);
    say(R"({"reload":true})");
  }
  return result;
}

}  // namespace

bool is_edit(Verb verb) noexcept {
  switch (verb) {
    case Verb::configuration:
    case Verb::lint:
    case Verb::save:
    case Verb::router_settings:
    case Verb::save_router_settings: return true;
    default: return false;
  }
}

json edit(const Request& request, const Configuration& configuration, const engine::Context& context,
          const sys::Say& say) {
  if (request.verb == Verb::router_settings || request.verb == Verb::save_router_settings)
    return router_settings(request, configuration, say);
  if (request.verb == Verb::save) return saved(request, configuration, context, say);
  const File file = read(configuration, request);
  if (request.verb == Verb::configuration) return shown(configuration, context, file);
  json problems = json::array();
  const std::string text = proposed_text(request, file, problems);
  if (problems.empty()) problems = judge(configuration, context, file, text);
  return {{"schema", 1}, {"file", file.path}, {"text", text}, {"problems", std::move(problems)}};
}

}  // namespace certctl::daemon
