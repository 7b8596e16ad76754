#include "enrollers/scep/transaction.hpp"

#include "enrollers/scep/record/fields.hpp"

#include <algorithm>

namespace certctl::scep {
namespace {

using record::Json;

crypto::Certificate certificate_from(const Json& text) {
  return crypto::Certificate::from_der(record::bytes_from(text));
}

std::string dump(const Transaction& transaction, const std::vector<crypto::Certificate>& ca_set) {
  Json next = Json::array();
  for (const Step step : transaction.next) next.push_back(word_of(step));
  Json json{{"format", 1},
            {"id", transaction.id},
            {"step", word_of(transaction.step)},
            {"next", next},
            {"csr", record::bytes_text(transaction.csr)},
            {"signer", record::bytes_text(transaction.signer->der())},
            {"recipient", record::bytes_text(transaction.recipient->der())},
            {"ca_set", record::certificates_text(ca_set)},
            {"anchors", record::certificates_text(transaction.anchors)},
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
  while (token.size() > record::kLongestToken && !ca_set.empty()) {
    const auto spare =
        std::find_if(ca_set.rbegin(), ca_set.rend(), [](const crypto::Certificate& c) { return c.is_ca(); });
    ca_set.erase(spare == ca_set.rend() ? ca_set.end() - 1 : std::next(spare).base());
    token = dump(transaction, ca_set);
  }
  record::check_token_size(token);
  return token;
}

Transaction transaction_from(const std::string& token) {
  Transaction transaction;
  record::read_token(token, "SCEP", [&](const Json& json) {
    transaction.id = json.at("id").get<std::string>();
    const auto step = step_from_word(json.at("step").get_ref<const std::string&>());
    if (!step) record::damaged("SCEP", "unknown step");
    transaction.step = *step;
    for (const Json& word : json.at("next"))
      if (const auto next = step_from_word(word.get_ref<const std::string&>())) transaction.next.push_back(*next);
    transaction.csr = record::bytes_from(json.at("csr"));
    transaction.signer = certificate_from(json.at("signer"));
    transaction.recipient = certificate_from(json.at("recipient"));
    transaction.ca_set = record::certificates_from(json.at("ca_set"));
    transaction.anchors = record::certificates_from(json.at("anchors"));
    transaction.post = json.at("post").get<bool>();
    const auto cipher = crypto::cipher_from_oid(json.at("cipher").get_ref<const std::string&>());
    const auto digest = crypto::digest_from_oid(json.at("digest").get_ref<const std::string&>());
    if (!cipher || !digest) record::damaged("SCEP", "unknown algorithm");
    transaction.cipher = *cipher;
    transaction.digest = *digest;
    transaction.repeat_unanswered = json.at("repeat_unanswered").get<bool>();
    transaction.first_use = json.at("first_use").get<std::string>();
  });
  return transaction;
}

std::string memory_text(const Memory& memory) {
  Json json = Json::object();
  if (memory.step) json["step"] = word_of(*memory.step);
  if (!memory.first_use.empty()) json["first_use"] = memory.first_use;
  return json.empty() ? std::string() : json.dump();
}

Memory memory_from(std::string_view text) {
  const Json json = record::memory_from(text);
  Memory memory;
  memory.step = step_from_word(record::text_or_empty(json, "step"));
  memory.first_use = record::text_or_empty(json, "first_use");
  return memory;
}

}  // namespace certctl::scep
