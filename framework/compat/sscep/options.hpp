// What the command line and the configuration file say.
#pragma once

#include "enrollers/scep/protocol/algorithms.hpp"

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace certctl::sscep {

enum class Operation : int { get_ca, get_next_ca, enroll, get_cert, get_crl, get_caps };

// Of the words that begin so: `getcacert` is getca, too. Nothing for an unknown one.
std::optional<Operation> operation_from(std::string_view word);
std::string_view name_of(Operation operation);

using Text = std::optional<std::string>;

struct Options {
  Operation operation = Operation::get_ca;
  Text url;                   // -u
  Text proxy;                 // -p
  Text monitor;               // -M, several joined with '&'
  Text engine;                // -g
  Text configuration;         // -f
  Text ca_file;               // -c
  Text anchors_file;          // -C
  Text cipher;                // -E
  Text digest;                // -S
  Text fingerprint;           // -F
  Text identifier;            // -i; empty: none is sent
  Text key_file;              // -k
  Text request_file;          // -r
  Text local_file;            // -l
  Text old_key_file;          // -K
  Text old_certificate_file;  // -O
  Text encryption_file;       // -e
  Text signer_file;           // -L
  Text dry_run_file;          // -m
  Text polls;                 // -n
  Text interval;              // -t
  Text poll_time;             // -T
  Text serial;                // -s
  Text output_file;           // -w
  Text retry_time;            // -W
  bool resume = false;        // -R
  bool verbose = false;       // -v
  bool debug = false;         // -d
  // Not in the reference tool.
  Text tls_ca_file;      // --tls-ca
  Text chain_file;       // --chain
  Text legacy;           // --legacy
  Text compat;           // --compat
  bool help = false;     // --help
  bool version = false;  // --version
};

// One option that takes a value: how it is written, and where the value goes.
struct ValueOption {
  std::string_view name;  // "u", or "tls-ca" for --tls-ca
  Text Options::*value;
};
std::span<const ValueOption> value_options();

// The words after the operation. Short options as getopt takes them: clusters, attached values; words that are no
// option are skipped, as old scripts have some; the last of a repeated option counts. Throws Stop (error), with what is
// wrong.
Options parse_command_line(Operation operation, std::span<const std::string> words);

// What of the reference tool's ways is wanted back: the words of --compat. Throws Stop (error) on an unknown word.
class Compat {
 public:
  explicit Compat(std::string_view words);
  [[nodiscard]] bool has(std::string_view word) const { return words_.find(word) != words_.end(); }

 private:
  std::set<std::string, std::less<>> words_;
};

scep::Legacy legacy_from(const Text& word);

// The leading digits; 0 when there are none, as the reference tool reads numbers.
long long lenient_number(std::string_view text);

// Throws Stop (error) naming the first option that the operation needs and does not have.
void check_required(const Options& options);

std::string usage_text(std::string_view program);

}  // namespace certctl::sscep
