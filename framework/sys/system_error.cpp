#include "framework/sys/system_error.hpp"

#include <cerrno>
#include <system_error>

namespace certctl::sys {

Failure system_failure(const std::string& what, int error) {
  switch (error) {
    case ENOSPC: return {"disk-full", what + ": no space left on the device", "free some space there"};
    case EDQUOT: return {"disk-full", what + ": the disk quota is used up", "free some space or raise the quota"};
    case EFBIG: return {"disk-full", what + ": the file would be larger than allowed", "raise the limit of file sizes"};
    case EROFS:
      return {"read-only", what + ": the file system is read-only", "mount it writable, or name another place"};
    case EACCES:
    case EPERM:
      return Failure::never("permission-denied", what + ": permission denied",
                            "run as a user who may do this, or mend owner and mode of the file and its directories");
    case EIO:
      return {"io-error", what + ": input/output error", "the medium may be failing; see the kernel's log (dmesg)"};
    case ENOENT: return {"file-missing", what + ": no such file or directory"};
    case ENOTDIR: return {"file-missing", what + ": something on the way there is not a directory"};
    case ELOOP:
      return Failure::never("symbolic-link", what + ": a symbolic link stands there, or links run in a circle",
                            "put a file or directory there");
    case EMFILE:
    case ENFILE: return {"too-many-files", what + ": too many open files", "raise the limit of open files"};
    case ENOMEM: return {"out-of-memory", what + ": out of memory"};
    default: return {"system-error", what + ": " + std::generic_category().message(error)};
  }
}

}  // namespace certctl::sys
