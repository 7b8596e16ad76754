// GetCACaps: the keywords a server announces (RFC 8894 §3.5.2).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace certctl::scep {

// What the keywords mean for a client; SCEPStandard has been resolved into what it implies.
struct Capabilities {
  bool aes = false;
  bool des3 = false;
  bool post = false;
  bool renewal = false;
  bool next_ca_cert = false;
  bool sha1 = false;
  bool sha256 = false;
  bool sha384 = false;
  bool sha512 = false;
  bool standard = false;
  bool md5 = false;                // only ever seen with servers that have nothing better
  bool single_des = false;         // same
  std::vector<std::string> words;  // as sent, in order, known and unknown; at most 128, cleaned for display
  [[nodiscard]] bool none() const noexcept { return words.empty(); }
};

// Lines end in CRLF or LF; blanks around a word, blank lines and a missing last newline are fine; case is ignored;
// unknown words are kept and ignored. Never fails: a body that is no list has no capabilities in it.
Capabilities parse_capabilities(std::string_view body);

// For servers: one word a line, LF.
std::string print_capabilities(const std::vector<std::string>& words);

}  // namespace certctl::scep
