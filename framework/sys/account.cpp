#include "framework/sys/account.hpp"

#include <grp.h>
#include <pwd.h>

#include <cerrno>
#include <charconv>
#include <vector>

namespace certctl::sys {
namespace {

constexpr std::size_t kMostBytes = 16U << 20U;  // a group with a hundred thousand members

std::optional<unsigned> number(const std::string& text) {
  unsigned value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size() || value == static_cast<unsigned>(-1))
    return std::nullopt;
  return value;
}

// What getpwnam_r or getgrnam_r finds, in a buffer that is large enough for it.
template <class Entry, class Find>
std::optional<Entry> look_up(const std::string& name, Find find, std::vector<char>& buffer) {
  for (buffer.resize(4096); buffer.size() <= kMostBytes; buffer.resize(buffer.size() * 4)) {
    Entry entry{};
    Entry* found = nullptr;
    const int problem = find(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
    if (problem == EINTR || problem == ERANGE) continue;
    if (problem != 0 || found == nullptr) return std::nullopt;
    return entry;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Account> find_account(const std::string& name) {
  std::vector<char> buffer;
  const auto entry = look_up<passwd>(name, ::getpwnam_r, buffer);
  if (!entry) return std::nullopt;
  return Account{entry->pw_uid, entry->pw_gid};
}

std::optional<uid_t> user_id(const std::string& text) {
  if (const auto id = number(text)) return *id;
  const auto account = find_account(text);
  return account ? std::optional<uid_t>(account->user) : std::nullopt;
}

std::optional<gid_t> group_id(const std::string& text) {
  if (const auto id = number(text)) return *id;
  std::vector<char> buffer;
  const auto entry = look_up<group>(text, ::getgrnam_r, buffer);
  return entry ? std::optional<gid_t>(entry->gr_gid) : std::nullopt;
}

}  // namespace certctl::sys
