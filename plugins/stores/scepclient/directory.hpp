// One open directory and the few durable things that the store does in it. Everything goes through the descriptor,
// never through a path a second time: a directory that is renamed or replaced meanwhile cannot mislead it.
//
// Names are plain (no slash). Reading never follows a link; writing never touches an existing file's content. Failures:
// "store-full" (no space, quota), "store-unwritable" (read-only, permissions), "store-failed" (others).
#pragma once

#include <certctl/result.hpp>
#include <certctl/types.hpp>

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace certctl::scepclient {

// Who owns what is written, and how it may be read. Applied to the descriptor before the first byte of content.
struct FileAccess {
  mode_t mode = 0600;
  uid_t owner = static_cast<uid_t>(-1);  // -1: as created
  gid_t group = static_cast<gid_t>(-1);
};

enum class EntryKind : int { absent, file, link, directory, other };

// Content of a file, or why there is none.
struct FileText {
  bool readable = false;
  std::string text;
  std::string problem;  // "is missing", "is empty", "is not a regular file", …
};

class Directory {
 public:
  Directory() = default;
  ~Directory();
  Directory(Directory&& other) noexcept;
  Directory& operator=(Directory&& other) noexcept;
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  // Nothing when it does not exist; fails when it exists and cannot be opened. `path` may lead through links.
  static std::optional<Directory> open(const std::string& path);
  // A directory in this one; nothing when it is absent or no directory (a link is none).
  [[nodiscard]] std::optional<Directory> subdirectory(const std::string& name) const;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  [[nodiscard]] mode_t mode() const;
  // Of a file in it, links not followed; 0 when it is absent.
  [[nodiscard]] mode_t mode(const std::string& name) const;

  [[nodiscard]] EntryKind kind(const std::string& name) const;
  [[nodiscard]] std::optional<std::string> link_target(const std::string& name) const;
  // At most kMaxFile bytes; a larger file is a problem.
  [[nodiscard]] FileText read(const std::string& name) const;
  [[nodiscard]] std::vector<std::string> names() const;

  // Writes to the temporary name, fsyncs, and gives it its name if that is free; false (and nothing left behind) if it
  // is not. Durable after sync().
  bool create(const std::string& name, std::string_view content, const FileAccess& access) const;
  // The same, taking the place of what has the name.
  void replace(const std::string& name, std::string_view content, const FileAccess& access) const;
  void replace_with_link(const std::string& name, const std::string& target) const;
  void link(const std::string& name, const std::string& target) const;
  // 0755, whatever the umask.
  void make_directory(const std::string& name) const;
  // Fails when `to` exists.
  void rename(const std::string& from, const std::string& to) const;
  // Nothing happens when it is absent.
  void remove(const std::string& name) const;
  // A directory and the files in it (no deeper); nothing happens when it is absent.
  void remove_directory(const std::string& name) const;
  void sync() const;

  static constexpr std::size_t kMaxFile = 1U << 20U;
  // The one temporary name in a directory: the store's lock makes it ours, and whoever comes next removes what a crash
  // left.
  static constexpr const char* kTemporary = ".certctl-new";

 private:
  Directory(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  void write_temporary(std::string_view content, const FileAccess& access) const;
  // Takes the temporary file away again and reports the failure that errno names.
  [[noreturn]] void abandon(const std::string& what, int error) const;

  int descriptor_ = -1;
  std::string path_;
};

// A failure of the store with the words for errno.
[[noreturn]] void fail(const std::string& what, int error);

}  // namespace certctl::scepclient
