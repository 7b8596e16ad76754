// sscep: a drop-in for the SCEP command-line client of that name.
#include "framework/compat/sscep/run.hpp"

#include <csignal>

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader that goes away must not end an enrollment
  return certctl::sscep::run({argv, argv + argc});
}
