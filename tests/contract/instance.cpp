#include "tests/contract/instance.hpp"

#include <charconv>
#include <stdexcept>

#include "framework/registry/built_in.hpp"

namespace certctl::contract {
namespace {

std::int64_t number_with_unit(std::string_view text,
                              std::initializer_list<std::pair<const char*, std::int64_t>> units) {
  std::int64_t number = 0;
  const auto [rest, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit(rest, static_cast<std::size_t>(text.data() + text.size() - rest));
  if (problem == std::errc())
    for (const auto& [name, factor] : units)
      if (unit == name) return number * factor;
  throw std::logic_error("default value '" + std::string(text) + "' is no number with a unit");
}

OptionValue default_of(const OptionSpec& spec) {
  const std::string text = spec.default_value;
  if (text.empty()) return std::monostate();
  switch (spec.type) {
    case OptionType::text:
    case OptionType::path:
    case OptionType::choice: return text;
    case OptionType::integer: return number_with_unit(text, {{"", 1}});
    case OptionType::boolean: return text == "true";
    case OptionType::duration:
      return std::chrono::seconds(number_with_unit(
          text, {{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}, {"w", 7 * 86400}, {"y", 365 * 86400}}));
    case OptionType::size:
      return number_with_unit(text, {{"B", 1}, {"KiB", 1024}, {"MiB", 1024 * 1024}, {"GiB", 1024 * 1024 * 1024}});
    case OptionType::list: return std::vector<std::string>{text};
    case OptionType::map: break;
    case OptionType::command: return Command{true, {text}};
    case OptionType::secret: break;
  }
  throw std::logic_error(std::string("option '") + spec.name + "' has a default that its type does not allow");
}

bool has_type(const OptionValue& value, OptionType type) {
  switch (type) {
    case OptionType::text:
    case OptionType::path:
    case OptionType::choice: return std::holds_alternative<std::string>(value);
    case OptionType::integer:
    case OptionType::size: return std::holds_alternative<std::int64_t>(value);
    case OptionType::boolean: return std::holds_alternative<bool>(value);
    case OptionType::duration: return std::holds_alternative<std::chrono::seconds>(value);
    case OptionType::list: return std::holds_alternative<std::vector<std::string>>(value);
    case OptionType::map: return std::holds_alternative<std::vector<std::pair<std::string, std::string>>>(value);
    case OptionType::command: return std::holds_alternative<Command>(value);
    case OptionType::secret: return std::holds_alternative<SecretSource>(value);
  }
  return false;
}

}  // namespace

const certctl_descriptor& descriptor(certctl_kind kind, std::string_view name) {
  for (const certctl_descriptor* one : registry::built_in_descriptors())
    if (one->kind == static_cast<std::uint32_t>(kind) && name == one->name) return *one;
  throw std::logic_error("no plugin '" + std::string(name) + "' of this kind is linked into the test");
}

std::vector<std::string> names(certctl_kind kind) {
  std::vector<std::string> result;
  for (const certctl_descriptor* one : registry::built_in_descriptors())
    if (one->kind == static_cast<std::uint32_t>(kind)) result.emplace_back(one->name);
  return result;
}

Options options(const certctl_descriptor& of, std::initializer_list<std::pair<std::string, OptionValue>> given) {
  Options result;
  const auto* table = static_cast<const OptionSpec*>(of.options);
  for (std::size_t i = 0; i < of.option_count; ++i) result.set(table[i].name, default_of(table[i]));
  for (const auto& [name, value] : given) {
    bool known = false;
    for (std::size_t i = 0; i < of.option_count && !known; ++i) {
      if (name != table[i].name) continue;
      known = true;
      if (!std::holds_alternative<std::monostate>(value) && !has_type(value, table[i].type)) {
        throw std::logic_error("option '" + name + "' is given with another type than declared");
      }
    }
    if (!known) throw std::logic_error("option '" + name + "' is not in the plugin's table");
    result.set(name, value);
  }
  return result;
}

Options options(certctl_kind kind, std::string_view name,
                std::initializer_list<std::pair<std::string, OptionValue>> given) {
  return options(descriptor(kind, name), given);
}

}  // namespace certctl::contract
