#include "distributors/files/output/ownership.hpp"

#include "framework/sys/account.hpp"
#include "framework/sys/printable.hpp"

#include <certctl/result.hpp>

#include <charconv>

namespace certctl::files {
namespace {

Failure bad_option(const std::string& message, const std::string& hint) {
  return Failure::never("bad-option", message, hint);
}

std::optional<mode_t> read_mode(const Options& options, const char* name, std::string_view plugin) {
  const std::string text = options.text(name);
  if (text.empty()) return std::nullopt;
  unsigned mode = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
  const bool whole = problem == std::errc() && end == text.data() + text.size() && text.size() <= 4;
  if (!whole || mode > 0777U) {
    throw bad_option(
        "`" + std::string(name) + "` of " + std::string(plugin) + " is no file mode: '" + sys::printable(text) + "'",
        "write three octal digits, as in 0640");
  }
  return static_cast<mode_t>(mode);
}

}  // namespace

Ownership read_ownership(const Options& options, std::string_view plugin) {
  Ownership ownership;
  ownership.owner = options.text("owner");
  ownership.group = options.text("group");
  ownership.mode = read_mode(options, "mode", plugin);
  ownership.key_mode = read_mode(options, "key_mode", plugin);
  if (ownership.key_mode && (*ownership.key_mode & 07U) != 0) {
    throw bad_option("`key_mode` of " + std::string(plugin) + " lets everybody read the private key",
                     "use 0600, or 0640 and the `group` of the service");
  }
  return ownership;
}

uid_t user_id(const std::string& name) {
  if (const auto id = sys::user_id(name)) return *id;
  throw bad_option("there is no user '" + sys::printable(name) + "'", "correct `owner`, or make the user");
}

gid_t group_id(const std::string& name) {
  if (const auto id = sys::group_id(name)) return *id;
  throw bad_option("there is no group '" + sys::printable(name) + "'", "correct `group`, or make the group");
}

}  // namespace certctl::files
