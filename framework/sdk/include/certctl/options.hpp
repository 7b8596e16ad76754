// Options of a plugin: one declared table feeds validation, `certctl plugin show`, the JSON Schema, the sample file and
// redaction. An option that is not in the table is an error with its line; a plugin never sees one.
#pragma once

#include <certctl/result.hpp>
#include <certctl/types.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace certctl {

enum class OptionType : int {
  text,      // a scalar                                          -> std::string
  path,      // a file or directory; made absolute by the loader  -> std::string
  integer,   // decimal                                           -> std::int64_t
  boolean,   // true | false                                      -> bool
  duration,  // number and unit: s m h d w y                      -> std::chrono::seconds
  size,      // number and unit: B KiB MiB GiB                    -> std::int64_t (bytes)
  choice,    // one of the words in OptionSpec::choices           -> std::string
  list,      // a sequence of scalars, or one scalar              -> std::vector<std::string>
  map,       // an ordered mapping of scalars                     -> std::vector<std::pair<std::string, std::string>>
  command,   // a string (shell text) or a list (argument list)   -> Command
  secret,    // a string, or { file: PATH }                       -> SecretSource
};

// One row of the table. Plain static data: readable from a plugin file before any of its code runs.
struct OptionSpec {
  const char* name;
  OptionType type;
  const char* default_value;  // as it would be written in YAML; "" with required == false: absent by default
  bool required;
  bool identity;        // part of the issuer identity: a change of its value is drift (enrollers only)
  const char* choices;  // OptionType::choice: words separated by '|'; else ""
  const char* text;     // one line for people
};

// A command of the configuration: a string there is shell text, a list is executed directly.
struct Command {
  bool shell = false;
  std::vector<std::string> arguments;  // shell: exactly one element, the text
  [[nodiscard]] bool empty() const noexcept { return arguments.empty(); }
};

// Where a secret comes from. It is read when it is used, never kept.
struct SecretSource {
  std::string file;  // absolute path; empty: inline
  Secret inline_text;
  [[nodiscard]] bool empty() const noexcept { return file.empty() && inline_text.empty(); }
};

using OptionValue =
    std::variant<std::monostate, std::string, std::int64_t, bool, std::chrono::seconds, std::vector<std::string>,
                 std::vector<std::pair<std::string, std::string>>, Command, SecretSource>;

// The validated options of one use of a plugin: every option of the table has its type; defaults are filled in; an
// absent option without default holds std::monostate. The accessors throw Failure("internal") when the name is not in
// the table or has another type: a mistake of the plugin, not of the user.
class Options {
 public:
  Options() = default;
  explicit Options(std::map<std::string, OptionValue, std::less<>> values) : values_(std::move(values)) {}

  [[nodiscard]] bool has(std::string_view name) const {
    const auto it = values_.find(name);
    return it != values_.end() && !std::holds_alternative<std::monostate>(it->second);
  }
  // text, path, choice; absent: ""
  [[nodiscard]] std::string text(std::string_view name) const { return get_or<std::string>(name, {}); }
  [[nodiscard]] std::int64_t integer(std::string_view name) const { return get_or<std::int64_t>(name, 0); }
  [[nodiscard]] bool flag(std::string_view name) const { return get_or<bool>(name, false); }
  [[nodiscard]] std::chrono::seconds duration(std::string_view name) const {
    return get_or<std::chrono::seconds>(name, std::chrono::seconds{0});
  }
  [[nodiscard]] std::vector<std::string> list(std::string_view name) const {
    return get_or<std::vector<std::string>>(name, {});
  }
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> map(std::string_view name) const {
    return get_or<std::vector<std::pair<std::string, std::string>>>(name, {});
  }
  [[nodiscard]] Command command(std::string_view name) const { return get_or<Command>(name, {}); }
  [[nodiscard]] SecretSource secret(std::string_view name) const { return get_or<SecretSource>(name, {}); }

  void set(std::string name, OptionValue value) { values_.insert_or_assign(std::move(name), std::move(value)); }
  [[nodiscard]] const std::map<std::string, OptionValue, std::less<>>& values() const noexcept { return values_; }

 private:
  template <class T>
  [[nodiscard]] T get_or(std::string_view name, T fallback) const {
    const auto it = values_.find(name);
    if (it == values_.end() || std::holds_alternative<std::monostate>(it->second)) return fallback;
    if (const T* value = std::get_if<T>(&it->second)) return *value;
    throw Failure::never("internal", "option '" + std::string(name) + "' is read with another type than declared");
  }

  std::map<std::string, OptionValue, std::less<>> values_;
};

}  // namespace certctl
