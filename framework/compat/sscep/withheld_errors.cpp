#include "framework/compat/sscep/withheld_errors.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace certctl::sscep {

WithheldErrors::WithheldErrors() : before_(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)) {
  const sys::FileDescriptor nobody(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  if (before_.is_open() && nobody.is_open()) ::dup2(nobody.get(), STDERR_FILENO);
}

WithheldErrors::~WithheldErrors() {
  if (before_.is_open()) ::dup2(before_.get(), STDERR_FILENO);
}

}  // namespace certctl::sscep
