#include "framework/config/lint.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "framework/config/report.hpp"
#include "framework/config/units.hpp"
#include "framework/sys/system_error.hpp"

namespace certctl::config {
namespace {

constexpr std::chrono::hours kShortThreshold{1};
constexpr std::chrono::hours kLongThreshold{24 * 366};
constexpr int kSmallPercentage = 5;
constexpr int kLargePercentage = 50;

bool is_key_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

// Where `word` stands alone in `text`.
std::size_t find_word(std::string_view text, std::string_view word) {
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || !is_key_letter(text[at - 1])) && (end == text.size() || !is_key_letter(text[end]))) return at;
  }
  return std::string_view::npos;
}

class ProfileLint {
 public:
  ProfileLint(const Profile& profile, const Loaded& loaded, const ValidatePlugin& validate)
      : profile_(profile), validate_(validate), report_(profile.name, profile.file) {
    const auto it = loaded.effective.find(profile.name);
    if (it != loaded.effective.end()) values_ = &it->second;
  }

  std::vector<Diagnostic> run() {
    const bool listed = values_ != nullptr && std::any_of(values_->begin(), values_->end(),
                                                          [](const auto& v) { return v.path.starts_with("issuers["); });
    for (std::size_t i = 0; i < profile_.issuers.size(); ++i)
      plugin(PluginKind::enroller, profile_.issuers[i], listed ? "issuers[" + std::to_string(i) + "]" : "issuer");
    plugin(PluginKind::key_provider, profile_.key_provider, "key");
    plugin(PluginKind::store, profile_.store, "store");
    for (std::size_t i = 0; i < profile_.targets.size(); ++i) {
      const std::string place = "deliver[" + std::to_string(i) + "]";
      const Target& target = profile_.targets[i];
      plugin(PluginKind::distributor, target.plugin, place);
      command(target.reload, place + ": reload", mark_of(place + ".reload", target.plugin.mark));
    }
    for (std::size_t i = 0; i < profile_.hooks.size(); ++i)
      plugin(PluginKind::hook, profile_.hooks[i].plugin, "hooks[" + std::to_string(i) + "]");
    threshold();
    return report_.take_diagnostics();
  }

 private:
  // The place of a value that is written, else `otherwise`.
  Mark mark_of(const std::string& path, const Mark& otherwise) const {
    if (values_ == nullptr) return otherwise;
    const auto it = std::find_if(values_->begin(), values_->end(), [&](const auto& v) { return v.path == path; });
    return it == values_->end() || it->mark.file.empty() ? otherwise : it->mark;
  }

  void plugin(PluginKind kind, const PluginUse& use, const std::string& place) {
    const std::string prefix = place + "." + use.plugin + ".";
    for (const auto& [name, value] : use.options.values()) {
      const Mark mark = mark_of(prefix + name, use.mark);
      const std::string title = use.plugin + ": " + name;
      if (const auto* source = std::get_if<SecretSource>(&value)) secret(*source, title, mark);
      if (const auto* run = std::get_if<Command>(&value)) command(*run, title, mark);
    }
    if (!validate_) return;
    const std::optional<Error> error = validate_(kind, use, profile_);
    if (!error) return;
    // The option that the plugin names first is most likely the one that is wrong.
    Mark mark = use.mark;
    std::size_t best = std::string::npos;
    for (const auto& [name, value] : use.options.values()) {
      const std::size_t at = find_word(error->message, name);
      const Mark written = mark_of(prefix + name, {});
      if (at < best && !written.file.empty()) {
        best = at;
        mark = written;
      }
    }
    report_.error(mark, error->code, use.plugin + ": " + error->message, error->hint);
  }

  void secret(const SecretSource& source, const std::string& title, const Mark& mark) {
    if (source.empty()) return;
    const std::string& file = source.file.empty() ? mark.file : source.file;
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0) {
      const Error error = sys::system_failure(file, errno).error();
      report_.error(mark, error.code, title + ": " + error.message, error.hint);
    } else if (!source.file.empty() && !S_ISREG(status.st_mode)) {
      report_.error(mark, "not-a-file", title + ": " + file + " is not a regular file");
    } else if ((status.st_mode & S_IROTH) != 0) {
      report_.warning(mark, "secret-readable",
                      source.file.empty() ? title + " is written here, and every user can read this file"
                                          : title + ": every user can read " + file,
                      "chmod o-r " + file);
    }
  }

  void command(const Command& command, const std::string& title, const Mark& mark) {
    if (command.shell || command.empty() || command.arguments.front().find('/') == std::string::npos) return;
    const std::string& program = command.arguments.front();
    if (::access(program.c_str(), X_OK) != 0)
      report_.warning(mark, "command-missing",
                      title + ": " + program + (errno == EACCES ? " cannot be executed" : " does not exist"));
  }

  void threshold() {
    const RenewThreshold& renew = profile_.renew;
    const Mark mark = mark_of("renew", {profile_.file, 0, 0});
    if (renew.left && *renew.left < kShortThreshold) {
      report_.warning(mark, "late-renewal", "renew: " + renew.text + " leaves little time to try again");
    } else if (renew.left && *renew.left > kLongThreshold) {
      report_.warning(mark, "early-renewal", "renew: " + renew.text + " is longer than most certificates live",
                      "where it is more than half of the lifetime, one third of the lifetime is taken");
    } else if (!renew.left && renew.percent_left < kSmallPercentage) {
      report_.warning(mark, "late-renewal", "renew: " + renew.text + " leaves little time to try again");
    } else if (!renew.left && renew.percent_left > kLargePercentage) {
      report_.warning(mark, "early-renewal", "renew: " + renew.text + " is more than half of the lifetime",
                      "one third of the lifetime is taken instead");
    }
  }

  const Profile& profile_;
  const ValidatePlugin& validate_;
  const std::vector<EffectiveValue>* values_ = nullptr;
  Report report_;
};

}  // namespace

std::vector<Diagnostic> lint(const Loaded& loaded, const ValidatePlugin& validate) {
  std::vector<Diagnostic> found;
  for (const Profile& profile : loaded.profiles) {
    auto more = ProfileLint(profile, loaded, validate).run();
    std::move(more.begin(), more.end(), std::back_inserter(found));
  }
  sort_and_unify(found);
  return found;
}

}  // namespace certctl::config
