#include "framework/sys/temporary_name.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include "framework/sys/atomic_file.hpp"
#include "framework/sys/directory_stream.hpp"
#include "framework/sys/parent_directory.hpp"
#include "framework/sys/system_error.hpp"

namespace certctl::sys {
namespace {

constexpr std::string_view kMark = ".certctl-";
constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::size_t kRandomLetters = 6;
constexpr std::size_t kLongestFileName = 255;  // NAME_MAX of all usual file systems

}  // namespace

std::string temporary_prefix(std::string_view name) {
  const std::size_t room = kLongestFileName - 1 - kMark.size() - kRandomLetters;
  return "." + std::string(name.substr(0, room)) + std::string(kMark);
}

std::string temporary_name(std::string_view name) {
  std::string result = temporary_prefix(name);
  std::array<unsigned char, kRandomLetters> random{};
  // Guessing is no danger (O_EXCL, O_NOFOLLOW), clashing is: uninitialised randomness at early boot is good enough.
  if (::getrandom(random.data(), random.size(), GRND_NONBLOCK) != static_cast<ssize_t>(random.size())) {
    struct timespec now {};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    std::uint64_t seed = static_cast<std::uint64_t>(now.tv_nsec) * 2654435761U ^ static_cast<std::uint64_t>(::getpid());
    for (auto& byte : random) {
      seed = seed * 6364136223846793005U + 1442695040888963407U;
      byte = static_cast<unsigned char>(seed >> 56U);
    }
  }
  for (const unsigned char byte : random) result += kLetters[byte % kLetters.size()];
  return result;
}

bool is_temporary_name(std::string_view name) noexcept {
  const std::size_t tail = kMark.size() + kRandomLetters;
  if (name.size() < tail + 2 || name[0] != '.') return false;
  const std::string_view letters = name.substr(name.size() - kRandomLetters);
  return name.substr(name.size() - tail, kMark.size()) == kMark &&
         std::all_of(letters.begin(), letters.end(),
                     [](char letter) { return kLetters.find(letter) != std::string_view::npos; });
}

int remove_left_overs(const std::string& directory, std::string_view name) {
  const std::string what = "cannot remove temporary files in " + directory;
  const std::string prefix = temporary_prefix(name);
  FileDescriptor opened;
  try {
    opened = open_directory(directory, what);
  } catch (const Failure& failure) {
    if (failure.error().code == "file-missing") return 0;
    throw;
  }
  const std::unique_ptr<DIR, CloseDirectory> entries(::fdopendir(opened.get()));
  if (!entries) throw system_failure(what, errno);
  const int at = opened.release();  // closed with `entries`
  int removed = 0;
  errno = 0;
  while (const dirent* entry = ::readdir(entries.get())) {
    const std::string_view found = entry->d_name;
    if (is_temporary_name(found) &&
        (name.empty() || (found.starts_with(prefix) && found.size() == prefix.size() + kRandomLetters))) {
      if (::unlinkat(at, entry->d_name, 0) == 0) {
        ++removed;
      } else if (errno != ENOENT && errno != EISDIR && errno != EPERM) {
        throw system_failure(what, errno);
      }
    }
    errno = 0;
  }
  if (errno != 0) throw system_failure(what, errno);
  if (removed > 0) sync_directory(at, what);
  return removed;
}

}  // namespace certctl::sys
