#include "framework/devca/est_faults.hpp"

#include "enrollers/est/protocol/certificates.hpp"
#include "enrollers/est/protocol/multipart.hpp"
#include "enrollers/est/protocol/transfer.hpp"
#include "enrollers/est/protocol/words.hpp"
#include "framework/crypto/der.hpp"
#include "framework/crypto/pem.hpp"
#include "framework/crypto/usage.hpp"
#include "framework/devca/ca_set_faults.hpp"
#include "framework/devca/fault_sizes.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace certctl::devca {
namespace {

constexpr std::array<std::string_view, 15> kListNames = {
    // odd, and read
    "wrapped", "wrapped-lf", "ragged", "raw-der", "as-pem", "bare-certificate", "ca-first",
    // not read
    "bad-base64", "cut-base64", "padding-inside", "twice", "empty-list", "only-ca", "many-certificates", "no-list"};
constexpr std::array<std::string_view, 12> kAttributeNames = {
    "ca-wish",  "sign-wish",  "other-key-wish", "unknown-key-wish", "huge-bits", "deep",
    "trailing", "not-base64", "many-wishes",    "extension-twice",  "bad-usage", "channel-binding"};
constexpr std::array<std::string_view, 13> kBehaviourNames = {
    "drop-success", "late-500", "late-502",     "pending-forever", "refuse",        "http-403",     "http-405",
    "http-429",     "http-503", "pending-huge", "pending-minus",   "pending-words", "hostile-words"};
constexpr std::array<std::string_view, 9> kKeyNames = {"key-only",     "certificate-only", "two-keys",
                                                       "stranger-key", "encrypted-key",    "no-boundary",
                                                       "cut-parts",    "many-parts",       "not-multipart"};
constexpr std::size_t kManyWishes = 10'000;
constexpr std::string_view kBoundary = "certctl-devca-boundary";

Answer text(std::string_view type, const std::string& body) {
  Answer answer = text_answer(200, body);
  answer.content_type = type;
  return answer;
}

std::string with_breaks(const std::string& line, std::string_view between, std::size_t columns) {
  std::string out;
  for (std::size_t at = 0; at < line.size(); at += columns) out += line.substr(at, columns) + std::string(between);
  return out;
}

std::string transferred(Faults& faults, const Bytes& der) {
  std::string line = est::encode_in_one_line(der);
  if (faults.hit("wrapped")) return est::encode_transfer(der);
  if (faults.hit("wrapped-lf")) return with_breaks(line, "\n", 76);
  if (faults.hit("ragged")) return "\r\n  " + with_breaks(line, " \t\r\n", 17) + "\r\n\r\n";
  if (faults.hit("raw-der")) return {der.begin(), der.end()};
  if (faults.hit("bad-base64")) line[line.size() / 2] = '*';
  if (faults.hit("cut-base64")) line.resize(line.size() / 2 - 1);
  if (faults.hit("padding-inside")) line.insert(line.size() / 2, "==");
  if (faults.hit("twice")) line += line;
  return line;
}

Bytes nested(std::size_t levels) {
  Bytes out{crypto::kTagNull, 0};
  for (std::size_t i = 0; i < levels; ++i) out = crypto::der_element(crypto::kTagSequence, out);
  return out;
}

}  // namespace

std::span<const std::string_view> est_list_faults() {
  return kListNames;
}
std::span<const std::string_view> est_attribute_faults() {
  return kAttributeNames;
}
std::span<const std::string_view> est_behaviour_faults() {
  return kBehaviourNames;
}
std::span<const std::string_view> est_key_faults() {
  return kKeyNames;
}

Answer certificates_answer(Faults& faults, const std::vector<crypto::Certificate>& certificates, TimePoint now) {
  std::vector<crypto::Certificate> list = certificates;
  if (faults.hit("ca-first")) std::reverse(list.begin(), list.end());
  if (faults.hit("only-ca")) std::erase_if(list, [](const crypto::Certificate& one) { return !one.is_ca(); });
  if (faults.hit("empty-list")) list.clear();
  if (faults.hit("as-pem")) {
    std::string pem;
    for (const crypto::Certificate& one : list) pem += one.to_pem();
    return text(est::kTypeCertificates, pem);
  }
  Bytes der = est::build_certificates(list);
  if (faults.hit("duplicates")) append_again(der, list);
  if (faults.hit("many-certificates") || faults.hit("many")) append_certificates(der, kMany, now);
  if (faults.hit("bare-certificate") && !list.empty()) der = list.front().der();
  if (faults.hit("no-list")) der = nested(3);
  return text(est::kTypeCertificates, transferred(faults, der));
}

