// What a library writes to standard error by itself, held back while it handles a secret.
#pragma once

#include "framework/sys/file_descriptor.hpp"

namespace certctl::sscep {

// From construction to destruction standard error goes to nobody. The engine of libp11 writes whole PKCS #11 URIs
// there, the PIN in them too. For programs with one thread.
class WithheldErrors {
 public:
  WithheldErrors();
  ~WithheldErrors();
  WithheldErrors(const WithheldErrors&) = delete;
  WithheldErrors& operator=(const WithheldErrors&) = delete;

 private:
  sys::FileDescriptor before_;
};

}  // namespace certctl::sscep
