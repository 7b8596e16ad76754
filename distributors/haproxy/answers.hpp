// What HAProxy answers to commands about certificates, read. Pure: text in, values out.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace certctl::haproxy {

// One certificate as the running process has it.
struct LoadedCertificate {
  std::string name;
  bool used = false;   // some bind line presents it
  std::string serial;  // as HAProxy shows it; empty: it holds none
  std::string sha1;    // fingerprint, 40 lower-case hex digits; empty: it holds none
};

// Of `show ssl cert NAME`. Nothing: the process has no such certificate. Failures (later): runtime-refused (it said
// something else, which the message has), runtime-broken (a fingerprint that is none).
[[nodiscard]] std::optional<LoadedCertificate> loaded_certificate_from(std::string_view answer);

// Of `show ssl cert`: the name of the certificate that is being changed; empty: none is. Failure runtime-refused
// (later), as above.
[[nodiscard]] std::string open_transaction_in(std::string_view answer);

// Of `set ssl cert`: what the payload went into; empty: it was refused.
[[nodiscard]] std::string transaction_of(std::string_view answer);

struct MasterState {
  int reloads = 0;  // since it was started
  int failed = 0;   // reloads since the last that went well
};
// Of `show proc`. Nothing: it says something else.
[[nodiscard]] std::optional<MasterState> master_state_from(std::string_view answer);

// For people: one line, shortened; "nothing" for an empty answer.
[[nodiscard]] std::string words_of(std::string_view answer);

}  // namespace certctl::haproxy
