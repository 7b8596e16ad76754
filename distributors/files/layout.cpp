#include "distributors/files/layout.hpp"

#include "framework/sys/printable.hpp"

#include <certctl/result.hpp>

#include <grp.h>
#include <pwd.h>

#include <charconv>
#include <vector>

namespace certctl::files {
namespace {

// The key first: a service that restarts between two renames then at least never shows a certificate that it cannot
// sign for.
constexpr Part kOrder[] = {Part::key, Part::combined, Part::certificate, Part::fullchain, Part::chain, Part::ca};

Failure bad_option(const std::string& message, const std::string& hint) {
  return Failure::never("bad-option", message, hint);
}

std::optional<mode_t> read_mode(const Options& options, const char* name) {
  const std::string text = options.text(name);
  if (text.empty()) return std::nullopt;
  unsigned mode = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
  const bool whole = problem == std::errc() && end == text.data() + text.size() && text.size() <= 4;
  if (!whole || mode > 0777U) {
    throw bad_option("`" + std::string(name) + "` of files is no file mode: '" + sys::printable(text) + "'",
                     "write three octal digits, as in 0640");
  }
  return static_cast<mode_t>(mode);
}

std::optional<unsigned> number(const std::string& text) {
  unsigned value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size() || value == static_cast<unsigned>(-1))
    return std::nullopt;
  return value;
}

}  // namespace

std::string part_word(Part part) {
  switch (part) {
    case Part::certificate: return "certificate";
    case Part::key: return "key";
    case Part::chain: return "chain";
    case Part::fullchain: return "fullchain";
    case Part::ca: return "ca";
    case Part::combined: return "combined";
  }
  return "";
}

std::optional<Part> part_from_word(const std::string& word) noexcept {
  for (const Part part : kOrder)
    if (part_word(part) == word) return part;
  return std::nullopt;
}

bool holds_key(Part part) noexcept {
  return part == Part::key || part == Part::combined;
}

Layout read_layout(const Options& options) {
  Layout layout;
  layout.der = options.flag("der");
  layout.key_format = settings::key_format_from_word(options.text("key_format"));
  layout.owner = options.text("owner");
  layout.group = options.text("group");
  layout.mode = read_mode(options, "mode");
  layout.key_mode = read_mode(options, "key_mode");
  for (const Part part : kOrder) {
    const std::string path = options.text(part_word(part));
    if (path.empty()) continue;
    for (const Output& other : layout.outputs) {
      if (other.path == path) {
        throw bad_option("`" + part_word(other.part) + "` and `" + part_word(part) + "` of files are the same file",
                         "give each its own; `combined` and `fullchain` hold several parts in one");
      }
    }
    if (layout.der && part != Part::certificate && part != Part::key) {
      throw bad_option("`" + part_word(part) + "` of files cannot be written as DER", "leave out `der: true`");
    }
    layout.outputs.push_back({part, path});
  }
  if (layout.outputs.empty()) {
    throw bad_option("files names no file", "give at least one of certificate, key, chain, fullchain, ca, combined");
  }
  if (layout.key_mode && (*layout.key_mode & 07U) != 0) {
    throw bad_option("`key_mode` of files lets everybody read the private key",
                     "use 0600, or 0640 and the `group` of the service");
  }
  return layout;
}

uid_t user_id(const std::string& name) {
  if (const auto id = number(name)) return *id;
  struct passwd entry {};
  struct passwd* found = nullptr;
  std::vector<char> buffer(64 * 1024);
  if (::getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
    return entry.pw_uid;
  throw bad_option("there is no user '" + sys::printable(name) + "'", "correct `owner`, or make the user");
}

gid_t group_id(const std::string& name) {
  if (const auto id = number(name)) return *id;
  struct group entry {};
  struct group* found = nullptr;
  std::vector<char> buffer(64 * 1024);
  if (::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
    return entry.gr_gid;
  throw bad_option("there is no group '" + sys::printable(name) + "'", "correct `group`, or make the group");
}

}  // namespace certctl::files
