// The fields of the form that makes a profile: what the page shows, and what the engine turns into YAML.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

namespace certctl::page {

enum class FieldKind : int {
  line,    // one line of text
  flag,    // "1" or ""
  choice,  // one of `choices`, separated by blanks
  yaml,    // lines of YAML
};

struct Field {
  const char* name;
  const char* group;  // heading; fields of one group stand together
  const char* label;
  const char* note;  // below the field; may be empty
  FieldKind kind;
  const char* initial;
  const char* choices;
  std::size_t most;  // octets
};

[[nodiscard]] std::span<const Field> profile_fields() noexcept;

// Texts by the fields' names.
using FieldValues = std::map<std::string, std::string, std::less<>>;
[[nodiscard]] FieldValues initial_profile();

}  // namespace certctl::page
