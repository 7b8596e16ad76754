// Files that are whole or not there: what is written survives a power cut, and no reader ever sees half of it.
//
// Every function that takes a path opens the directory once and works through its descriptor from then on: a component
// that is exchanged meanwhile can't lead it elsewhere. Failures: the codes of system_error.hpp, and those named below.
// Threads: all functions may be called from several threads; writers of the same file exclude one another by a lock.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace certctl::sys {

struct GuardedPath;  // guarded_path.hpp

// Which version of a file somebody looked at.
struct FileVersion {
  dev_t device = 0;
  ino_t inode = 0;
  std::int64_t size = -1;
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;
  friend bool operator==(const FileVersion&, const FileVersion&) = default;
};

// --- reading --------------------------------------------------------------------------------------------------------

enum class Links : int {
  follow,
  refuse,  // a symbolic link as the last component is the Failure symbolic-link
};

// The content of a regular file. Failures: file-missing, not-a-file (a FIFO, device or directory: never waits for one),
// too-large (longer than `limit` bytes). `version`: which version was read.
[[nodiscard]] std::string read_file(const std::string& path, std::size_t limit, Links links = Links::follow,
                                    FileVersion* version = nullptr);
// Of a place that was found: no directory and no link on the way is looked at again.
[[nodiscard]] std::string read_file(const GuardedPath& path, std::size_t limit, FileVersion* version = nullptr);
// Nothing when the file or its directory does not exist.
[[nodiscard]] std::optional<std::string> read_file_if_exists(const std::string& path, std::size_t limit,
                                                             Links links = Links::follow,
                                                             FileVersion* version = nullptr);

// --- writing --------------------------------------------------------------------------------------------------------

struct WriteOptions {
  mode_t mode = 0600;
  uid_t owner = static_cast<uid_t>(-1);  // -1: as created
  gid_t group = static_cast<gid_t>(-1);
  // Mode, owner and extended attributes of the file that is replaced, when there is one; the above otherwise.
  bool like_existing = false;
  // Failure changed-meanwhile, and nothing written, when the file is not this version right before the rename.
  std::optional<FileVersion> only_if;
  bool durable = true;  // false: nobody needs the file after a power cut
};

// Replaces the file whole: temporary file in the same directory (0600, then its final owner and mode, then content),
// fsync, rename, fsync of the directory. On failure the old file is untouched and the temporary one gone. A symbolic
// link of that name is replaced, not followed; a directory is a failure.
void replace_file(const std::string& path, std::string_view content, const WriteOptions& options);
void replace_file(const std::string& path, std::string_view content, mode_t mode);
void replace_file(const GuardedPath& path, std::string_view content, const WriteOptions& options);

// Like replace_file, but never touches anything that exists: false when the name is taken (by a link too).
[[nodiscard]] bool create_file(const std::string& path, std::string_view content, const WriteOptions& options = {});

// A symbolic link in the place of whatever file or link has the name.
void replace_link(const std::string& path, const std::string& target);

// A file (0600) that takes `size` bytes of the disk, so that they are there when it is removed. Failure disk-full.
void reserve_file(const std::string& path, std::size_t size);

// Renames and makes it durable. Replaces a file that has the new name.
void rename_durably(const std::string& from, const std::string& to);

// Nothing happens when it does not exist. Durable after fsync_directory().
void remove_file(const std::string& path);

// --- what interrupted writers leave behind --------------------------------------------------------------------------

// Whether `name` (no slash) is that of a temporary file of this module: .<name>.certctl-<6 letters or digits>.
[[nodiscard]] bool is_temporary_name(std::string_view name) noexcept;
// Removes the temporary files for `name` in the directory, or all (empty name), and returns how many. The caller holds
// the lock that their writers would hold. A directory that does not exist has none.
int remove_left_overs(const std::string& directory, std::string_view name = {});

// --- directories ----------------------------------------------------------------------------------------------------

// Makes the directory (0700) and what is missing above it (0700), durably. One that is ours already and wider is
// narrowed to 0700. Failures: not-a-directory (a link too), unsafe-directory (another user's).
void make_private_directory(const std::string& path);
void fsync_directory(const std::string& path);
// Makes everything durable on the file system of `path`: for files that others wrote.
void sync_filesystem(const std::string& path);
// Removes a file, link or directory with everything in it; follows no link. Nothing happens when it does not exist.
void remove_tree(const std::string& path, bool durable = true);

// Whether what is written there is gone after a reboot (tmpfs, ramfs). Looks at the nearest directory that exists.
[[nodiscard]] bool is_volatile_filesystem(const std::string& path);

}  // namespace certctl::sys
