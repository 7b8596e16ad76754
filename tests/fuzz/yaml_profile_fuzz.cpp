// Any text as a profile: it is read or refused, and what must hold for every text holds. Touches no file.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "framework/config/merge.hpp"
#include "framework/config/profile_hash.hpp"
#include "framework/config/profile_reader.hpp"
#include "framework/config/text_check.hpp"
#include "framework/config/value_text.hpp"
#include "tests/fuzz/require.hpp"
#include "tests/unit/config/fake_catalog.hpp"

using namespace certctl;
using namespace certctl::config;

namespace {

using fuzz::require;

// The place is in the text, and the message can be shown.
void check_diagnostic(const Diagnostic& d, std::string_view text) {
  const auto lines = static_cast<int>(std::count(text.begin(), text.end(), '\n')) + 2;
  require(d.mark.line >= 0 && d.mark.line <= lines, "the line is in the file");
  require(d.mark.column >= 0 && d.mark.column <= static_cast<int>(text.size()) + 2, "the column is in the file");
  require(!d.code.empty() && !d.message.empty(), "an error says what it is");
  const std::string shown = fuzz::planted(format(d));
  require(is_plain_text(shown) && shown.find('\n') == std::string::npos, "a message is one line of plain text");
}

int depth_of(const Node& node) {
  int depth = 0;
  for (const Node& item : node.items) depth = std::max(depth, depth_of(item));
  for (const Entry& entry : node.entries) depth = std::max(depth, depth_of(entry.value));
  return depth + (node.is_map() || node.is_sequence() ? 1 : 0);
}

// What value_text writes, the reader reads back.
void check_scalars(const Node& node) {
  for (const Node& item : node.items) check_scalars(item);
  for (const Entry& entry : node.entries) check_scalars(entry.value);
  if (!node.is_scalar() || node.text.size() > 10000) return;
  const ParsedYaml again = parse_yaml("a: [ " + scalar_text(node.text) + " ]", "again");
  require(again.root.has_value(), "a written scalar can be read");
  const Entry* entry = again.root->find("a");
  require(entry != nullptr && entry->value.items.size() == 1, "a written scalar is one scalar");
  require(entry->value.items[0].is_scalar() && entry->value.items[0].text == node.text, "a written scalar is the same");
}

void read_as_profile(const Node& root, std::string_view text) {
  static const config_test::FakeCatalog catalog;
  Report report("p", "p.yaml");
  const auto profile = read_profile(
      root, "p", "/etc/p.yaml", catalog, [] { return std::string("S1"); }, report);
  require(profile.has_value() != report.failed(), "a profile is read, or it is said why not");
  for (const Diagnostic& d : report.take_diagnostics()) check_diagnostic(d, text);
  if (!profile) return;
  require(!profile->request.subject.empty() || !profile->request.alt_names.empty(), "a profile asks for a name");
  require(profile->store.options.integer("keep") >= 1, "a store keeps something");
  require(hash_profile(*profile).request == hash_profile(*profile).request, "a hash is the same twice");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  ParsedYaml yaml = parse_yaml(text, "p.yaml");
  require(yaml.root.has_value() != yaml.error.has_value(), "there is a tree or an error");
  if (yaml.error) {
    check_diagnostic(*yaml.error, text);
    return 0;
  }
  require(depth_of(*yaml.root) <= kMaxDepth, "a tree is not deeper than is allowed");
  check_scalars(*yaml.root);
  read_as_profile(*yaml.root, text);
  // Under itself as defaults nothing changes.
  const Node merged = merge_defaults(*yaml.root, *yaml.root);
  require(merged.entries.size() == yaml.root->entries.size(), "merging with itself adds nothing");
  read_as_profile(merge_defaults(Node(), *yaml.root), text);
  return 0;
}
