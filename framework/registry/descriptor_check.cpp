#include "framework/registry/descriptor_check.hpp"

#include <algorithm>
#include <cstring>
#include <set>

namespace certctl::registry {
namespace {

constexpr std::size_t kLongestText = 512;
constexpr std::uint64_t kMostOptions = 256;
constexpr const char* kRebuild = "rebuild the plugin with the SDK of this certctl";
constexpr const char* kDefect = "this is a defect of the plugin; report it to its author";

[[noreturn]] void malformed(const std::string& what) {
  throw Failure::never("plugin-malformed", "its descriptor is damaged: " + what, kDefect);
}

[[noreturn]] void other_build(const std::string& what) {
  throw Failure::never("plugin-revision", what, kRebuild);
}

// A text of the descriptor: there, ended, one line, and harmless on a terminal.
std::string text(const char* given, const char* what, bool may_be_empty) {
  if (given == nullptr) malformed(std::string(what) + " is missing");
  const std::size_t length = ::strnlen(given, kLongestText + 1);
  if (length > kLongestText) malformed(std::string(what) + " is too long");
  if (length == 0 && !may_be_empty) malformed(std::string(what) + " is empty");
  const std::string_view view(given, length);
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::any_of(view.begin(), view.end(), is_control)) malformed(std::string(what) + " has control characters");
  return std::string(view);
}

void check_build(const certctl_build& build) {
  if (build.contract != CERTCTL_CONTRACT_REVISION) {
    other_build("it is built for contract revision " + std::to_string(build.contract) + ", this certctl has " +
                std::to_string(CERTCTL_CONTRACT_REVISION));
  }
  if (build.pointer_size != sizeof(void*)) {
    other_build("it is built for " + std::to_string(build.pointer_size * 8U) + "-bit programs");
  }
  if (build.cxx11_abi != _GLIBCXX_USE_CXX11_ABI) {
    other_build("it is built with _GLIBCXX_USE_CXX11_ABI=" + std::to_string(build.cxx11_abi));
  }
  if (build.openssl_major != 0 && build.openssl_major != CERTCTL_HOST_OPENSSL_MAJOR) {
    other_build("it is built for OpenSSL " + std::to_string(build.openssl_major) + ", this certctl uses " +
                std::to_string(CERTCTL_HOST_OPENSSL_MAJOR));
  }
}

bool is_option_name(std::string_view name) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return !name.empty() && std::all_of(name.begin(), name.end(), fits);
}

bool among(std::string_view word, std::string_view choices) {
  while (true) {
    const std::size_t end = choices.find('|');
    if (choices.substr(0, end) == word) return true;
    if (end == std::string_view::npos) return false;
    choices.remove_prefix(end + 1);
  }
}

void check_option(const OptionSpec& spec) {
  const std::string name = text(spec.name, "an option's name", false);
  const std::string label = "option '" + name + "'";
  if (!is_option_name(name)) malformed(label + " has a name that is not of the form [a-z0-9_]+");
  const std::string value = text(spec.default_value, (label + ": the default").c_str(), true);
  const std::string choices = text(spec.choices, (label + ": the list of choices").c_str(), true);
  text(spec.text, (label + ": the description").c_str(), false);
  const auto type = static_cast<int>(spec.type);
  if (type < static_cast<int>(OptionType::text) || type > static_cast<int>(OptionType::secret)) {
    malformed(label + " has no known type");
  }
  if (spec.required && !value.empty()) malformed(label + " is required and has a default");
  if ((spec.type == OptionType::choice) == choices.empty()) {
    malformed(label + (choices.empty() ? " has nothing to choose from" : " has choices and is of another type"));
  }
  if (value.empty()) return;
  if (spec.type == OptionType::choice && !among(value, choices)) malformed(label + " has a default that is no choice");
  if (spec.type == OptionType::boolean && value != "true" && value != "false") {
    malformed(label + " has a default that is neither true nor false");
  }
  if (spec.type == OptionType::secret) malformed(label + " is a secret with a default");
}

}  // namespace

bool is_plugin_name(std::string_view name) noexcept {
  const auto starts = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  const auto fits = [&](char c) { return starts(c) || c == '_' || c == '-'; };
  return !name.empty() && name.size() <= 64 && starts(name.front()) && std::all_of(name.begin(), name.end(), fits);
}

void check_head(const char (&magic)[8], std::uint32_t struct_size, std::uint32_t kind, const certctl_build& build) {
  if (std::memcmp(magic, CERTCTL_MAGIC, sizeof(CERTCTL_MAGIC)) != 0) malformed("it has another magic");
  if (struct_size != sizeof(certctl_descriptor)) {
    other_build("its descriptor has " + std::to_string(struct_size) + " bytes, this certctl expects " +
                std::to_string(sizeof(certctl_descriptor)));
  }
  check_build(build);
  if (!kind_of_number(kind)) malformed("there is no kind " + std::to_string(kind));
}

Plugin checked_plugin(const certctl_descriptor& descriptor, const std::string& path) {
  check_head(descriptor.magic, descriptor.struct_size, descriptor.kind, descriptor.build);
  Plugin plugin;
  plugin.info.kind = *kind_of_number(descriptor.kind);
  plugin.info.name = text(descriptor.name, "its name", false);
  if (!is_plugin_name(plugin.info.name)) malformed("its name is not of the form [a-z0-9][a-z0-9_-]*");
  plugin.info.version = text(descriptor.version, "its version", false);
  plugin.info.summary = text(descriptor.summary, "its summary", false);
  plugin.info.path = path;
  if (descriptor.create == nullptr || descriptor.destroy == nullptr) malformed("it can make no instance");
  if (descriptor.option_count > kMostOptions) malformed("it has too many options");
  if (descriptor.option_count != 0 && descriptor.options == nullptr) malformed("its option table is missing");
  plugin.info.options =
      std::span(static_cast<const OptionSpec*>(descriptor.options), static_cast<std::size_t>(descriptor.option_count));
  std::set<std::string_view> names;
  for (const OptionSpec& spec : plugin.info.options) {
    check_option(spec);
    if (!names.insert(spec.name).second) malformed("option '" + std::string(spec.name) + "' stands there twice");
  }
  plugin.create = [create = descriptor.create](const Options& options, Host& host, Error& error) {
    return create(&options, &host, &error);
  };
  plugin.destroy = descriptor.destroy;
  return plugin;
}

}  // namespace certctl::registry