Answer attributes_answer(Faults& faults, const est::CsrAttributes& attributes) {
  using crypto::kTagSequence;
  est::CsrAttributes wished = attributes;
  const std::uint8_t ca_true[] = {kTagSequence, 3, 1, 1, 0xFF};
  const std::uint8_t bad_bits[] = {crypto::kTagNull, 0};
  if (faults.hit("ca-wish")) wished.extensions.push_back({"2.5.29.19", true, Bytes(ca_true, ca_true + 5)});
  if (faults.hit("sign-wish"))
    wished.extensions.push_back({"2.5.29.15", true, crypto::key_usage_der(crypto::kKeyCertSign)});
  if (faults.hit("bad-usage")) wished.extensions.push_back({"2.5.29.15", true, Bytes(bad_bits, bad_bits + 2)});
  if (faults.hit("extension-twice"))
    for (int i = 0; i < 2; ++i) wished.extensions.push_back({"1.2.3.4", false, Bytes{crypto::kTagNull, 0}});
  if (faults.hit("other-key-wish")) wished.keys = {{crypto::PublicKeyType::ec, 0, "P-521"}};
  if (faults.hit("unknown-key-wish")) wished.keys = {{crypto::PublicKeyType::ec, 0, "1.2.3.4.5"}};
  if (faults.hit("huge-bits")) wished.keys = {{crypto::PublicKeyType::rsa, 1'000'000, {}}};
  if (faults.hit("channel-binding")) wished.channel_binding = true;
  if (faults.hit("many-wishes")) wished.others.assign(kManyWishes, "1.2.3.4");
  Bytes der = est::build_csr_attributes(wished);
  if (faults.hit("deep")) der = nested(kDeep);
  if (faults.hit("trailing")) der.push_back(0);
  if (faults.hit("not-base64")) return text(est::kTypeAttributes, "*** nothing of the kind ***");
  if (der.size() <= 2) return text_answer(204, "");
  return text(est::kTypeAttributes, est::encode_in_one_line(der));
}

Answer pending_answer(Faults& faults, int retry_after) {
  Answer answer = text_answer(202, "somebody has to look at it\n");
  const std::string after = faults.hit("pending-huge")    ? "1000000000000"
                            : faults.hit("pending-minus") ? "-5"
                            : faults.hit("pending-words") ? "when it is done"
                            : retry_after != 0            ? std::to_string(retry_after)
                                                          : "";
  if (!after.empty()) answer.headers.emplace_back("Retry-After", after);
  return answer;
}

bool refuse_by_fault(Faults& faults, Answer& answer) {
  for (const auto& [name, status] : {std::pair("http-403", 403), std::pair("http-405", 405), std::pair("http-429", 429),
                                     std::pair("http-503", 503)}) {
    if (!faults.hit(name)) continue;
    answer = text_answer(status, "no, as ordered by a fault\n");
    if (status == 429 || status == 503) answer.headers.emplace_back("Retry-After", "120");
    return true;
  }
  if (!faults.hit("hostile-words")) return false;
  answer = text_answer(400,
                       "\x1b[2J\x1b]0;owned\x07 $(reboot)\r\nforged: line \xe2\x80\xae"
                       "desrever " +
                           std::string(100'000, 'x'));
  return true;
}

Answer key_answer(Faults& faults, const std::string& key_pem, const crypto::Certificate& certificate) {
  const auto part = [](std::string_view type, const Bytes& der) {
    const std::string line = est::encode_transfer(der);
    return est::Part{std::string(type), Bytes(line.begin(), line.end())};
  };
  const auto key_part = [&](const std::string& pem) {
    return part(est::kTypeKey, crypto::pem_decode(crypto::split_pem(pem).front()));
  };
  const est::Part list = part(est::kTypeCertificates, est::build_certificates({&certificate, 1}));
  std::vector<est::Part> parts{key_part(key_pem), list};
  if (faults.hit("key-only")) parts.pop_back();
  if (faults.hit("certificate-only")) parts.erase(parts.begin());
  if (faults.hit("two-keys")) parts.push_back(parts.front());
  if (faults.hit("stranger-key")) parts.front() = key_part(crypto::Key::generate(KeySpec{}).to_pem_pkcs8().reveal());
  if (faults.hit("encrypted-key"))
    parts.front().content_type = "application/pkcs7-mime; smime-type=server-generated-key";
  if (faults.hit("many-parts")) parts.resize(1000, list);
  est::Multipart whole = est::build_multipart(parts, kBoundary);
  if (faults.hit("no-boundary")) whole.content_type = est::kTypeMultipart;
  if (faults.hit("cut-parts")) whole.body.resize(whole.body.size() / 2);
  if (faults.hit("not-multipart")) whole = {std::string(est::kTypeCertificates), parts.back().body};
  Answer answer;
  answer.content_type = whole.content_type;
  answer.body = std::move(whole.body);
  return answer;
}

}  // namespace certctl::devca
