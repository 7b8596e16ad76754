// A YAML file as a tree with places. There are no types but text: `no`, `1e3`, `0755` and dates stay the words that
// were written; whoever reads a node says what it has to be.
//
// What YAML offers beyond maps, sequences and scalars is refused while the file is read: anchors, aliases, tags, merge
// keys, duplicate keys, a second document, keys that are not scalars, depth over 16, over 100,000 nodes, over 1 MiB.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/config/diagnostic.hpp"

namespace certctl::config {

inline constexpr std::size_t kMaxFileSize = std::size_t{1} << 20;
inline constexpr std::size_t kMaxNodes = 100000;
inline constexpr int kMaxDepth = 16;

struct Entry;

// A node knows its file by a shared name: nodes of several files live in one tree once defaults are merged.
struct Node {
  enum class Kind : unsigned char { null, scalar, sequence, map };

  Kind kind = Kind::null;
  int line = 0;    // from 1
  int column = 0;  // from 1, in octets
  std::shared_ptr<const std::string> file;
  std::string text;            // scalar
  std::vector<Node> items;     // sequence
  std::vector<Entry> entries;  // map, in the order of the file; keys are unique

  [[nodiscard]] bool is_null() const noexcept { return kind == Kind::null; }
  [[nodiscard]] bool is_scalar() const noexcept { return kind == Kind::scalar; }
  [[nodiscard]] bool is_sequence() const noexcept { return kind == Kind::sequence; }
  [[nodiscard]] bool is_map() const noexcept { return kind == Kind::map; }
  [[nodiscard]] Mark mark() const;
  // The entry of that key, or null.
  [[nodiscard]] const Entry* find(std::string_view key) const noexcept;
};

struct Entry {
  std::string key;
  int line = 0;  // of the key
  int column = 0;
  Node value;
  [[nodiscard]] Mark mark() const;  // of the key
};

// "a map", "a list", "text", "nothing"
[[nodiscard]] const char* kind_word(Node::Kind kind) noexcept;

// A tree, or the first thing that is wrong. `root` is a null node when the file has no content.
struct ParsedYaml {
  std::optional<Node> root;
  std::optional<Diagnostic> error;
};
// `file` is the name that marks carry. Never throws on content.
[[nodiscard]] ParsedYaml parse_yaml(std::string_view text, const std::string& file);

}  // namespace certctl::config
