// scep_replace_pem: puts the pair into a settings file, as scripts of the router app call it.
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <array>
#include <climits>
#include <cstdio>
#include <cstdlib>

#include "framework/compat/replace_pem/replace.hpp"
#include "framework/crypto/library_start.hpp"
#include "framework/sys/out_of_memory.hpp"

namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// A private key is in this process (P2, P13).
void harden() {
  for (const char* name : {"OPENSSL_CONF", "OPENSSL_MODULES", "OPENSSL_ENGINES"}) unsetenv(name);
  umask(077);
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace certctl::replace_pem;
  harden();
  certctl::sys::end_when_out_of_memory();
  if (!certctl::crypto::start_library()) certctl::sys::end_out_of_memory();
  std::array<char, PATH_MAX> program{};
  Surroundings surroundings{
      variable("CERTCTL_GENERATION_DIR"), variable("CERTCTL_EVENT_DIR"),
      variable("CERTCTL_LOCKS"),          variable("CERTCTL_CONFIG"),
      variable("SCEPCLIENT_STORE"),       realpath("/proc/self/exe", program.data()) == nullptr ? "" : program.data()};
  const Outcome outcome = replace_pem(std::vector<std::string>(argv + 1, argv + argc), surroundings);
  if (!outcome.help.empty()) std::fputs(outcome.help.c_str(), stdout);
  for (const auto& note : outcome.notes) std::fprintf(stderr, "scep_replace_pem: %s\n", note.c_str());
  return static_cast<int>(outcome.exit);
}
