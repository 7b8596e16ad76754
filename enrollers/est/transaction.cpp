#include "enrollers/est/transaction.hpp"

#include "enrollers/est/protocol/words.hpp"
#include "enrollers/scep/record/fields.hpp"

#include <certctl/result.hpp>

#include <array>
#include <optional>

namespace certctl::est {
namespace {

using record::Json;

constexpr std::array kSteps = {Step::enroll, Step::reenroll, Step::enroll_with_current, Step::server_key};

Step step_from(const Json& word) {
  const auto& text = word.get_ref<const std::string&>();
  for (const Step step : kSteps)
    if (word_of(step) == text) return step;
  record::damaged("EST", "unknown step");
}

std::string dump(const Transaction& transaction, const std::vector<crypto::Certificate>& ca_set) {
  Json next = Json::array();
  for (const Step step : transaction.next) next.push_back(word_of(step));
  return Json{{"format", 1},
              {"id", transaction.id},
              {"step", word_of(transaction.step)},
              {"next", next},
              {"presents_current", transaction.presents_current},
              {"csr", record::bytes_text(transaction.csr)},
              {"ca_set", record::certificates_text(ca_set)},
              {"anchors", record::certificates_text(transaction.anchors)},
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
  while (token.size() > record::kLongestToken && !ca_set.empty()) {
    ca_set.pop_back();
    token = dump(transaction, ca_set);
  }
  record::check_token_size(token);
  return token;
}

Transaction transaction_from(const std::string& token) {
  Transaction transaction;
  record::read_token(token, "EST", [&](const Json& json) {
    transaction.id = json.at("id").get<std::string>();
    transaction.step = step_from(json.at("step"));
    for (const Json& word : json.at("next")) transaction.next.push_back(step_from(word));
    transaction.presents_current = json.at("presents_current").get<bool>();
    transaction.csr = record::bytes_from(json.at("csr"));
    transaction.ca_set = record::certificates_from(json.at("ca_set"));
    transaction.anchors = record::certificates_from(json.at("anchors"));
    transaction.first_use = json.at("first_use").get<std::string>();
  });
  return transaction;
}

std::string memory_text(const Memory& memory) {
  Json json = Json::object();
  if (memory.no_reenroll) json["no_reenroll"] = true;
  if (!memory.first_use.empty()) json["first_use"] = memory.first_use;
  return json.empty() ? std::string() : json.dump(-1, ' ', true, Json::error_handler_t::replace);
}

Memory memory_from(std::string_view text) {
  const Json json = record::memory_from(text);
  Memory memory;
  if (const auto it = json.find("no_reenroll"); it != json.end() && it->is_boolean())
    memory.no_reenroll = it->get<bool>();
  memory.first_use = record::text_or_empty(json, "first_use");
  return memory;
}

}  // namespace certctl::est
