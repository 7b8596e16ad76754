#include "enrollers/scep/protocol/capabilities.hpp"

#include <algorithm>

namespace certctl::scep {
namespace {

constexpr std::size_t kMaxWords = 128;
constexpr std::size_t kMaxWordLength = 64;

std::string_view trimmed(std::string_view line) {
  const auto is_space = [](char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v' || c == '\0';
  };
  while (!line.empty() && is_space(line.front())) line.remove_prefix(1);
  while (!line.empty() && is_space(line.back())) line.remove_suffix(1);
  return line;
}

// SCEP-038
bool same_word(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

// SCEP-039: a word that is not here changes nothing.
void apply(Capabilities& known, std::string_view word) {
  if (same_word(word, "AES")) known.aes = true;
  if (same_word(word, "DES3")) known.des3 = true;
  if (same_word(word, "DES")) known.single_des = true;
  if (same_word(word, "POSTPKIOperation")) known.post = true;
  if (same_word(word, "Renewal")) known.renewal = true;
  if (same_word(word, "GetNextCACert")) known.next_ca_cert = true;
  if (same_word(word, "SHA-1")) known.sha1 = true;
  if (same_word(word, "SHA-256")) known.sha256 = true;
  if (same_word(word, "SHA-384")) known.sha384 = true;
  if (same_word(word, "SHA-512")) known.sha512 = true;
  if (same_word(word, "MD5")) known.md5 = true;
  // SCEP-041
  if (same_word(word, "SCEPStandard")) known.standard = known.aes = known.post = known.sha256 = true;
}

}  // namespace

// SCEP-036
Capabilities parse_capabilities(std::string_view body) {
  Capabilities known;
  while (!body.empty() && known.words.size() < kMaxWords) {
    const std::size_t end = std::min(body.find('\n'), body.size());
    const std::string_view word = trimmed(body.substr(0, end));
    body.remove_prefix(std::min(end + 1, body.size()));
    // A web page is no list of keywords: a word has no blanks and no markup in it.
    const bool is_word = !word.empty() && word.size() <= kMaxWordLength &&
                         std::all_of(word.begin(), word.end(), [](char c) { return c > ' ' && c < 0x7F && c != '<'; });
    if (!is_word) continue;
    known.words.emplace_back(word);
    apply(known, word);
  }
  return known;
}

// SCEP-035, SCEP-040, SCEP-044
std::string print_capabilities(const std::vector<std::string>& words) {
  std::string body;
  for (const std::string& word : words) body += word + "\n";
  return body;
}

}  // namespace certctl::scep
