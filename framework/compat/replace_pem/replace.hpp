// What scep_replace_pem does, from its arguments to its exit code.
#pragma once

#include <string>
#include <vector>

namespace certctl::replace_pem {

enum class Exit : int { done = 0, failed = 1, usage = 2, busy = 6 };

// What the environment of the call says; all may be empty.
struct Surroundings {
  std::string generation_directory;  // CERTCTL_GENERATION_DIR
  std::string event_directory;       // CERTCTL_EVENT_DIR
  std::string locks;                 // CERTCTL_LOCKS
  std::string configuration;         // CERTCTL_CONFIG
  std::string store;                 // SCEPCLIENT_STORE
  std::string program;               // path of the program: a router app has its certctl.yaml in ../etc
};

struct Outcome {
  Exit exit = Exit::done;
  std::string help;                // asked for
  std::vector<std::string> notes;  // lines for people: what was appended, warnings, the error
};

[[nodiscard]] Outcome replace_pem(const std::vector<std::string>& words, const Surroundings& surroundings);

}  // namespace certctl::replace_pem
