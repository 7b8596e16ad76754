#include "framework/compat/replace_pem/arguments.hpp"

#include "framework/sys/printable.hpp"

#include <certctl/result.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace certctl::replace_pem {
namespace {

constexpr int kLongestWait = 3600;

[[noreturn]] void bad(const std::string& what) {
  throw Failure::never("bad-arguments", what, "scep_replace_pem FILE NAME TYPE [NAME TYPE ...]; see --help");
}

std::chrono::seconds seconds_from(const std::string& text) {
  int number = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0 || number > kLongestWait)
    bad("--lock-timeout must be a number of seconds, 0 to 3600");
  return std::chrono::seconds{number};
}

template <std::size_t count>
const std::string& one_of(const std::string& option, const std::string& word,
                          const std::array<const char*, count>& words) {
  if (std::find(words.begin(), words.end(), word) == words.end()) {
    std::string all;
    for (const char* known : words) all += (all.empty() ? "" : ", ") + std::string(known);
    bad(option + " cannot be '" + sys::printable(word) + "': use one of " + all);
  }
  return word;
}

void read_option(Arguments& arguments, const std::string& option, const std::string& value) {
  if (option == "--store") {
    if (value.empty()) bad("--store is empty");
    arguments.store = value;
  } else if (option == "--locks") {
    if (value.empty()) bad("--locks is empty");
    arguments.locks = value;
  } else if (option == "--lock-timeout") {
    arguments.lock_timeout = seconds_from(value);
  } else if (option == "--encoding") {
    arguments.edit.encoding = settings::encoding_from_word(
        one_of(option, value, std::array{"auto", "base64-line", "pem-quoted", "pem-escaped"}));
  } else if (option == "--key-format") {
    arguments.edit.key_format =
        crypto::key_format_from_word(one_of(option, value, std::array{"auto", "traditional", "pkcs8"}));
  } else {
    bad("unknown option '" + sys::printable(option) + "'");
  }
}

void read_pairs(Arguments& arguments, const std::vector<std::string>& words, std::size_t next) {
  if ((words.size() - next) % 2 != 0) bad("each NAME needs a TYPE: the number of arguments is wrong");
  for (; next < words.size(); next += 2) {
    const std::string& name = words[next];
    if (!settings::is_variable_name(name)) bad("'" + sys::printable(name) + "' is no name of a setting");
    const auto kind = crypto::pem_kind_from_word(words[next + 1]);
    if (!kind)
      bad("TYPE of " + name + " cannot be '" + sys::printable(words[next + 1]) + "': use pkey, cert, ca or chain");
    const bool repeated = std::any_of(arguments.wanted.begin(), arguments.wanted.end(),
                                      [&](const settings::Wanted& other) { return other.name == name; });
    if (repeated) bad(name + " is named twice");
    arguments.wanted.push_back({name, *kind});
  }
}

}  // namespace

Arguments parse_arguments(const std::vector<std::string>& words) {
  Arguments arguments;
  std::size_t next = 0;
  for (; next < words.size() && words[next].starts_with("--"); ++next) {
    const std::string& word = words[next];
    if (word == "--help") {
      arguments.help = true;
      return arguments;
    }
    const std::size_t equals = word.find('=');
    if (equals != std::string::npos) {
      read_option(arguments, word.substr(0, equals), word.substr(equals + 1));
    } else {
      if (next + 1 == words.size()) bad("a value is missing after '" + sys::printable(word) + "'");
      read_option(arguments, word, words[++next]);
    }
  }
  if (next == words.size()) bad("no settings file is named");
  arguments.file = words[next++];
  if (arguments.file.empty()) bad("the name of the settings file is empty");
  if (next == words.size()) bad("no NAME and TYPE after the settings file");
  read_pairs(arguments, words, next);
  return arguments;
}

const char* help_text() noexcept {
  return "usage: scep_replace_pem [OPTION ...] FILE NAME TYPE [NAME TYPE ...]\n"
         "Replaces values of a settings file by the key and certificates of one generation; all other bytes stay.\n"
         "  FILE   a file of NAME=value lines, such as /etc/settings.ipsec\n"
         "  TYPE   pkey (private key), cert (certificate), ca (CA certificates), chain (intermediate certificates)\n"
         "A NAME that is not in the file is appended. The pair comes from $CERTCTL_GENERATION_DIR, which scripts of\n"
         "certctl have; without it from the active pair of the store.\n"
         "  --store DIR          the store ($SCEPCLIENT_STORE, else /var/data/scepClient)\n"
         "  --encoding WORD      auto (as the old value is written), base64-line, pem-quoted, pem-escaped\n"
         "  --key-format WORD    auto (as the old value has it), traditional, pkcs8\n"
         "  --locks DIR          directory of lock files (as certctl.yaml says)\n"
         "  --lock-timeout SEC   how long to wait for another writer of the file (30)\n"
         "exit codes: 0 the file holds the pair, 1 failed and the file is as it was, 2 wrong arguments, 6 busy\n";
}

}  // namespace certctl::replace_pem
