// What a client of the daemon's socket asks: one JSON object on one line (docs/daemon.md).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "framework/engine/plan.hpp"

namespace certctl::daemon {

enum class Verb : int {
  daemon,       // the daemon's own state
  metrics,      // text for Prometheus
  reload,       // reads the configuration again
  status,       // as `certctl --json status`
  plan,         // … plan
  history,      // … history
  certificate,  // certificate and chain of a generation, PEM; never the key
  renew,        // what is due, or what the wishes say
  deliver,
  verify,
  rollback,
  release,
};

struct Request {
  std::string id;  // JSON text of what the client gave, for the answer; "null" without
  Verb verb = Verb::daemon;
  std::vector<std::string> profiles;  // status, plan, renew, deliver, verify: empty means all; the others need one
  engine::Wishes wishes;              // plan, renew; rollback: force
  bool diff = false;                  // plan
  bool follow = false;                // log lines on the way, before the answer
  int generation = 0;                 // rollback, certificate; 0: the one before the active one, the active one
};

// Throws Failure bad-request (never): no JSON object, an unknown verb or key, a value of another type, a profile's name
// that is none.
[[nodiscard]] Request parse_request(std::string_view line);

[[nodiscard]] bool changes_something(Verb verb) noexcept;

}  // namespace certctl::daemon
