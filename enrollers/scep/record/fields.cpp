#include "enrollers/scep/record/fields.hpp"

#include "framework/crypto/digest.hpp"

#include <certctl/result.hpp>

namespace certctl::record {
namespace {

constexpr std::size_t kLongestMemory = 1024;

}  // namespace

Json bytes_text(crypto::BytesView bytes) {
  return crypto::base64_encode(bytes);
}

Json certificates_text(const std::vector<crypto::Certificate>& certificates) {
  Json list = Json::array();
  for (const crypto::Certificate& certificate : certificates) list.push_back(bytes_text(certificate.der()));
  return list;
}

Bytes bytes_from(const Json& text) {
  auto bytes = crypto::base64_decode(text.get_ref<const std::string&>());
  if (!bytes) throw Failure::never("token-damaged", "not base64");
  return *bytes;
}

std::vector<crypto::Certificate> certificates_from(const Json& list) {
  std::vector<crypto::Certificate> out;
  for (const Json& text : list) out.push_back(crypto::Certificate::from_der(bytes_from(text)));
  return out;
}

void damaged(const std::string& protocol, const std::string& what) {
  throw Failure::never("token-damaged", "the record of the open " + protocol + " request cannot be read: " + what,
                       "run `certctl renew --new-request` to give it up and begin anew");
}

void read_token(const std::string& token, const std::string& protocol, const std::function<void(const Json&)>& read) {
  try {
    const Json json = Json::parse(token);
    if (json.at("format") != 1) damaged(protocol, "it was written by another version");
    read(json);
  } catch (const Json::exception& exception) {
    damaged(protocol, exception.what());
  } catch (const Failure& failure) {
    if (!failure.error().hint.empty()) throw;
    damaged(protocol, failure.error().message);
  }
}

void check_token_size(std::string_view token) {
  if (token.size() > kLongestToken)
    throw Failure::never("token-too-large", "the open request does not fit into 64 KiB",
                         "shorten the subject and the names");
}

Json memory_from(std::string_view text) {
  if (text.size() > kLongestMemory) return Json::object();
  Json json = Json::parse(text, nullptr, false);
  return json.is_object() ? json : Json::object();
}

std::string text_or_empty(const Json& object, const char* name) {
  const auto it = object.find(name);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

}  // namespace certctl::record
