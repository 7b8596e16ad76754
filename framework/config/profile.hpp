// What configuration files say, as data: one Profile per certificate, one Settings for the program.
#pragma once

#include <certctl/options.hpp>
#include <certctl/types.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace certctl::config {

// A place in a file, for messages: file:line:column.
struct Mark {
  std::string file;
  int line = 0;    // from 1; 0: the file as a whole
  int column = 0;  // from 1
};

// A plugin chosen by a profile, with its validated options.
struct PluginUse {
  std::string plugin;  // its name: "scep"
  Options options;
  Mark mark;
  // Names of the options of issuer identity (OptionSpec) that have another value than the table's default, sorted: an
  // option that a later version adds changes no identity.
  std::vector<std::string> identity;
  std::vector<std::string> files;  // names of the options that are paths (OptionType::path), sorted
};

enum class Rotate : int { always, never, by_age };
enum class NamesPolicy : int { warn, refuse, ignore };
enum class OnFailure : int { rollback, keep };

// When a certificate is due. "70% elapsed" is held as 30 % left.
struct RenewThreshold {
  std::optional<std::chrono::seconds> left;  // "30d left"
  int percent_left = 30;                     // used when `left` is absent
  std::string text = "30% left";             // as written
};

// One way to see what a target serves. All of a target's must agree.
enum class ProbeKind : int {
  tls,      // a TLS handshake with each address
  smtp,     // the same after STARTTLS
  file,     // a file that the consumer writes or reads
  ike,      // what the IKE daemon lists
  command,  // exit status 0: serves it
};

struct Probe {
  ProbeKind kind = ProbeKind::tls;
  std::vector<std::string> connect;  // tls, smtp: "host:port"; checked
  std::string server_name;           // tls, smtp: SNI; empty: none
  std::vector<std::string> alpn;     // tls
  std::string file;                  // file: absolute path
  std::string uri;                   // ike: of the vici socket; empty: the daemon's default
  Command command;                   // command; ike: the listing program
  Mark mark;
};

struct Target {
  std::string name;  // `name:`, or the plugin's name (with -2, -3 … when it repeats)
  PluginUse plugin;
  Command reload;                    // empty: none
  std::chrono::seconds timeout{60};  // of the reload command
  std::chrono::seconds verify_timeout{30};
  OnFailure on_failure = OnFailure::rollback;
  bool reload_given = false;  // the profile has `reload:`; with an empty command: none is needed
  Command restart;            // allowed when the reload does not bring it; empty: not allowed
  std::vector<Probe> verify;
};

struct HookUse {
  PluginUse plugin;
  std::vector<std::string> on;  // event names
};

struct Profile {
  std::string name;  // [a-z0-9][a-z0-9._-]{0,62}, equal to the file's
  std::string file;
  std::vector<PluginUse> issuers;  // in the order in which they are asked; never empty in a profile that was read
  PluginUse key_provider;
  KeySpec key;
  Rotate rotate = Rotate::always;
  std::chrono::seconds rotate_age{0};  // Rotate::by_age
  CertificateRequest request;
  NamesPolicy names = NamesPolicy::warn;
  RenewThreshold renew;
  std::chrono::seconds pending_poll{60};
  std::chrono::seconds pending_give_up{30 * 24 * 3600};
  PluginUse store;  // its options always hold the integer `keep`
  std::vector<Target> targets;
  std::vector<HookUse> hooks;
};

enum class ClockPolicy : int { check, ignore };

// certctl.yaml
struct Settings {
  std::string file;   // absolute path
  std::string state;  // absolute path
  std::vector<std::string> plugin_directories;
  bool allow_volatile = false;
  ClockPolicy clock = ClockPolicy::check;
  std::string locks;  // absolute path; empty: the default of design.md section 7
  int jobs = 8;
};

}  // namespace certctl::config
