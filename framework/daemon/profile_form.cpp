#include "framework/daemon/profile_form.hpp"

#include <algorithm>
#include <array>

#include "framework/config/tree.hpp"
#include "framework/config/value_text.hpp"

namespace certctl::daemon {
namespace {

using config::list_text;
using config::Node;
using config::scalar_text;
using page::Field;
using page::FieldKind;
using page::FieldValues;

constexpr std::string_view kMark =
    "# Written by the page of certctl, which may write it again. Without this line it is yours.\n";
constexpr std::array kIssuerFields{"url: ", "ca_fingerprint: ", "trust_on_first_use: ", "challenge: "};
constexpr std::array kUsages{"digitalSignature", "keyEncipherment", "serverAuth", "clientAuth"};

const std::string& value_of(const FieldValues& values, std::string_view name) {
  static const std::string kNothing;
  const auto found = values.find(name);
  return found == values.end() ? kNothing : found->second;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string indented(std::string_view text, std::size_t by) {
  std::string result;
  for (const std::string_view line : lines_of(text))
    result += (line.empty() ? std::string() : std::string(by, ' ') + std::string(line)) + "\n";
  return result;
}

std::vector<std::string> split_commas(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    std::string part(text.substr(0, end));
    part.erase(0, part.find_first_not_of(' '));
    part.erase(part.find_last_not_of(' ') + 1);
    if (!part.empty()) parts.push_back(std::move(part));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

class Writer {
 public:
  explicit Writer(const FieldValues& values) : values_(values) {}

  std::string write(const std::string& name) {
    text_ = kMark;
    line("profile: " + name);
    issuer();
    const std::string& key = value("key");
    const bool rsa = key.starts_with("rsa-");
    line(std::string("key: { file: {}, type: ") + (rsa ? "rsa, bits: " : "ec, curve: ") +
         key.substr(std::min(key.size(), key.find('-') + 1)) + ", rotate: " + value("rotate") + " }");
    if (!value("subject").empty()) line("subject: " + scalar_text(value("subject")));
    if (!value("san").empty()) line("san: " + scalar_text(value("san")));
    if (!value("template").empty()) line("template: { name: " + scalar_text(value("template")) + " }");
    std::vector<std::string> usage;
    for (const char* name_of : kUsages)
      if (!value(name_of).empty()) usage.emplace_back(name_of);
    if (!usage.empty()) line("usage: " + list_text(usage));
    if (!value("renew").empty()) line("renew: " + scalar_text(value("renew")));
    pending();
    line("store: { scepclient: { path: " + scalar_text(value("store")) + ", keep: " + scalar_text(value("keep")) +
         " } }");
    block("deliver");
    block("hooks");
    return std::move(text_);
  }

 private:
  [[nodiscard]] const std::string& value(std::string_view name) const { return value_of(values_, name); }
  void line(const std::string& text) { text_ += text + "\n"; }

  void issuer() {
    line("issuer:");
    line("  " + value("protocol") + ":");
    line("    url: " + scalar_text(value("url")));
    const auto pins = split_commas(value("ca_fingerprint"));
    if (!pins.empty()) line("    ca_fingerprint: " + list_text(pins));
    if (!value("trust_on_first_use").empty()) line("    trust_on_first_use: true");
    if (!value("challenge_file").empty()) line("    challenge: { file: " + scalar_text(value("challenge_file")) + " }");
    text_ += indented(value("issuer_options"), 4);
  }

  void pending() {
    std::string parts;
    for (const char* name : {"poll", "give_up"})
      if (!value(name).empty())
        parts += (parts.empty() ? "" : ", ") + std::string(name) + ": " + scalar_text(value(name));
    if (!parts.empty()) line("pending: { " + parts + " }");
  }

  void block(const char* name) {
    if (value(name).empty()) return;
    line(std::string(name) + ":");
    text_ += indented(value(name), 2);
  }

  const FieldValues& values_;
  std::string text_;
};

std::string scalar_at(const Node* node, std::string_view key) {
  if (node == nullptr || !node->is_map()) return {};
  const auto* entry = node->find(key);
  return entry != nullptr && entry->value.is_scalar() ? entry->value.text : std::string();
}

const Node* node_at(const Node* node, std::string_view key) {
  if (node == nullptr || !node->is_map()) return nullptr;
  const auto* entry = node->find(key);
  return entry == nullptr ? nullptr : &entry->value;
}

std::vector<std::string> list_at(const Node* node, std::string_view key) {
  const Node* list = node_at(node, key);
  std::vector<std::string> items;
  if (list == nullptr) return items;
  if (list->is_scalar()) items.push_back(list->text);
  for (const Node& item : list->items) items.push_back(item.text);
  return items;
}

// The lines below `key:` of the first column, without their indentation; what is there otherwise shows in that the text
// made of them is another one.
std::string block_below(std::string_view text, std::string_view key) {
  std::string block;
  bool inside = false;
  for (const std::string_view line : lines_of(text)) {
    const bool top = !line.empty() && line.front() != ' ';
    if (top) inside = line == std::string(key) + ":";
    if (!top && inside) block += std::string(line.substr(std::min<std::size_t>(line.size(), 2))) + "\n";
  }
  if (block.ends_with('\n')) block.pop_back();
  return block;
}

// Lines of the issuer's options after those that have fields.
std::string options_below(std::string_view text, const std::string& protocol) {
  std::string options;
  bool inside = false;
  for (const std::string_view line : lines_of(text)) {
    if (!line.empty() && line.front() != ' ') inside = false;
    if (line == "  " + protocol + ":") {
      inside = true;
      continue;
    }
    if (!inside) continue;
    const std::string_view rest = line.substr(std::min<std::size_t>(line.size(), 4));
    const bool field = std::any_of(kIssuerFields.begin(), kIssuerFields.end(),
                                   [&](const char* name) { return rest.starts_with(name); });
    if (!field) options += std::string(rest) + "\n";
  }
  if (options.ends_with('\n')) options.pop_back();
  return options;
}

std::string key_word(const Node* key) {
  const std::string type = scalar_at(key, "type");
  return type + "-" + scalar_at(key, type == "rsa" ? "bits" : "curve");
}

}  // namespace

std::vector<std::string> check_fields(const FieldValues& values) {
  std::vector<std::string> problems;
  const auto wrong = [&](const Field& field, const std::string& why) {
    problems.push_back(std::string(field.label) + " " + why);
  };
  for (const Field& field : page::profile_fields()) {
    const std::string& text = value_of(values, field.name);
    if (text.size() > field.most) wrong(field, "is longer than " + std::to_string(field.most) + " characters");
    const bool lines = field.kind == FieldKind::yaml;
    if (std::any_of(text.begin(), text.end(),
                    [&](char c) { return static_cast<unsigned char>(c) < 0x20 && !(lines && c == '\n'); }))
      wrong(field, "has a control character in it");
    if (field.kind == FieldKind::flag && !text.empty() && text != "1") wrong(field, "is on or off");
    if (field.kind == FieldKind::choice &&
        (text.empty() || text.find(' ') != std::string::npos ||
         (" " + std::string(field.choices) + " ").find(" " + text + " ") == std::string::npos))
      wrong(field, "is none of " + std::string(field.choices));
    if (std::string_view(field.name) == "protocol" &&
        (text.empty() || text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") != std::string::npos))
      wrong(field, "is no name of an enroller");
  }
  for (const auto& [name, text] : values) {
    const auto fields = page::profile_fields();
    if (std::none_of(fields.begin(), fields.end(), [&name = name](const Field& field) { return field.name == name; }))
      problems.push_back("there is no field of that name");
  }
  return problems;
}

std::string profile_text(const std::string& name, const FieldValues& values) {
  return Writer(values).write(name);
}

bool is_written_by_page(std::string_view text) noexcept {
  return text.starts_with(kMark);
}

std::optional<FieldValues> read_fields(const std::string& name, std::string_view text) {
  if (!is_written_by_page(text)) return std::nullopt;
  const auto yaml = config::parse_yaml(text, name);
  if (!yaml.root || !yaml.root->is_map()) return std::nullopt;
  const Node* root = &*yaml.root;
  const Node* issuer = node_at(root, "issuer");
  if (issuer == nullptr || issuer->entries.empty()) return std::nullopt;
  FieldValues values;
  const std::string& protocol = issuer->entries.front().key;
  const Node* options = &issuer->entries.front().value;
  values["protocol"] = protocol;
  values["url"] = scalar_at(options, "url");
  values["ca_fingerprint"] = joined(list_at(options, "ca_fingerprint"));
  values["trust_on_first_use"] = scalar_at(options, "trust_on_first_use") == "true" ? "1" : "";
  values["challenge_file"] = scalar_at(node_at(options, "challenge"), "file");
  values["issuer_options"] = options_below(text, protocol);
  values["key"] = key_word(node_at(root, "key"));
  values["rotate"] = scalar_at(node_at(root, "key"), "rotate");
  for (const char* key : {"subject", "san", "renew"}) values[key] = scalar_at(root, key);
  values["template"] = scalar_at(node_at(root, "template"), "name");
  const auto usage = list_at(root, "usage");
  for (const char* usage_name : kUsages)
    values[usage_name] = std::find(usage.begin(), usage.end(), usage_name) == usage.end() ? "" : "1";
  for (const char* key : {"poll", "give_up"}) values[key] = scalar_at(node_at(root, "pending"), key);
  const Node* store = node_at(node_at(root, "store"), "scepclient");
  values["store"] = scalar_at(store, "path");
  values["keep"] = scalar_at(store, "keep");
  for (const char* key : {"deliver", "hooks"}) values[key] = block_below(text, key);
  if (!check_fields(values).empty() || profile_text(name, values) != text) return std::nullopt;
  return values;
}

}  // namespace certctl::daemon
