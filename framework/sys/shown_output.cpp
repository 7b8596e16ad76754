#include "framework/sys/shown_output.hpp"

#include <algorithm>
#include <array>

#include "framework/sys/printable.hpp"

namespace certctl::sys {
namespace {

constexpr std::string_view kWithheld = "(not shown: it may hold a private key)";
constexpr std::size_t kLongestProgramName = 100;
// A line of PEM has 64 characters; the last one of a key, which may be shorter, stands before its label.
constexpr std::size_t kSuspiciousRun = 48;

bool is_upper(char c) noexcept {
  return c >= 'A' && c <= 'Z';
}
bool is_lower(char c) noexcept {
  return c >= 'a' && c <= 'z';
}
bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

// Digits, capitals and small letters without a blank between: no word, no path, no fingerprint in hexadecimal.
bool has_base64_run(std::string_view text) noexcept {
  std::size_t length = 0;
  bool upper = false, lower = false, digit = false;
  for (const char c : text) {
    if (!is_upper(c) && !is_lower(c) && !is_digit(c) && c != '+' && c != '/' && c != '=') {
      length = 0;
      upper = lower = digit = false;
      continue;
    }
    ++length;
    upper = upper || is_upper(c);
    lower = lower || is_lower(c);
    digit = digit || is_digit(c);
    if (length >= kSuspiciousRun && upper && lower && digit) return true;
  }
  return false;
}

std::string_view trimmed(std::string_view text) noexcept {
  constexpr std::string_view kBlank = " \t\r\n";
  for (;;) {
    if (text.ends_with("\\n") || text.ends_with("\\r")) {  // what printable() made of them
      text.remove_suffix(2);
    } else if (!text.empty() && kBlank.find(text.back()) != std::string_view::npos) {
      text.remove_suffix(1);
    } else {
      return text;
    }
  }
}

}  // namespace

bool may_show_private_key(std::string_view text) noexcept {
  // The label, and the words of `openssl pkey -text`, whose numbers are hexadecimal.
  constexpr std::array<std::string_view, 5> kSigns = {"PRIVATE KEY",
                                                      "Private-Key:", "privateExponent:", "coefficient:", "priv:"};
  return std::any_of(kSigns.begin(), kSigns.end(),
                     [&](std::string_view sign) { return text.find(sign) != std::string_view::npos; }) ||
         has_base64_run(text);
}

std::string shown_output(std::string_view output, std::size_t longest) {
  if (may_show_private_key(output)) return std::string(kWithheld);
  return printable_end(trimmed(output), longest);
}

std::string shown_start(std::string_view text, std::size_t longest) {
  return may_show_private_key(text) ? std::string(kWithheld) : printable_start(text, longest);
}

std::string command_name(const Command& command) {
  if (command.empty()) return {};
  const std::string& text = command.arguments[0];
  if (!command.shell) return printable_start(text, kLongestProgramName);
  const std::size_t begin = std::min(text.find_first_not_of(" \t\n"), text.size());
  return printable_start(text.substr(begin, text.find_first_of(" \t\n;&|<>()", begin) - begin), kLongestProgramName);
}

std::string describe_failure(const CommandOutcome& outcome, std::chrono::seconds timeout) {
  std::string text;
  if (outcome.timed_out) {
    text = "not finished within " + std::to_string(timeout.count()) + " s";
  } else if (outcome.signal != 0) {
    text = "ended by signal " + std::to_string(outcome.signal);
  } else if (outcome.exit_status != 0) {
    text = "exit status " + std::to_string(outcome.exit_status);
  } else {
    text = "a certctl tool in it reported a failure";
  }
  const std::string said = shown_output(outcome.output);
  return said.empty() ? text : text + "; it said: " + said;
}

}  // namespace certctl::sys
