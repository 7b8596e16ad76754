// What a client of the daemon's socket asks: one JSON object on one line (docs/daemon.md).
#pragma once

#include <map>
#include <optional>
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
  page,             // whether the page is open, and what it may
  login,            // a session for the page
  logout,           //
  configuration,    // text of a profile's file, or of certctl.yaml
  lint,             // judges a text, or the fields of a form, as that file
  save,             // the same, and writes it
  router_settings,  // the router app's settings, as values
  save_router_settings,
};

struct Request {
  std::string id;  // JSON text of what the client gave, for the answer; "null" without
  Verb verb = Verb::daemon;
  std::vector<std::string> profiles;  // status, plan, renew, deliver, verify: empty means all; the others need one
  engine::Wishes wishes;              // plan, renew; rollback: force
  bool diff = false;                  // plan
  bool known = false;                 // status: as it was seen last, at once
  bool follow = false;                // log lines on the way, before the answer
  int generation = 0;                 // rollback, certificate; 0: the one before the active one, the active one
  std::string session;                // of the page's user, for all but page, login and metrics
  std::string password, from;         // login; from: the address that asks, as the page's process saw it
  std::optional<std::string> text;    // lint, save: the whole file
  std::optional<std::map<std::string, std::string, std::less<>>> form;  // … or the fields that make one
  std::string version;                   // save: of the file that was edited; it must be that one still
  std::optional<std::string> challenge;  // save with a form: a new challenge password
};

// Throws Failure bad-request (never): no JSON object, an unknown verb or key, a value of another type, a profile's name
// that is none.
[[nodiscard]] Request parse_request(std::string_view line);

[[nodiscard]] bool changes_something(Verb verb) noexcept;

}  // namespace certctl::daemon
