#include "framework/daemon/page_password.hpp"

#include <certctl/result.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include "framework/crypto/password_hash.hpp"
#include "framework/sys/atomic_file.hpp"

namespace certctl::daemon {
namespace {

constexpr std::size_t kShortest = 8;
constexpr std::size_t kLongest = 200;
constexpr const char* kHowToSet = "set it with `certctl serve --set-password`";

}  // namespace

std::string page_password_file(const std::string& state_directory) {
  return state_directory + "/.page-password";
}

void set_page_password(const std::string& state_directory, std::string_view password) {
  if (password.size() < kShortest)
    throw Failure::never("bad-password", "the password is shorter than 8 characters", "choose a longer one");
  if (password.size() > kLongest)
    throw Failure::never("bad-password", "the password is longer than 200 octets", "choose a shorter one");
  if (password.find_first_of(std::string_view("\0\n\r", 3)) != std::string_view::npos)
    throw Failure::never("bad-password", "the password has a line feed or a NUL in it", "choose another one");
  sys::make_private_directory(state_directory);
  sys::replace_file(page_password_file(state_directory), crypto::hash_password(password) + "\n", 0600);
}

std::optional<std::string> page_password_hash(const std::string& state_directory) {
  const std::string path = page_password_file(state_directory);
  struct stat status {};
  if (::lstat(path.c_str(), &status) == 0 && (!S_ISREG(status.st_mode) || (status.st_mode & 0077) != 0 ||
                                              (status.st_uid != 0 && status.st_uid != ::geteuid())))
    throw Failure::never("unsafe-file", path + " is not root's alone: somebody else may have written it", kHowToSet);
  auto text = sys::read_file_if_exists(path, 1024, sys::Links::refuse);
  if (!text) return std::nullopt;
  while (text->ends_with('\n')) text->pop_back();
  return text;
}

}  // namespace certctl::daemon
