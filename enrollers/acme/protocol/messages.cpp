#include "enrollers/acme/protocol/messages.hpp"

#include "enrollers/acme/protocol/base64url.hpp"
#include "enrollers/acme/protocol/words.hpp"

#include <certctl/result.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace certctl::acme {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kLongestUrl = 2048;
constexpr std::size_t kLongestText = 4096;
constexpr std::size_t kLongestToken = 256;
constexpr std::size_t kMostMembers = 256;  // of any list

[[noreturn]] void malformed(const std::string& what) {
  throw Failure("malformed-message", what);
}

Json object_from(crypto::BytesView body) {
  Json json = Json::parse(body.begin(), body.end(), nullptr, false);
  if (!json.is_object()) malformed("no JSON object");
  return json;
}

// Absent: empty.
std::string text(const Json& object, const char* name, std::size_t longest = kLongestText) {
  const auto it = object.find(name);
  if (it == object.end() || it->is_null()) return {};
  if (!it->is_string()) malformed(std::string("`") + name + "` is no text");
  const auto& value = it->get_ref<const std::string&>();
  if (value.size() > longest) malformed(std::string("`") + name + "` is too long");
  return value;
}

std::string url(const Json& object, const char* name) {
  std::string value = text(object, name, kLongestUrl);
  if (!value.empty() && !origin_of(value)) malformed(std::string("`") + name + "` is no address");
  return value;
}

std::string needed_url(const Json& object, const char* name) {
  std::string value = url(object, name);
  if (value.empty()) malformed(std::string("there is no `") + name + "`");
  return value;
}

Json list(const Json& object, const char* name) {
  const auto it = object.find(name);
  if (it == object.end() || it->is_null()) return Json::array();
  if (!it->is_array()) malformed(std::string("`") + name + "` is no list");
  if (it->size() > kMostMembers) malformed(std::string("`") + name + "` is too long");
  return *it;
}

bool flag(const Json& object, const char* name) {
  const auto it = object.find(name);
  return it != object.end() && it->is_boolean() && it->get<bool>();
}

Status status_of(const Json& object) {
  static constexpr std::array kWords = {
      std::pair("pending", Status::pending),       std::pair("ready", Status::ready),
      std::pair("processing", Status::processing), std::pair("valid", Status::valid),
      std::pair("invalid", Status::invalid),       std::pair("deactivated", Status::deactivated),
      std::pair("expired", Status::expired),       std::pair("revoked", Status::revoked)};
  const std::string word = text(object, "status");
  for (const auto& [name, status] : kWords)
    if (word == name) return status;
  malformed("the status is none of ACME's");
}

Identifier identifier_from(const Json& object) {
  if (!object.is_object()) malformed("an identifier is no object");
  Identifier identifier{text(object, "type"), text(object, "value")};
  for (char& c : identifier.value)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return identifier;
}

std::optional<Problem> problem_from(const Json& object) {
  if (!object.is_object()) return std::nullopt;
  Problem problem;
  const auto words = [](const Json& from, const char* name) {
    const auto it = from.find(name);
    if (it == from.end() || !it->is_string()) return std::string();
    return it->get_ref<const std::string&>().substr(0, kLongestText);
  };
  const auto type = [&](const Json& from) {
    std::string value = words(from, "type");
    if (value.starts_with(kProblemPrefix)) value.erase(0, kProblemPrefix.size());
    return value;
  };
  problem.type = type(object);
  problem.detail = words(object, "detail");
  problem.instance = words(object, "instance");
  const auto parts = object.find("subproblems");
  if (parts != object.end() && parts->is_array())
    for (const Json& part : *parts) {
      if (!part.is_object() || problem.parts.size() == kMostMembers) continue;
      const auto named = part.find("identifier");
      const std::string name = named != part.end() && named->is_object() ? words(*named, "value") : "";
      problem.parts.push_back((name.empty() ? "" : name + ": ") + type(part) + ": " + words(part, "detail"));
    }
  if (problem.type.empty() && problem.detail.empty()) return std::nullopt;
  return problem;
}

std::optional<Problem> error_of(const Json& object) {
  const auto it = object.find("error");
  return it == object.end() ? std::nullopt : problem_from(*it);
}

Challenge challenge_from(const Json& object) {
  if (!object.is_object()) malformed("a challenge is no object");
  Challenge challenge;
  challenge.type = text(object, "type");
  challenge.url = needed_url(object, "url");
  challenge.token = text(object, "token", kLongestToken);
  // RFC 8555 §8.3: it becomes a file name.
  if (!challenge.token.empty() && !is_base64url(challenge.token)) malformed("a challenge's token is no base64url");
  challenge.status = status_of(object);
  challenge.error = error_of(object);
  return challenge;
}

}  // namespace

Directory parse_directory(crypto::BytesView body) {
  const Json json = object_from(body);
  Directory directory;
  directory.new_nonce = needed_url(json, "newNonce");
  directory.new_account = needed_url(json, "newAccount");
  directory.new_order = needed_url(json, "newOrder");
  directory.revoke_certificate = url(json, "revokeCert");
  directory.renewal_info = url(json, "renewalInfo");
  const auto meta = json.find("meta");
  if (meta == json.end() || !meta->is_object()) return directory;
  directory.terms_of_service = text(*meta, "termsOfService");
  directory.binding_required = flag(*meta, "externalAccountRequired");
  const auto profiles = meta->find("profiles");
  if (profiles != meta->end() && profiles->is_object())
    for (const auto& [name, words] : profiles->items())
      if (directory.profiles.size() < kMostMembers) directory.profiles.push_back(name.substr(0, kLongestText));
  return directory;
}

Account parse_account(crypto::BytesView body) {
  return {status_of(object_from(body))};
}

Order parse_order(crypto::BytesView body) {
  const Json json = object_from(body);
  Order order;
  order.status = status_of(json);
  for (const Json& one : list(json, "identifiers")) order.identifiers.push_back(identifier_from(one));
  for (const Json& one : list(json, "authorizations")) {
    if (!one.is_string() || one.get_ref<const std::string&>().size() > kLongestUrl ||
        !origin_of(one.get_ref<const std::string&>()))
      malformed("an authorization is no address");
    order.authorizations.push_back(one.get<std::string>());
  }
  order.finalize = needed_url(json, "finalize");
  order.certificate = url(json, "certificate");
  order.error = error_of(json);
  return order;
}

Authorization parse_authorization(crypto::BytesView body) {
  const Json json = object_from(body);
  Authorization authorization;
  const auto identifier = json.find("identifier");
  if (identifier == json.end()) malformed("an authorization without an identifier");
  authorization.identifier = identifier_from(*identifier);
  authorization.wildcard = flag(json, "wildcard");
  authorization.status = status_of(json);
  for (const Json& one : list(json, "challenges")) authorization.challenges.push_back(challenge_from(one));
  return authorization;
}

RenewalInfo parse_renewal_info(crypto::BytesView body) {
  const Json json = object_from(body);
  const auto window = json.find("suggestedWindow");
  if (window == json.end() || !window->is_object()) malformed("there is no `suggestedWindow`");
  const auto start = parse_time(text(*window, "start"));
  const auto end = parse_time(text(*window, "end"));
  // RFC 9773 §4.2
  if (!start || !end || *end <= *start) malformed("the suggested window is none");
  return {*start, *end, text(json, "explanationURL", kLongestUrl)};
}

std::optional<Problem> parse_problem(crypto::BytesView body) {
  return problem_from(Json::parse(body.begin(), body.end(), nullptr, false));
}

}  // namespace certctl::acme
