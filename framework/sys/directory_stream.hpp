// Closes what fdopendir() opened: std::unique_ptr<DIR, CloseDirectory>.
#pragma once

#include <dirent.h>

namespace certctl::sys {

struct CloseDirectory {
  void operator()(DIR* directory) const noexcept { ::closedir(directory); }
};

}  // namespace certctl::sys
