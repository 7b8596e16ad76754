// sscep: a drop-in for the SCEP command-line client of that name.
#include "framework/compat/sscep/run.hpp"
#include "framework/crypto/library_start.hpp"
#include "framework/sys/out_of_memory.hpp"

#include <csignal>

int main(int argc, char** argv) {
  certctl::sys::end_when_out_of_memory();
  if (!certctl::crypto::start_library()) certctl::sys::end_out_of_memory();
  std::signal(SIGPIPE, SIG_IGN);  // a reader that goes away must not end an enrollment
  return certctl::sscep::run({argv, argv + argc});
}
