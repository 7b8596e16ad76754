#include "enrollers/scep/transaction.hpp"

#include "enrollers/scep/protocol/query.hpp"

#include <certctl/result.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace certctl::scep {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kLongestToken = 64 * 1024;
constexpr std::size_t kLongestMemory = 1024;

std::string text_of(const crypto::Certificate& certificate) {
  return encode_base64(certificate.der());
}

Json list_of(const std::vector<crypto::Certificate>& certificates) {
  Json list = Json::array();
  for (const crypto::Certificate& certificate : certificates) list.push_back(text_of(certificate));
  return list;
}

[[noreturn]] void damaged(const std::string& what) {
  throw Failure::never("token-damaged", "the record of the open SCEP request cannot be read: " + what,
                       "run `certctl renew --new-request` to give it up and begin anew");
}

Bytes bytes_from(const Json& text) {
  auto bytes = decode_message(text.get_ref<const std::string&>());
  if (!bytes) damaged("not base64");
  return *bytes;
}

crypto::Certificate certificate_from(const Json& text) {
  return crypto::Certificate::from_der(bytes_from(text));
}

std::vector<crypto::Certificate> certificates_from(const Json& list) {
  std::vector<crypto::Certificate> out;
  for (const Json& text : list) out.push_back(certificate_from(text));
  return out;
}

std::string dump(const Transaction& transaction, const std::vector<crypto::Certificate>& ca_set) {
  Json next = Json::array();
  for (const Step step : transaction.next) next.push_back(word_of(step));
  Json json{{"format", 1},
            {"id", transaction.id},
            {"step", word_of(transaction.step)},
            {"next", next},
            {"csr", encode_base64(transaction.csr)},
            {"signer", text_of(*transaction.signer)},
            {"recipient", text_of(*transaction.recipient)},
            {"ca_set", list_of(ca_set)},
            {"anchors", list_of(transaction.anchors)},
            {"post", transaction.post},
            {"cipher", crypto::cipher_oid(transaction.cipher)},
            {"digest", crypto::digest_oid(transaction.digest)},
            {"repeat_unanswered", transaction.repeat_unanswered},
            {"first_use", transaction.first_use}};
  return json.dump();
}

}  // namespace

// SCEP-192
std::string token_of(const Transaction& transaction) {
  std::string token = dump(transaction, transaction.ca_set);
  // A server that sends dozens of certificates: those that issue nothing and receive nothing can be left out.
  std::vector<crypto::Certificate> ca_set = transaction.ca_set;
  while (token.size() > kLongestToken && !ca_set.empty()) {
    const auto spare =
        std::find_if(ca_set.rbegin(), ca_set.rend(), [](const crypto::Certificate& c) { return c.is_ca(); });
    ca_set.erase(spare == ca_set.rend() ? ca_set.end() - 1 : std::next(spare).base());
    token = dump(transaction, ca_set);
  }
  if (token.size() > kLongestToken)
    throw Failure::never("token-too-large", "the open request does not fit into 64 KiB",
                         "shorten the subject and the names");
  return token;
}

Transaction transaction_from(const std::string& token) {
  try {
    const Json json = Json::parse(token);
    if (json.at("format") != 1) damaged("it was written by another version");
    Transaction transaction;
    transaction.id = json.at("id").get<std::string>();
    const auto step = step_from_word(json.at("step").get_ref<const std::string&>());
    if (!step) damaged("unknown step");
    transaction.step = *step;
    for (const Json& word : json.at("next"))
      if (const auto next = step_from_word(word.get_ref<const std::string&>())) transaction.next.push_back(*next);
    transaction.csr = bytes_from(json.at("csr"));
    transaction.signer = certificate_from(json.at("signer"));
    transaction.recipient = certificate_from(json.at("recipient"));
    transaction.ca_set = certificates_from(json.at("ca_set"));
    transaction.anchors = certificates_from(json.at("anchors"));
    transaction.post = json.at("post").get<bool>();
    const auto cipher = crypto::cipher_from_oid(json.at("cipher").get_ref<const std::string&>());
    const auto digest = crypto::digest_from_oid(json.at("digest").get_ref<const std::string&>());
    if (!cipher || !digest) damaged("unknown algorithm");
    transaction.cipher = *cipher;
    transaction.digest = *digest;
    transaction.repeat_unanswered = json.at("repeat_unanswered").get<bool>();
    transaction.first_use = json.at("first_use").get<std::string>();
    return transaction;
  } catch (const Json::exception& exception) {
    damaged(exception.what());
  }
}

std::string memory_text(const Memory& memory) {
  Json json = Json::object();
  if (memory.step) json["step"] = word_of(*memory.step);
  if (!memory.first_use.empty()) json["first_use"] = memory.first_use;
  return json.empty() ? std::string() : json.dump();
}

Memory memory_from(std::string_view text) {
  Memory memory;
  if (text.size() > kLongestMemory) return memory;
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return memory;
  if (const auto it = json.find("step"); it != json.end() && it->is_string())
    memory.step = step_from_word(it->get_ref<const std::string&>());
  if (const auto it = json.find("first_use"); it != json.end() && it->is_string())
    memory.first_use = it->get<std::string>();
  return memory;
}

}  // namespace certctl::scep
