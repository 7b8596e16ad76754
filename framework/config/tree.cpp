#include "framework/config/tree.hpp"

#include <algorithm>

namespace certctl::config {

Mark Node::mark() const {
  return {file ? *file : std::string(), line, column};
}

Mark Entry::mark() const {
  return {value.file ? *value.file : std::string(), line, column};
}

const Entry* Node::find(std::string_view key) const noexcept {
  const auto it = std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.key == key; });
  return it == entries.end() ? nullptr : &*it;
}

const char* kind_word(Node::Kind kind) noexcept {
  switch (kind) {
    case Node::Kind::null: return "nothing";
    case Node::Kind::scalar: return "text";
    case Node::Kind::sequence: return "a list";
    case Node::Kind::map: return "a map";
  }
  return "";
}

}  // namespace certctl::config
