#include "enrollers/acme/protocol/jws.hpp"

#include "enrollers/acme/protocol/base64url.hpp"
#include "framework/crypto/der.hpp"
#include "framework/crypto/digest.hpp"
#include "framework/crypto/raw_signature.hpp"

#include <nlohmann/json.hpp>

namespace certctl::acme {
namespace {

using Json = nlohmann::json;

// RFC 7518 §3.1
std::string algorithm_of(const crypto::Key& key) {
  if (key.type() == crypto::PublicKeyType::rsa) return "RS256";
  if (key.curve() == "P-384") return "ES384";
  if (key.curve() == "P-521") return "ES512";
  return "ES256";
}

std::string whole(const std::string& header, const std::string& payload, crypto::BytesView signature) {
  return Json{{"protected", header}, {"payload", payload}, {"signature", base64url(signature)}}.dump();
}

}  // namespace

// The members are in lexical order, which is that of nlohmann's objects.
std::string web_key(const crypto::Key& key) {
  const crypto::PublicNumbers numbers = crypto::public_numbers(key);
  if (!numbers.modulus.empty())
    return Json{{"e", base64url(numbers.exponent)}, {"kty", "RSA"}, {"n", base64url(numbers.modulus)}}.dump();
  return Json{{"crv", key.curve()}, {"kty", "EC"}, {"x", base64url(numbers.x)}, {"y", base64url(numbers.y)}}.dump();
}

std::string thumbprint(const crypto::Key& key) {
  return base64url(crypto::sha256(crypto::bytes_of(web_key(key))));
}

std::string key_authorization(const std::string& token, const crypto::Key& account_key) {
  return token + "." + thumbprint(account_key);
}

std::string sign_request(const crypto::Key& key, const JwsHeader& header, const std::string& payload) {
  Json fields{{"alg", algorithm_of(key)}, {"nonce", header.nonce}, {"url", header.url}};
  if (header.account_url.empty())
    fields["jwk"] = Json::parse(web_key(key));
  else
    fields["kid"] = header.account_url;
  const std::string protected_text = base64url(fields.dump());
  const std::string payload_text = base64url(payload);
  const std::string input = protected_text + "." + payload_text;
  return whole(protected_text, payload_text, crypto::sign_raw(key, crypto::bytes_of(input)));
}

std::string external_binding(const crypto::Key& key, const std::string& url, const std::string& key_id,
                             crypto::BytesView mac_key) {
  const std::string protected_text = base64url(Json{{"alg", "HS256"}, {"kid", key_id}, {"url", url}}.dump());
  const std::string payload_text = base64url(web_key(key));
  const std::string input = protected_text + "." + payload_text;
  return whole(protected_text, payload_text, crypto::hmac_sha256(mac_key, crypto::bytes_of(input)));
}

}  // namespace certctl::acme
