#include "framework/compat/sscep/algorithm_names.hpp"

#include "framework/compat/sscep/stop.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace certctl::sscep {
namespace {

using crypto::ContentCipher;
using crypto::Digest;

constexpr std::array<std::pair<std::string_view, ContentCipher>, 11> kCiphers{{
    {"aes", ContentCipher::aes128_cbc},
    {"aes128", ContentCipher::aes128_cbc},
    {"aes192", ContentCipher::aes192_cbc},
    {"aes256", ContentCipher::aes256_cbc},
    {"3des", ContentCipher::des3_cbc},
    {"des3", ContentCipher::des3_cbc},
    {"desede3", ContentCipher::des3_cbc},
    {"tripledes", ContentCipher::des3_cbc},
    {"des", ContentCipher::des_cbc},
    {"blowfish", ContentCipher::blowfish_cbc},
    {"bf", ContentCipher::blowfish_cbc},
}};
constexpr std::array<std::pair<std::string_view, Digest>, 6> kDigests{{
    {"md5", Digest::md5},
    {"sha1", Digest::sha1},
    {"sha224", Digest::sha224},
    {"sha256", Digest::sha256},
    {"sha384", Digest::sha384},
    {"sha512", Digest::sha512},
}};

// Lower case, without hyphens, without "cbc" at the end.
std::string plain(std::string_view name) {
  std::string out;
  for (const char c : name)
    if (c != '-' && c != '_') out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (out.size() > 3 && out.ends_with("cbc")) out.resize(out.size() - 3);
  return out;
}

template <class Table>
auto find(const Table& table, std::string_view name, const std::string& what) {
  const std::string wanted = plain(name);
  const auto found = std::find_if(table.begin(), table.end(), [&](const auto& row) { return row.first == wanted; });
  if (found != table.end()) return found->second;
  std::string known;
  for (const auto& [word, value] : table) known += (known.empty() ? "" : ", ") + std::string(word);
  throw Stop(ExitCode::error, "unknown " + what + ": " + std::string(name), "known are " + known);
}

}  // namespace

ContentCipher cipher_named(std::string_view name) {
  return find(kCiphers, name, "encryption algorithm (-E)");
}

Digest digest_named(std::string_view name, std::string_view option) {
  return find(kDigests, name, "digest (" + std::string(option) + ")");
}

std::string short_name(Digest digest) {
  for (const auto& [word, value] : kDigests) {
    if (value != digest) continue;
    std::string name;
    for (const char c : word) name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return name;
  }
  return {};
}

}  // namespace certctl::sscep
