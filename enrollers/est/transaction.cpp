#include "enrollers/est/transaction.hpp"

#include "enrollers/est/protocol/words.hpp"
#include "framework/crypto/digest.hpp"

#include <certctl/result.hpp>

#include <nlohmann/json.hpp>

#include <array>
#include <optional>

namespace certctl::est {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kLongestToken = 64 * 1024;
constexpr std::size_t kLongestMemory = 1024;
constexpr std::array kSteps = {Step::enroll, Step::reenroll, Step::enroll_with_current, Step::server_key};

[[noreturn]] void damaged(const std::string& what) {
  throw Failure::never("token-damaged", "the record of the open EST request cannot be read: " + what,
                       "run `certctl renew --new-request` to give it up and begin anew");
}

Json list_of(const std::vector<crypto::Certificate>& certificates) {
  Json list = Json::array();
  for (const crypto::Certificate& certificate : certificates) list.push_back(crypto::base64_encode(certificate.der()));
  return list;
}

Bytes bytes_from(const Json& text) {
  auto bytes = crypto::base64_decode(text.get_ref<const std::string&>());
  if (!bytes) damaged("not base64");
  return *bytes;
}

std::vector<crypto::Certificate> certificates_from(const Json& list) {
  std::vector<crypto::Certificate> out;
  for (const Json& text : list) out.push_back(crypto::Certificate::from_der(bytes_from(text)));
  return out;
}

Step step_from(const Json& word) {
  const auto& text = word.get_ref<const std::string&>();
  for (const Step step : kSteps)
    if (word_of(step) == text) return step;
  damaged("unknown step");
}

std::string dump(const Transaction& transaction, const std::vector<crypto::Certificate>& ca_set) {
  Json next = Json::array();
  for (const Step step : transaction.next) next.push_back(word_of(step));
  return Json{{"format", 1},
              {"id", transaction.id},
              {"step", word_of(transaction.step)},
              {"next", next},
              {"presents_current", transaction.presents_current},
              {"csr", crypto::base64_encode(transaction.csr)},
              {"ca_set", list_of(ca_set)},
              {"anchors", list_of(transaction.anchors)},
              {"first_use", transaction.first_use}}
      .dump();
}

}  // namespace

std::string_view word_of(Step step) {
  switch (step) {
    case Step::enroll: return "enroll";
    case Step::reenroll: return "reenroll";
    case Step::enroll_with_current: return "enroll-with-current";
    case Step::server_key: return "server-key";
  }
  return "";
}

std::string_view operation_of(Step step) {
  switch (step) {
    case Step::reenroll: return kReenroll;
    case Step::server_key: return kServerKey;
    case Step::enroll:
    case Step::enroll_with_current: break;
  }
  return kEnroll;
}

std::string token_of(const Transaction& transaction) {
  // Of a server that sends dozens of certificates the last are left out: the set is asked for again when the answer
  // does not lead to an anchor without them.
  std::vector<crypto::Certificate> ca_set = transaction.ca_set;
  std::string token = dump(transaction, ca_set);
  while (token.size() > kLongestToken && !ca_set.empty()) {
    ca_set.pop_back();
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
    transaction.step = step_from(json.at("step"));
    for (const Json& word : json.at("next")) transaction.next.push_back(step_from(word));
    transaction.presents_current = json.at("presents_current").get<bool>();
    transaction.csr = bytes_from(json.at("csr"));
    transaction.ca_set = certificates_from(json.at("ca_set"));
    transaction.anchors = certificates_from(json.at("anchors"));
    transaction.first_use = json.at("first_use").get<std::string>();
    return transaction;
  } catch (const Json::exception& exception) {
    damaged(exception.what());
  }
}

std::string memory_text(const Memory& memory) {
  Json json = Json::object();
  if (memory.no_reenroll) json["no_reenroll"] = true;
  if (!memory.first_use.empty()) json["first_use"] = memory.first_use;
  return json.empty() ? std::string() : json.dump(-1, ' ', true, Json::error_handler_t::replace);
}

Memory memory_from(std::string_view text) {
  Memory memory;
  if (text.size() > kLongestMemory) return memory;
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return memory;
  if (const auto it = json.find("no_reenroll"); it != json.end() && it->is_boolean())
    memory.no_reenroll = it->get<bool>();
  if (const auto it = json.find("first_use"); it != json.end() && it->is_string())
    memory.first_use = it->get<std::string>();
  return memory;
}

}  // namespace certctl::est
