#include "distributors/haproxy/answers.hpp"

#include <certctl/result.hpp>

#include <sstream>
#include <vector>

#include "framework/sys/shown_output.hpp"

namespace certctl::haproxy {
namespace {

constexpr std::size_t kMaxWords = 300;
constexpr std::size_t kMaxSerial = 128;

// Without blanks at their ends, and without those that are empty.
std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    while (!line.empty() && (line.back() == ' ' || line.back() == '\r' || line.back() == '\t')) line.remove_suffix(1);
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

// Nothing when the line has another key.
std::optional<std::string_view> value_of(std::string_view line, std::string_view key) {
  if (!line.starts_with(key)) return std::nullopt;
  line.remove_prefix(key.size());
  while (line.starts_with(' ')) line.remove_prefix(1);
  return line;
}

bool is_hex(std::string_view text) {
  return text.find_first_not_of("0123456789ABCDEFabcdef") == std::string_view::npos;
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

Failure refused(std::string_view answer) {
  return Failure("runtime-refused", "HAProxy answers to `show ssl cert`: " + words_of(answer),
                 "certctl needs a `stats socket` with level admin, of HAProxy 2.2 or newer");
}

}  // namespace

std::optional<LoadedCertificate> loaded_certificate_from(std::string_view answer) {
  if (answer.find("Not found") != std::string_view::npos) return std::nullopt;
  LoadedCertificate loaded;
  bool known = false;
  for (const std::string_view line : lines_of(answer)) {
    if (const auto name = value_of(line, "Filename:")) {
      loaded.name = *name;
      known = true;
    } else if (const auto status = value_of(line, "Status:")) {
      loaded.used = *status == "Used";
    } else if (const auto serial = value_of(line, "Serial:")) {
      if (serial->size() <= kMaxSerial && is_hex(*serial)) loaded.serial = *serial;
    } else if (const auto sha1 = value_of(line, "SHA1 FingerPrint:")) {
      if (sha1->size() != 40 || !is_hex(*sha1)) {
        throw Failure("runtime-broken", "HAProxy shows a fingerprint that is none: " + words_of(*sha1),
                      "name `runtime: never` in the profile");
      }
      loaded.sha1 = lower_case(*sha1);
    }
  }
  if (!known) throw refused(answer);
  return loaded;
}

std::string open_transaction_in(std::string_view answer) {
  bool known = false;
  std::string open;
  for (const std::string_view line : lines_of(answer)) {
    if (line == "# filename" || line == "# transaction") known = true;
    if (known && line.starts_with('*')) open = line.substr(1);
  }
  // An empty list has no heading.
  if (!known && !lines_of(answer).empty()) throw refused(answer);
  return open;
}

std::string transaction_of(std::string_view answer) {
  for (const std::string_view line : lines_of(answer)) {
    for (const std::string_view start :
         {"Transaction created for certificate ", "Transaction updated for certificate "}) {
      if (line.starts_with(start) && line.ends_with('!'))
        return std::string(line.substr(start.size(), line.size() - start.size() - 1));
    }
  }
  return {};
}

// "4711            master          3 [failed: 0]   0d00h00m10s     2.6.12"
std::optional<MasterState> master_state_from(std::string_view answer) {
  for (const std::string_view line : lines_of(answer)) {
    std::istringstream fields{std::string(line)};
    std::string pid, type, failed;
    MasterState state;
    if (!(fields >> pid >> type >> state.reloads) || type != "master") continue;
    if (fields >> failed && failed == "[failed:") fields >> state.failed;
    return state;
  }
  return std::nullopt;
}

std::string words_of(std::string_view answer) {
  std::string words;
  for (const std::string_view line : lines_of(answer)) {
    words += (words.empty() ? "" : "; ");
    words += line;
    if (words.size() > kMaxWords) break;
  }
  return words.empty() ? "nothing" : sys::shown_start(words, kMaxWords);
}

}  // namespace certctl::haproxy
