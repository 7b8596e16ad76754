#include "framework/compat/sscep/options.hpp"

#include "framework/compat/sscep/stop.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace certctl::sscep {
namespace {

constexpr std::array<ValueOption, 28> kValueOptions{{
    {"u", &Options::url},
    {"p", &Options::proxy},
    {"M", &Options::monitor},
    {"g", &Options::engine},
    {"f", &Options::configuration},
    {"c", &Options::ca_file},
    {"C", &Options::anchors_file},
    {"E", &Options::cipher},
    {"S", &Options::digest},
    {"F", &Options::fingerprint},
    {"i", &Options::identifier},
    {"k", &Options::key_file},
    {"r", &Options::request_file},
    {"l", &Options::local_file},
    {"K", &Options::old_key_file},
    {"O", &Options::old_certificate_file},
    {"e", &Options::encryption_file},
    {"L", &Options::signer_file},
    {"m", &Options::dry_run_file},
    {"n", &Options::polls},
    {"t", &Options::interval},
    {"T", &Options::poll_time},
    {"s", &Options::serial},
    {"w", &Options::output_file},
    {"W", &Options::retry_time},
    {"tls-ca", &Options::tls_ca_file},
    {"chain", &Options::chain_file},
    {"legacy", &Options::legacy},
}};
constexpr std::string_view kCompatOption = "compat";

constexpr std::array<std::string_view, 9> kCompatWords{"crl-names", "empty-pending", "identifier", "issued", "next-ca",
                                                       "nonce",     "renewal-19",    "sections",   "usage"};

const ValueOption* find_option(std::string_view name) {
  const auto found = std::find_if(kValueOptions.begin(), kValueOptions.end(),
                                  [&](const ValueOption& option) { return option.name == name; });
  return found == kValueOptions.end() ? nullptr : &*found;
}

[[noreturn]] void bad_option(const std::string& what) {
  throw Stop(ExitCode::error, what, "call sscep without arguments for a list of options");
}

void set_value(Options& options, std::string_view name, const std::string& value) {
  if (name == kCompatOption) {
    options.compat = options.compat ? *options.compat + "," + value : value;
    return;
  }
  Text& text = options.*find_option(name)->value;
  const bool joins = name == "M" && text.has_value();
  text = joins ? *text + "&" + value : value;
}

// Walks the words of a command line.
class Reader {
 public:
  Reader(Options& options, std::span<const std::string> words) : options_(options), words_(words) {}

  void read() {
    while (at_ < words_.size()) {
      const std::string& word = words_[at_++];
      if (word == "--") return;
      if (word.size() < 2 || word[0] != '-') continue;
      if (word[1] == '-') {
        read_long(word.substr(2));
      } else {
        read_cluster(word);
      }
    }
  }

 private:
  void read_long(const std::string& text) {
    const std::size_t equals = std::min(text.find('='), text.size());
    const std::string name = text.substr(0, equals);
    const bool has_value = equals < text.size();
    if (!has_value && name == "help") {
      options_.help = true;
    } else if (!has_value && name == "version") {
      options_.version = true;
    } else if (name.size() > 1 && (name == kCompatOption || find_option(name) != nullptr)) {
      set_value(options_, name, has_value ? text.substr(equals + 1) : next_word("--" + name));
    } else {
      bad_option("unknown option --" + name);
    }
  }

  void read_cluster(const std::string& word) {
    for (std::size_t i = 1; i < word.size(); ++i) {
      if (set_flag(word[i])) continue;
      const std::string name(1, word[i]);
      if (find_option(name) == nullptr) bad_option("unknown option -" + name);
      set_value(options_, name, i + 1 < word.size() ? word.substr(i + 1) : next_word("-" + name));
      return;
    }
  }

  bool set_flag(char letter) {
    switch (letter) {
      case 'v': options_.verbose = true; return true;
      case 'd': options_.debug = options_.verbose = true; return true;
      case 'R': options_.resume = true; return true;
      case 'h':  // accepted by the reference tool, without any effect
      case 'H': return true;
      default: return false;
    }
  }

