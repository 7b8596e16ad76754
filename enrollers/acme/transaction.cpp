#include "enrollers/acme/transaction.hpp"

#include "enrollers/acme/protocol/base64url.hpp"
#include "enrollers/acme/protocol/words.hpp"
#include "enrollers/scep/record/fields.hpp"

namespace certctl::acme {
namespace {

using record::Json;

constexpr std::size_t kLongestMemory = 1024;
constexpr std::size_t kLongestUrl = 2048;

Json text_of(const Identifier& identifier) {
  return Json{{"type", identifier.type}, {"value", identifier.value}};
}

Identifier identifier_from(const Json& json) {
  return {json.at("type").get<std::string>(), json.at("value").get<std::string>()};
}

std::string url_from(const Json& json) {
  auto url = json.get<std::string>();
  if (!url.empty() && (url.size() > kLongestUrl || !origin_of(url))) record::damaged("ACME", "no address");
  return url;
}

Presented presented_from(const Json& json) {
  Presented one{json.at("type").get<std::string>(), identifier_from(json.at("identifier")),
                json.at("token").get<std::string>(), json.at("authorization").get<std::string>()};
  // It becomes a file name again.
  if (!is_base64url(one.token)) record::damaged("ACME", "a token that is none");
  return one;
}

}  // namespace

std::string token_of(const Transaction& transaction) {
  Json identifiers = Json::array();
  for (const Identifier& one : transaction.identifiers) identifiers.push_back(text_of(one));
  Json presented = Json::array();
  for (const Presented& one : transaction.presented)
    presented.push_back(Json{{"type", one.type},
                             {"identifier", text_of(one.identifier)},
                             {"token", one.token},
                             {"authorization", one.authorization}});
  std::string token = Json{
      {"format", 1},
      {"id", transaction.id},
      {"csr", record::bytes_text(transaction.csr)},
      {"identifiers", identifiers},
      {"account", transaction.account_url},
      {"order", transaction.order_url},
      {"first_use", transaction.first_use},
      {"presented",
       presented}}.dump(-1, ' ', true, Json::error_handler_t::replace);
  record::check_token_size(token);
  return token;
}

Transaction transaction_from(const std::string& token) {
  Transaction transaction;
  record::read_token(token, "ACME", [&](const Json& json) {
    transaction.id = json.at("id").get<std::string>();
    transaction.csr = record::bytes_from(json.at("csr"));
    for (const Json& one : json.at("identifiers")) transaction.identifiers.push_back(identifier_from(one));
    transaction.account_url = url_from(json.at("account"));
    transaction.order_url = url_from(json.at("order"));
    transaction.first_use = json.at("first_use").get<std::string>();
    for (const Json& one : json.at("presented")) transaction.presented.push_back(presented_from(one));
  });
  return transaction;
}

std::string memory_text(const Memory& memory) {
  Json json = Json::object();
  if (!memory.first_use.empty()) json["first_use"] = memory.first_use;
  Json whole = json;
  if (!memory.account_url.empty()) {
    whole["account"] = memory.account_url;
    whole["account_of"] = memory.account_of;
  }
  // The account is found again without its address.
  for (const Json& one : {whole, json})
    if (std::string text = one.dump(-1, ' ', true, Json::error_handler_t::replace);
        !one.empty() && text.size() <= kLongestMemory)
      return text;
  return {};
}

Memory memory_from(std::string_view text) {
  const Json json = record::memory_from(text);
  Memory memory;
  memory.account_url = record::text_or_empty(json, "account");
  memory.account_of = record::text_or_empty(json, "account_of");
  memory.first_use = record::text_or_empty(json, "first_use");
  if (!memory.account_url.empty() && !origin_of(memory.account_url)) memory.account_url.clear();
  return memory;
}

}  // namespace certctl::acme
