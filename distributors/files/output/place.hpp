// Where a file is: an open directory, and a name in it. Everything goes through the descriptor: whoever owns a
// directory on the way can rename it or put a link in its place, and leads nobody elsewhere.
//
// On the way to it links are followed only if they belong to root or the running user; so is a link that has the
// file's own name. Failures (RetryClass::never): unsafe-path (another user's link), unsafe-directory (everybody may
// replace files in it), not-a-file, directory-missing; later: those of sys.
#pragma once

#include <certctl/types.hpp>

#include <sys/types.h>

#include <optional>
#include <string>

#include "framework/sys/file_descriptor.hpp"

namespace certctl::files {

inline constexpr std::size_t kMaxFileBytes = 4U << 20U;

// A regular file as it was found.
struct Existing {
  Secret content;
  mode_t mode = 0;  // permission bits, set-id and sticky bits
  uid_t owner = 0;
  gid_t group = 0;
};

class Place {
 public:
  [[nodiscard]] static Place find(const std::string& path);

  [[nodiscard]] const std::string& path() const noexcept { return path_; }  // absolute, without links
  [[nodiscard]] const std::string& directory() const noexcept { return directory_path_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] int descriptor() const noexcept { return directory_.get(); }
  [[nodiscard]] uid_t directory_owner() const noexcept { return directory_owner_; }
  // Others than its owner may make files in the directory.
  [[nodiscard]] bool shared() const noexcept { return shared_; }

  // Nothing when it is absent. Never waits for a FIFO; a link that turned up since find() is the Failure not-a-file.
  [[nodiscard]] std::optional<Existing> read() const;
  // Nothing happens when it is absent.
  void remove() const;
  void sync() const;

 private:
  sys::FileDescriptor directory_;
  std::string directory_path_;
  std::string name_;
  std::string path_;
  uid_t directory_owner_ = 0;
  bool shared_ = false;
};

}  // namespace certctl::files
