#include "framework/config/sample.hpp"

#include <algorithm>

#include "framework/config/option_reader.hpp"
#include "framework/config/profile_reader.hpp"
#include "framework/config/report.hpp"
#include "framework/config/value_text.hpp"

namespace certctl::config {
namespace {

constexpr std::size_t kCommentColumn = 48;

const PluginDescription& require_plugin(const PluginCatalog& catalog, PluginKind kind, const std::string& name) {
  if (const PluginDescription* plugin = catalog.find(kind, name)) return *plugin;
  const std::string refusal = catalog.refusal(kind, name);
  std::vector<std::string> names;
  for (const PluginDescription* plugin : catalog.all(kind)) names.push_back(plugin->name);
  throw Failure::never("plugin-unknown",
                       refusal.empty()
                           ? std::string("there is no ") + kind_word(kind) + " " + quote(name)
                           : std::string("the ") + kind_word(kind) + " " + quote(name) + " was refused: " + refusal,
                       suggestion(name, names));
}

std::string line(std::string text, const std::string& comment) {
  if (!comment.empty()) {
    text += text.size() < kCommentColumn ? std::string(kCommentColumn - text.size(), ' ') : std::string(" ");
    text += "# " + comment;
  }
  return text + "\n";
}

// What an option without a default could look like.
std::string example_value(const OptionSpec& spec) {
  switch (spec.type) {
    case OptionType::text: return "TEXT";
    case OptionType::path: return "/PATH";
    case OptionType::integer: return "1";
    case OptionType::boolean: return "true";
    case OptionType::duration: return "60s";
    case OptionType::size: return "1MiB";
    case OptionType::choice: return scalar_text(choices_of(spec).empty() ? "" : choices_of(spec).front());
    case OptionType::list: return "[ TEXT ]";
    case OptionType::map: return "{ NAME: TEXT }";
    case OptionType::command: return "[ /PROGRAM, ARGUMENT ]";
    case OptionType::secret: return "{ file: /PATH }";
  }
  return {};
}

std::string required_value(const OptionSpec& spec) {
  switch (spec.type) {
    case OptionType::map: return std::string("{ NAME: ") + kPlaceholder + " }";
    case OptionType::secret: return std::string("{ file: ") + kPlaceholder + " }";
    case OptionType::list:
    case OptionType::command: return std::string("[ ") + kPlaceholder + " ]";
    default: return kPlaceholder;
  }
}

std::string option_line(const OptionSpec& spec, const std::string& indent) {
  std::string comment = spec.text;
  if (spec.type == OptionType::choice)
    comment += std::string(comment.empty() ? "" : "; ") + "one of: " + joined(choices_of(spec));
  const std::string name = spec.name;
  if (spec.required) return line(indent + name + ": " + required_value(spec), comment);
  std::string fallback = spec.default_value;
  const bool scalar = spec.type == OptionType::text || spec.type == OptionType::path;
  if (scalar && !fallback.empty() && fallback[0] != '"') fallback = scalar_text(fallback);
  return line(indent + "# " + name + ": " + (fallback.empty() ? example_value(spec) : fallback), comment);
}

// The plugin's name and its options, required ones first; `{}` where all of them can be left out.
std::string plugin_lines(const PluginDescription& plugin, const std::string& before, const std::string& indent,
                         std::span<const OptionSpec> extra) {
  std::vector<OptionSpec> table(plugin.options.begin(), plugin.options.end());
  for (const OptionSpec& spec : extra) {
    const bool declared = std::any_of(
        table.begin(), table.end(), [&](const OptionSpec& other) { return std::string_view(other.name) == spec.name; });
    if (!declared) table.push_back(spec);
  }
  std::stable_partition(table.begin(), table.end(), [](const OptionSpec& spec) { return spec.required; });
  std::string text = line(before + plugin.name + ":", plugin.summary);
  for (const OptionSpec& spec : table) text += option_line(spec, indent);
  return text;
}

std::string trust_lines(const PluginDescription& issuer) {
  const bool pins = std::any_of(issuer.options.begin(), issuer.options.end(),
                                [](const OptionSpec& spec) { return std::string_view(spec.name) == "ca_fingerprint"; });
  return pins ? "    # One of ca_fingerprint, ca_file and trust_on_first_use is needed: it says which CA is trusted.\n"
              : std::string();
}

std::string head(const SampleChoice& choice) {
  return "# certctl profile " + choice.profile + ". Keep it as " + choice.profile +
         ".yaml; `certctl lint` checks it, `certctl plan " + choice.profile +
         "` says what would be done.\n"
         "# Lines that are commented out show defaults and examples. Durations: s m h d w y; sizes: B KiB MiB GiB.\n"
         "profile: " +
         choice.profile + "\n\n";
}

constexpr const char* kRequest =
    "# What the certificate is for. ${device_serial} stands for the serial number of the device (see certctl.yaml).\n"
    "subject: /CN=CHANGE-ME\n"
    "# san: [ \"DNS:host.example\", \"email:me@host.example\", \"IP:192.0.2.1\" ]\n"
    "# usage: [ digitalSignature, keyEncipherment, serverAuth, clientAuth ]\n"
    "# template: { name: NAME, string: bmp }        # Microsoft's CA; string: bmp, utf8\n"
    "# names: warn                                  # when the issued names differ: warn, refuse, ignore\n\n"
    "# When to renew: \"30d left\", \"30% left\" or \"70% elapsed\".\n"
    "# renew: 30% left\n"
    "# While somebody has to approve the request:\n"
    "# pending: { poll: 60s, give_up: 30d }\n\n";

constexpr const char* kTargetLines =
    "    # name: NAME                               # of the target; default: the distributor's\n"
    "    # reload: [ /PROGRAM, ARGUMENT ]           # makes the service read it; a string is shell text; []: not "
    "needed\n"
    "    # restart: [ /PROGRAM, ARGUMENT ]          # may follow when it is not served after the reload; default: "
    "never\n"
    "    # timeout: 60s                             # of the reload and restart commands\n"
    "    # verify: [ tls: \"127.0.0.1:443\" ]         # what must show it: tls, smtp, file, ike, command\n"
    "    # verify_timeout: 30s                      # until the service must serve it\n"
    "    # on_failure: rollback                     # rollback: undo all targets; keep: only this one is in debt\n";

}  // namespace

std::string sample_profile(const PluginCatalog& catalog, const SampleChoice& choice) {
  if (!is_profile_name(choice.profile))
    throw Failure::never("bad-name", "a profile cannot be called " + quote(choice.profile),
                         "use up to 63 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit");
  const PluginDescription& issuer = require_plugin(catalog, PluginKind::enroller, choice.issuer);
  std::string text = head(choice);
  text += "# Whom to ask, and how.\nissuer:\n" + plugin_lines(issuer, "  ", "    ", {}) + trust_lines(issuer) + "\n";

  text += "# The key: rotate: always makes a new one for each certificate; never; or an age, such as 1y.\nkey:\n";
  text += plugin_lines(require_plugin(catalog, PluginKind::key_provider, choice.key_provider), "  ", "    ", {});
  text +=
      "  type: rsa                                     # rsa, ec\n"
      "  bits: 2048                                    # rsa: 2048 to 8192; ec has curve: P-256, P-384, P-521\n"
      "  rotate: always\n\n";
  text += kRequest;
  text += "# Where the pairs are kept.\nstore:\n" +
          plugin_lines(require_plugin(catalog, PluginKind::store, choice.store), "  ", "    ", store_options()) + "\n";

  text += "# Who gets the pair. All targets or none: see on_failure.\n";
  text += choice.distributors.empty() ? "# deliver:\n" : "deliver:\n";
  for (const std::string& name : choice.distributors) {
    text += plugin_lines(require_plugin(catalog, PluginKind::distributor, name), "  - ", "      ", {});
    text += kTargetLines;
  }
  text += "\n# Who is told. on: pending, delivered, failed, recovered, before-deliver.\n";
  text += choice.hooks.empty() ? "# hooks:\n" : "hooks:\n";
  for (const std::string& name : choice.hooks) {
    text += plugin_lines(require_plugin(catalog, PluginKind::hook, name), "  - ", "      ", {});
    text += "    on: [ delivered, failed, recovered ]\n";
  }
  return text;
}

}  // namespace certctl::config