  std::string next_word(const std::string& option) {
    if (at_ >= words_.size()) bad_option("option " + option + " needs a value");
    return words_[at_++];
  }

  Options& options_;
  std::span<const std::string> words_;
  std::size_t at_ = 0;
};

struct Need {
  Text Options::*value;
  const char* option;
  const char* what;
};

void require(const Options& options, std::initializer_list<Need> needs) {
  for (const Need& need : needs)
    if (!(options.*need.value))
      throw Stop(ExitCode::error, std::string("missing ") + need.what + " (" + need.option + ")");
}

}  // namespace

std::optional<Operation> operation_from(std::string_view word) {
  if (word.starts_with("getcaps")) return Operation::get_caps;
  if (word.starts_with("getca")) return Operation::get_ca;
  if (word.starts_with("enroll")) return Operation::enroll;
  if (word.starts_with("getcert")) return Operation::get_cert;
  if (word.starts_with("getcrl")) return Operation::get_crl;
  if (word.starts_with("getnextca")) return Operation::get_next_ca;
  return std::nullopt;
}

std::string_view name_of(Operation operation) {
  switch (operation) {
    case Operation::get_ca: return "getca";
    case Operation::get_next_ca: return "getnextca";
    case Operation::enroll: return "enroll";
    case Operation::get_cert: return "getcert";
    case Operation::get_crl: return "getcrl";
    case Operation::get_caps: return "getcaps";
  }
  return "";
}

std::span<const ValueOption> value_options() {
  return kValueOptions;
}

Options parse_command_line(Operation operation, std::span<const std::string> words) {
  Options options;
  options.operation = operation;
  Reader(options, words).read();
  return options;
}

Compat::Compat(std::string_view words) {
  while (!words.empty()) {
    const std::size_t end = std::min(words.find_first_of(", "), words.size());
    const std::string_view word = words.substr(0, end);
    words.remove_prefix(std::min(end + 1, words.size()));
    if (word.empty()) continue;
    if (std::find(kCompatWords.begin(), kCompatWords.end(), word) == kCompatWords.end()) {
      std::string known;
      for (const std::string_view one : kCompatWords) known.append(known.empty() ? "" : ", ").append(one);
      throw Stop(ExitCode::error, "unknown word in --compat: " + std::string(word), "known are " + known);
    }
    words_.emplace(word);
  }
}

scep::Legacy legacy_from(const Text& word) {
  if (!word || *word == "receive") return scep::Legacy::receive;
  if (*word == "deny") return scep::Legacy::deny;
  if (*word == "allow") return scep::Legacy::allow;
  throw Stop(ExitCode::error, "--legacy is deny, receive or allow, not " + *word);
}

long long lenient_number(std::string_view text) {
  return std::strtoll(std::string(text).c_str(), nullptr, 10);
}

void check_required(const Options& options) {
  const Need ca{&Options::ca_file, "-c", "CA certificate file"};
  const Need url{&Options::url, "-u", "URL of the SCEP server"};
  const Need key{&Options::key_file, "-k", "private key file"};
  const Need local{&Options::local_file, "-l", "local certificate file"};
  const Need output{&Options::output_file, "-w", "output file"};
  switch (options.operation) {
    case Operation::get_ca: require(options, {ca, url}); return;
    case Operation::get_next_ca:
      require(options, {ca, {&Options::anchors_file, "-C", "file with the trusted root certificates"}, url});
      return;
    case Operation::enroll:
      require(options, {ca, key, {&Options::request_file, "-r", "certificate request file"}, local, url});
      return;
    case Operation::get_cert:
      require(options, {ca, local, {&Options::serial, "-s", "serial number"}, output, key, url});
      return;
    case Operation::get_crl: require(options, {ca, local, output, key, url}); return;
    case Operation::get_caps: require(options, {url}); return;
  }
}

}  // namespace certctl::sscep
