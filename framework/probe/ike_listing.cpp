#include "framework/probe/ike_listing.hpp"

#include <certctl/result.hpp>

#include <optional>

#include "framework/crypto/digest.hpp"

namespace certctl::probe {
namespace {

constexpr std::string_view kEntry = "list-cert event {";

// Of "name=value name=value". Values of this listing are single words.
std::string_view value_of(std::string_view entry, std::string_view name) {
  for (std::size_t at = 0; at < entry.size();) {
    const std::size_t end = std::min(entry.find(' ', at), entry.size());
    const std::string_view word = entry.substr(at, end - at);
    if (word.size() > name.size() && word.starts_with(name) && word[name.size()] == '=')
      return word.substr(name.size() + 1);
    at = end + 1;
  }
  return {};
}

std::optional<crypto::Certificate> certificate_from(std::string_view data) {
  if (!data.starts_with("0x") || data.size() / 2 > crypto::kMaxCertificateBytes) return std::nullopt;
  const auto der = crypto::from_hex(data.substr(2));
  if (!der) return std::nullopt;
  try {
    return crypto::Certificate::from_der(*der);
  } catch (const Failure&) {
    return std::nullopt;
  }
}

}  // namespace

std::vector<LoadedCertificate> loaded_certificates(std::string_view raw_listing) {
  std::vector<LoadedCertificate> all;
  for (std::size_t at = 0; at < raw_listing.size();) {
    const std::size_t end = std::min(raw_listing.find('\n', at), raw_listing.size());
    std::string_view line = raw_listing.substr(at, end - at);
    at = end + 1;
    if (!line.starts_with(kEntry) || !line.ends_with('}')) continue;
    line.remove_prefix(kEntry.size());
    line.remove_suffix(1);
    if (value_of(line, "type") != "X509") continue;
    if (auto certificate = certificate_from(value_of(line, "data")))
      all.push_back({std::move(*certificate), value_of(line, "has_privkey") == "yes", value_of(line, "flag") == "CA"});
  }
  return all;
}

}  // namespace certctl::probe
