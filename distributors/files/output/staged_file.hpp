// A file that is complete on disk under a temporary name, and takes its place with one rename.
#pragma once

#include <certctl/types.hpp>

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "distributors/files/output/place.hpp"

namespace certctl::files {

struct Access {
  mode_t mode = 0600;
  std::optional<uid_t> owner;  // nothing: as created
  std::optional<gid_t> group;
};

class StagedFile {
 public:
  // Temporary file in the directory of `place` (0600; then owner, mode and the labels of the file that is there; then
  // content), fsync. `place` must outlive it. Failures: those of sys.
  StagedFile(const Place& place, std::string_view content, const Access& access);
  // Removes the temporary file unless it took its place.
  ~StagedFile();
  StagedFile(StagedFile&& other) noexcept;
  StagedFile& operator=(StagedFile&&) = delete;
  StagedFile(const StagedFile&) = delete;
  StagedFile& operator=(const StagedFile&) = delete;

  // Durable after Place::sync().
  void take_place();

 private:
  void make();
  const Place* place_;
  std::string temporary_;  // empty: gone
  sys::FileDescriptor file_;
};

}  // namespace certctl::files
