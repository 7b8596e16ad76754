#include "plugins/stores/scepclient/pair.hpp"

#include "framework/crypto/certificate.hpp"
#include "framework/crypto/chain.hpp"
#include "framework/crypto/digest.hpp"
#include "framework/crypto/key.hpp"

#include <certctl/result.hpp>

namespace certctl::scepclient {
namespace {

constexpr std::string_view kReferenceMark = "certctl key reference\n";

// The value of a line NAME=… in the text of a reference.
std::string line_value(std::string_view text, std::string_view name) {
  const std::string start = "\n" + std::string(name) + "=";
  const auto begin = text.find(start);
  if (begin == std::string_view::npos) return {};
  text.remove_prefix(begin + start.size());
  return std::string(text.substr(0, text.find('\n')));
}

// A store of a thousand generations must not grow the process.
template <class Map>
void keep_small(Map& map) {
  if (map.size() >= 64) map.clear();
}

Pair judge_pair(const KeyRef& key, std::string_view certificate_text) {
  Pair pair;
  try {
    const crypto::Certificate certificate = crypto::Certificate::from_pem(certificate_text);
    pair.serial = certificate.serial();
    pair.fingerprint = certificate.fingerprint();
    pair.certificate_pem = certificate.to_pem();
    if (key.exportable()) {
      pair.whole = certificate.carries_key_of(key.pem.reveal());
      if (!pair.whole) pair.problem = "key and certificate do not belong together";
    } else {
      // Only its provider can open such a key.
      pair.whole = !key.provider.empty() && !key.reference.empty();
      if (!pair.whole) pair.problem = "the key cannot be read";
    }
  } catch (const Failure& failure) {
    pair.whole = false;
    pair.problem = (pair.fingerprint.empty() ? "the certificate cannot be read: " : "the key cannot be read: ") +
                   failure.error().message;
  }
  return pair;
}

Certificates judge_certificates(std::string_view text) {
  std::vector<std::string> result;
  try {
    for (const crypto::Certificate& certificate : crypto::Certificate::all_from_pem(text))
      result.push_back(certificate.to_pem());
  } catch (const Failure&) {
    return std::nullopt;
  }
  if (result.empty() && !text.empty()) return std::nullopt;
  return result;
}

std::vector<std::string> chain_from(const std::string& certificate_pem, const std::vector<std::string>& ca_set_pem) {
  std::vector<std::string> result;
  try {
    std::vector<crypto::Certificate> bundle{crypto::Certificate::from_pem(certificate_pem)};
    const crypto::Key key = bundle.front().public_key();
    for (const std::string& text : ca_set_pem) bundle.push_back(crypto::Certificate::from_pem(text));
    for (const crypto::Certificate& certificate : crypto::order_leaf_and_chain(bundle, &key).chain)
      result.push_back(certificate.to_pem());
  } catch (const Failure&) {
    result.clear();  // without a chain the pair is what it was in the old directory
  }
  return result;
}

}  // namespace

Pair PairJudge::pair(const KeyRef& key, std::string_view certificate_text) {
  keep_small(pairs_);
  const auto [place, fresh] =
      pairs_.try_emplace(crypto::sha256_hex(key_file_text(key).reveal()) + crypto::sha256_hex(certificate_text));
  if (fresh) place->second = judge_pair(key, certificate_text);
  return place->second;
}

Certificates PairJudge::certificates(std::string_view text) {
  keep_small(certificates_);
  const auto [place, fresh] = certificates_.try_emplace(crypto::sha256_hex(text));
  if (fresh) place->second = judge_certificates(text);
  return place->second;
}

std::vector<std::string> PairJudge::chain(const std::string& certificate_pem,
                                          const std::vector<std::string>& ca_set_pem) {
  keep_small(chains_);
  std::string text = certificate_pem;
  for (const std::string& one : ca_set_pem) text += one;
  const auto [place, fresh] = chains_.try_emplace(crypto::sha256_hex(text));
  if (fresh) place->second = chain_from(certificate_pem, ca_set_pem);
  return place->second;
}

Secret key_file_text(const KeyRef& key) {
  if (key.exportable()) return key.pem;
  return Secret(std::string(kReferenceMark) + "provider=" + key.provider + "\nreference=" + key.reference + "\n");
}

KeyRef parse_key_file(std::string text) {
  KeyRef key;
  if (text.starts_with(kReferenceMark)) {
    key.provider = line_value(text, "provider");
    key.reference = line_value(text, "reference");
  } else {
    key.provider = "file";
    key.pem = Secret(std::move(text));
  }
  return key;
}

}  // namespace certctl::scepclient
