#include "framework/config/option_reader.hpp"

#include <algorithm>
#include <filesystem>

#include "framework/config/sample.hpp"
#include "framework/config/units.hpp"

namespace certctl::config {
namespace {

constexpr std::size_t kMaxText = 65536;

bool wrong_kind(const Node& node, Node::Kind wanted, const std::string& name, Report& report) {
  if (node.kind == wanted) return false;
  if (node.is_null()) {
    report.error(node.mark(), "no-value", name + " has no value", "write one, or remove the key");
  } else {
    report.error(node.mark(), "wrong-type",
                 name + " must be " + kind_word(wanted) + ", and is " + kind_word(node.kind));
  }
  return true;
}

// A parser of units.hpp, with its complaint at the node.
template <class Parser>
auto parsed(const Node& node, const std::string& name, Report& report, Parser&& parser)
    -> std::optional<decltype(parser(node.text))> {
  if (!read_text(node, name, report)) return std::nullopt;
  try {
    return parser(node.text);
  } catch (const Failure& failure) {
    report.error(node.mark(), failure.error().code, name + ": " + failure.error().message, failure.error().hint);
    return std::nullopt;
  }
}

std::optional<OptionValue> read_map(const Node& node, const std::string& name, Report& report) {
  if (wrong_kind(node, Node::Kind::map, name, report)) return std::nullopt;
  std::vector<std::pair<std::string, std::string>> map;
  bool good = true;
  for (const Entry& entry : node.entries) {
    const auto text = read_text(entry.value, name + ": " + quote(entry.key), report);
    good = good && text;
    if (text) map.emplace_back(entry.key, *text);
  }
  if (!good) return std::nullopt;
  return map;
}

std::optional<OptionValue> read_secret(const Node& node, const std::string& name, Report& report) {
  if (node.is_map()) {
    if (!check_keys(node, {"file"}, "in " + name, report)) return std::nullopt;
    const Entry* file = node.find("file");
    if (file == nullptr) {
      report.error(node.mark(), "no-value", name + " has no value", "write the secret, or { file: PATH }");
      return std::nullopt;
    }
    auto path = read_path(file->value, name + ": file", report);
    if (!path) return std::nullopt;
    return SecretSource{std::move(*path), Secret()};
  }
  auto text = read_text(node, name, report);
  if (!text) return std::nullopt;
  if (text->empty()) {
    report.error(node.mark(), "empty-value", name + " is empty", "write the secret, or { file: PATH }");
    return std::nullopt;
  }
  return SecretSource{{}, Secret(std::move(*text))};
}

template <class T>
std::optional<OptionValue> as_value(std::optional<T> value) {
  if (!value) return std::nullopt;
  return OptionValue(std::move(*value));
}

}  // namespace

std::string absolute_beside(const std::string& path, const std::string& file) {
  const std::filesystem::path absolute = std::filesystem::path(file).parent_path() / path;
  std::string text = absolute.lexically_normal().string();
  while (text.size() > 1 && text.back() == '/') text.pop_back();
  return text;
}

std::vector<std::string> choices_of(const OptionSpec& spec) {
  std::vector<std::string> choices;
  std::string_view rest = spec.choices;
  while (!rest.empty()) {
    const std::size_t bar = std::min(rest.find('|'), rest.size());
    choices.emplace_back(rest.substr(0, bar));
    rest.remove_prefix(std::min(bar + 1, rest.size()));
  }
  return choices;
}

std::optional<std::string> read_text(const Node& node, const std::string& name, Report& report) {
  if (wrong_kind(node, Node::Kind::scalar, name, report)) return std::nullopt;
  if (node.text.find(kPlaceholder) != std::string::npos) {
    report.error(node.mark(), "placeholder", name + " still has the sample's placeholder", "write your own value");
    return std::nullopt;
  }
  if (node.text.size() > kMaxText) {
    report.error(node.mark(), "too-long", name + " is longer than 64 KiB");
    return std::nullopt;
  }
  return node.text;
}

std::optional<std::string> read_choice(const Node& node, const std::vector<std::string>& choices,
                                       const std::string& name, Report& report) {
  auto word = read_text(node, name, report);
  if (!word || std::find(choices.begin(), choices.end(), *word) != choices.end()) return word;
  const std::string all = joined(choices);
  const std::string near = nearest(*word, choices);
  report.error(node.mark(), "bad-choice", name + " cannot be " + quote(*word),
               near.empty() ? "one of: " + all : "did you mean " + quote(near) + "? one of: " + all);
  return std::nullopt;
}

std::optional<std::vector<std::string>> read_list(const Node& node, const std::string& name, Report& report) {
  std::vector<std::string> list;
  if (!node.is_sequence()) {  // one scalar is a list of one
    auto text = read_text(node, name, report);
    if (!text) return std::nullopt;
    list.push_back(std::move(*text));
    return list;
  }
  bool good = true;
  for (const Node& item : node.items) {
    auto text = read_text(item, name + ": an entry", report);
    good = good && text;
    if (text) list.push_back(std::move(*text));
  }
  if (!good) return std::nullopt;
  return list;
}

std::optional<Command> read_command(const Node& node, const std::string& name, Report& report) {
  auto words = read_list(node, name, report);
  if (!words) return std::nullopt;
  Command command;
  command.shell = node.is_scalar();
  command.arguments = std::move(*words);
  if (command.arguments.empty() || command.arguments.front().find_first_not_of(" \t\n") == std::string::npos) {
    report.error(node.mark(), "empty-value", name + " is an empty command");
    return std::nullopt;
  }
  std::string& program = command.arguments.front();
  if (!command.shell && program.find('/') != std::string::npos) program = absolute_beside(program, node.mark().file);
  return command;
}

std::optional<std::int64_t> read_integer(const Node& node, std::int64_t least, std::int64_t most,
                                         const std::string& name, Report& report) {
  const auto number = parsed(node, name, report, [](const std::string& text) { return parse_integer(text); });
  if (!number) return std::nullopt;
  if (*number < least || *number > most) {
    report.error(node.mark(), "out-of-range",
                 name + " must be from " + std::to_string(least) + " to " + std::to_string(most) + ", and is " +
                     std::to_string(*number));
    return std::nullopt;
  }
  return number;
}

std::optional<bool> read_boolean(const Node& node, const std::string& name, Report& report) {
  const auto word = read_text(node, name, report);
  if (!word) return std::nullopt;
  if (*word == "true" || *word == "false") return *word == "true";
  report.error(node.mark(), "bad-choice", name + " cannot be " + quote(*word), "write true or false");
  return std::nullopt;
}

std::optional<std::chrono::seconds> read_duration(const Node& node, std::chrono::seconds least,
                                                  std::chrono::seconds most, const std::string& name, Report& report) {
  const auto duration = parsed(node, name, report, [](const std::string& text) { return parse_duration(text); });
  if (!duration) return std::nullopt;
  if (*duration < least || *duration > most) {
    report.error(node.mark(), "out-of-range",
                 name + " must be from " + duration_text(least) + " to " + duration_text(most) + ", and is " +
                     duration_text(*duration));
    return std::nullopt;
  }
  return duration;
}

std::optional<std::string> read_path(const Node& node, const std::string& name, Report& report) {
  const auto text = read_text(node, name, report);
  if (!text) return std::nullopt;
  if (text->empty() || text->size() > 4095) {
    report.error(node.mark(), "bad-value", name + (text->empty() ? " is empty" : " is too long for a path"));
    return std::nullopt;
  }
  return absolute_beside(*text, node.mark().file);
}

std::optional<OptionValue> read_option(const OptionSpec& spec, const Node& node, const std::string& name,
                                       Report& report) {
  std::optional<OptionValue> value;
  switch (spec.type) {
    case OptionType::text: value = as_value(read_text(node, name, report)); break;
    case OptionType::path: value = as_value(read_path(node, name, report)); break;
    case OptionType::integer: value = as_value(read_integer(node, INT64_MIN, INT64_MAX, name, report)); break;
    case OptionType::boolean: value = as_value(read_boolean(node, name, report)); break;
    case OptionType::duration:
      value = as_value(read_duration(node, std::chrono::seconds(0), std::chrono::hours(24 * 365 * 100), name, report));
      break;
    case OptionType::size:
      value = as_value(parsed(node, name, report, [](const std::string& text) { return parse_size(text); }));
      break;
    case OptionType::choice: value = as_value(read_choice(node, choices_of(spec), name, report)); break;
    case OptionType::list: value = as_value(read_list(node, name, report)); break;
    case OptionType::map: value = read_map(node, name, report); break;
    case OptionType::command: value = as_value(read_command(node, name, report)); break;
    case OptionType::secret: value = read_secret(node, name, report); break;
  }
  if (!value || !spec.required) return value;
  const bool empty = (node.is_scalar() && node.text.empty()) || (node.is_sequence() && node.items.empty()) ||
                     (node.is_map() && node.entries.empty());
  if (empty) {
    report.error(node.mark(), "empty-value", name + " is empty, and is needed");
    return std::nullopt;
  }
  return value;
}

std::optional<OptionValue> default_option(const OptionSpec& spec, const Mark& mark, Report& report) {
  const std::string_view text = spec.default_value;
  if (text.empty()) return OptionValue(std::monostate{});
  Node node;
  if (text[0] == '[' || text[0] == '{' || text[0] == '"') {
    const ParsedYaml yaml = parse_yaml(text, mark.file);
    if (yaml.root) node = *yaml.root;
  } else {
    node.kind = Node::Kind::scalar;
    node.text = text;
  }
  node.file = std::make_shared<const std::string>(mark.file);
  Report aside({}, {});
  auto value = read_option(spec, node, spec.name, aside);
  if (!value)
    report.error(mark, "plugin-defect", std::string("the plugin's default of option ") + quote(spec.name) + " is bad");
  return value;
}

}  // namespace certctl::config
