#include "enrollers/acme/test_acme_server.hpp"

#include "framework/crypto/csr.hpp"
#include "framework/crypto/digest.hpp"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>

#include <algorithm>

namespace acme_test {
namespace {

Bytes decode(std::string text) {
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  return crypto::base64_decode(text).value_or(Bytes{});
}
std::string decode_text(const std::string& text) {
  const Bytes bytes = decode(text);
  return {bytes.begin(), bytes.end()};
}

EVP_PKEY* key_from(const Json& jwk) {
  OSSL_PARAM_BLD* parameters = OSSL_PARAM_BLD_new();
  const bool ec = jwk.at("kty") == "EC";
  Bytes point{4};
  std::vector<BIGNUM*> numbers;
  if (ec) {
    for (const char* name : {"x", "y"}) {
      const Bytes one = decode(jwk.at(name));
      point.insert(point.end(), one.begin(), one.end());
    }
    OSSL_PARAM_BLD_push_utf8_string(parameters, OSSL_PKEY_PARAM_GROUP_NAME,
                                    jwk.at("crv").get_ref<const std::string&>().c_str(), 0);
    OSSL_PARAM_BLD_push_octet_string(parameters, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  } else {
    for (const auto& [name, parameter] :
         {std::pair("n", OSSL_PKEY_PARAM_RSA_N), std::pair("e", OSSL_PKEY_PARAM_RSA_E)}) {
      const Bytes one = decode(jwk.at(name));
      numbers.push_back(BN_bin2bn(one.data(), static_cast<int>(one.size()), nullptr));
      OSSL_PARAM_BLD_push_BN(parameters, parameter, numbers.back());
    }
  }
  OSSL_PARAM* list = OSSL_PARAM_BLD_to_param(parameters);
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_name(nullptr, ec ? "EC" : "RSA", nullptr);
  EVP_PKEY* key = nullptr;
  EVP_PKEY_fromdata_init(context);
  EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, list);
  EVP_PKEY_CTX_free(context);
  OSSL_PARAM_free(list);
  OSSL_PARAM_BLD_free(parameters);
  for (BIGNUM* one : numbers) BN_free(one);
  return key;
}

bool verifies(const Json& jwk, const std::string& input, Bytes signature) {
  EVP_PKEY* key = key_from(jwk);
  if (key == nullptr) return false;
  const EVP_MD* digest = EVP_sha256();
  if (jwk.at("kty") == "EC") {
    if (jwk.at("crv") == "P-384") digest = EVP_sha384();
    const int half = static_cast<int>(signature.size() / 2);
    ECDSA_SIG* both = ECDSA_SIG_new();
    ECDSA_SIG_set0(both, BN_bin2bn(signature.data(), half, nullptr), BN_bin2bn(signature.data() + half, half, nullptr));
    unsigned char* der = nullptr;
    const int size = i2d_ECDSA_SIG(both, &der);
    signature.assign(der, der + size);
    OPENSSL_free(der);
    ECDSA_SIG_free(both);
  }
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  const bool right = EVP_DigestVerifyInit(context, nullptr, digest, nullptr, key) == 1 &&
                     EVP_DigestVerify(context, signature.data(), signature.size(),
                                      reinterpret_cast<const unsigned char*>(input.data()), input.size()) == 1;
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(key);
  return right;
}

crypto::Issuer make_root(const char* name, TimePoint now) {
  const crypto::Key key = crypto::Key::generate({KeyType::ec, 0, "P-256"});
  crypto::CaSpec spec;
  spec.subject = {{"CN", name, false}};
  spec.not_before = now - std::chrono::hours(24);
  spec.not_after = now + std::chrono::hours(24 * 3650);
  return {crypto::make_root_ca(key, spec), key};
}

crypto::Issuer make_issuing(const crypto::Issuer& root, const crypto::Key& key, TimePoint now) {
  crypto::CaSpec spec;
  spec.subject = {{"CN", "Issuing", false}};
  spec.not_before = now - std::chrono::hours(24);
  spec.not_after = now + std::chrono::hours(24 * 3650);
  return {crypto::make_intermediate_ca(root, key, spec), key};
}

acme::HttpReply json_reply(int status, const Json& json) {
  acme::HttpReply reply;
  reply.status = status;
  reply.content_type = "application/json";
  const std::string text = json.dump();
  reply.body.assign(text.begin(), text.end());
  return reply;
}

std::size_t number_in(const std::string& path, std::size_t part) {
  std::size_t at = 0;
  for (std::size_t i = 0; i <= part; ++i) at = path.find('/', at) + 1;
  return std::stoul(path.substr(at));
}

}  // namespace

AcmeServer::AcmeServer(TimePoint now)
    : root(make_root("Root", now)),
      other_root(make_root("Other root", now)),
      issuing(make_issuing(root, crypto::Key::generate({KeyType::ec, 0, "P-256"}), now)),
      now_(now) {}

void AcmeServer::pause(std::chrono::milliseconds time) {
  paused += time;
  if (on_pause) on_pause();
}

acme::HttpReply AcmeServer::problem(int status, const std::string& type, const std::string& detail) {
  acme::HttpReply reply = json_reply(status, Json{{"type", "urn:ietf:params:acme:error:" + type}, {"detail", detail}});
  reply.content_type = "application/problem+json";
  return reply;
}

std::string AcmeServer::fresh_nonce() {
  std::string nonce = "nonce_" + std::to_string(++made_);
  nonces_.insert(nonce);
  return nonce;
}

// RFC 8555 §6.2 to §6.5
bool AcmeServer::check(Seen& request, const std::string& url, const std::string& body) {
  const Json jws = Json::parse(body);
  request.header = Json::parse(decode_text(jws.at("protected")));
  request.payload = decode_text(jws.at("payload"));
  const Json& header = request.header;
  if (nonces_.erase(header.at("nonce").get<std::string>()) != 1) return false;
  if (header.at("url") != url) complaints.push_back("url");
  if (header.contains("jwk") == header.contains("kid")) complaints.emplace_back("jwk and kid");
  Json jwk;
  if (header.contains("jwk")) {
    jwk = header["jwk"];
    if (request.path != "/account") complaints.push_back("jwk for " + request.path);
  } else {
    for (const auto& [key, path] : accounts)
      if (base + path == header["kid"]) jwk = Json::parse(key);
  }
  if (jwk.is_null()) return true;  // no such account: account() and others say so
  const std::string input = jws.at("protected").get<std::string>() + "." + jws.at("payload").get<std::string>();
  if (!verifies(jwk, input, decode(jws.at("signature")))) complaints.push_back("signature of " + request.path);
  return true;
}

acme::HttpReply AcmeServer::take(bool post, const std::string& url, const std::string& body,
                                 const std::string& accept) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (down) throw acme::TransportFailure({"ca-unreachable", "no connection", "", RetryClass::later, {}}, true);
  Seen request;
  request.post = post;
  request.path = url.starts_with(base) ? url.substr(base.size()) : url;
  request.accept = accept;
  acme::HttpReply reply;
  const bool fresh = !post || check(request, url, body);
  seen.push_back(request);
  std::optional<acme::HttpReply> own;
  if (interfere) own = interfere(request);
  if (own)
    reply = *own;
  else if (!fresh)
    reply = problem(400, "badNonce", "an old nonce");
  else
    reply = answer(request);
  if (reply.nonce.empty() && (post || request.path == "/nonce")) reply.nonce = fresh_nonce();
  if (spoil) spoil(reply, request);
  if (lose_certificate && request.path.starts_with("/finalize"))
    throw acme::TransportFailure({"reply-lost", "the connection broke", "", RetryClass::later, {}}, false);
  return reply;
}

acme::HttpReply AcmeServer::answer(const Seen& request) {
  const std::string& path = request.path;
  if (path == "/dir") {
    Json directory{{"newNonce", base + "/nonce"},
                   {"newAccount", base + "/account"},
                   {"newOrder", base + "/order"},
                   {"revokeCert", base + "/revoke"},
                   {"meta", meta}};
    if (!renewal_info.empty()) directory["renewalInfo"] = base + "/renewal";
    return json_reply(200, directory);
  }
  if (path == "/nonce") return json_reply(204, Json());
  if (path.starts_with("/renewal/")) {
    acme::HttpReply reply = json_reply(200, Json());
    reply.body.assign(renewal_info.begin(), renewal_info.end());
    reply.retry_after = retry_after;
    return reply;
  }
  if (path == "/account") return account(request);
  if (request.header.is_object() && request.header.contains("kid")) {
    const bool known = std::any_of(accounts.begin(), accounts.end(),
                                   [&](const auto& one) { return base + one.second == request.header["kid"]; });
    if (!known) return problem(400, "accountDoesNotExist");
  }
  if (path == "/order") return new_order(request);
  if (path == "/revoke") return json_reply(200, Json::object());
  const std::size_t number = number_in(path, 1);
  if (number >= orders.size()) return problem(404, "malformed", "no such order");
  if (path.starts_with("/orders/")) return order_reply(number);
  if (path.starts_with("/authz/")) return authorization(number, number_in(path, 2));
  if (path.starts_with("/challenge/")) {
    Order& order = orders[number];
    const std::size_t name = number_in(path, 2);
    if (on_challenge)
      on_challenge("token-" + std::to_string(number) + "_" + std::to_string(name), order.identifiers[name]);
    if (challenges_fail) order.status = "invalid";
    if (!looks_in_vain) order.proved.insert(name);
    if (!challenges_fail && order.proved.size() == order.identifiers.size()) order.status = "ready";
    return json_reply(200, Json{{"type", "http-01"}, {"url", base + path}, {"status", "processing"}, {"token", "t"}});
  }
  if (path.starts_with("/finalize/")) return finalize(number, request);
  if (path.starts_with("/cert/")) {
    acme::HttpReply reply = json_reply(200, Json());
    reply.content_type = "application/pem-certificate-chain";
    std::string text = orders[number].certificates;
    if (path.ends_with("/other"))
      text = crypto::Certificate::from_pem(text).to_pem() +
             make_issuing(other_root, issuing.key, now_).certificate.to_pem();
    reply.body.assign(text.begin(), text.end());
    if (with_alternate && !path.ends_with("/other"))
      reply.links = {"<" + base + "/dir>;rel=\"index\"", "<" + base + path + "/other>;rel=\"alternate\""};
    return reply;
  }
  return problem(404, "malformed", "nothing there");
}

acme::HttpReply AcmeServer::account(const Seen& request) {
  const Json wanted = Json::parse(request.payload);
  const Json jwk = request.header.value("jwk", Json());
  const std::string key = jwk.dump();
  const auto it = accounts.find(key);
  if (it == accounts.end()) {
    if (wanted.value("onlyReturnExisting", false)) return problem(400, "accountDoesNotExist");
    if (!binding_key.empty()) {
      const Json bound = wanted.value("externalAccountBinding", Json());
      if (bound.is_null()) return problem(403, "externalAccountRequired");
      const std::string input = bound.at("protected").get<std::string>() + "." + bound.at("payload").get<std::string>();
      Bytes mac(EVP_MAX_MD_SIZE);
      unsigned size = 0;
      HMAC(EVP_sha256(), binding_key.data(), static_cast<int>(binding_key.size()),
           reinterpret_cast<const unsigned char*>(input.data()), input.size(), mac.data(), &size);
      mac.resize(size);
      const Json inner = Json::parse(decode_text(bound.at("protected")));
      if (decode(bound.at("signature")) != mac || Json::parse(decode_text(bound.at("payload"))) != jwk ||
          inner.at("url") != base + "/account" || inner.at("alg") != "HS256" || inner.contains("nonce"))
        return problem(403, "unauthorized", "the binding is wrong");
    }
    if (meta.contains("termsOfService") && !wanted.value("termsOfServiceAgreed", false))
      return problem(403, "userActionRequired");
    accounts[key] = "/accounts/" + std::to_string(accounts.size() + 1);
  }
  acme::HttpReply reply = json_reply(it == accounts.end() ? 201 : 200, Json{{"status", "valid"}});
  reply.location = base + accounts[key];
  return reply;
}

acme::HttpReply AcmeServer::new_order(const Seen& request) {
  Order order;
  order.text = Json::parse(request.payload);
  order.identifiers = order.text.at("identifiers");
  orders.push_back(order);
  acme::HttpReply reply = order_reply(orders.size() - 1, 201);
  reply.location = base + "/orders/" + std::to_string(orders.size() - 1);
  return reply;
}

acme::HttpReply AcmeServer::order_reply(std::size_t number, int status) const {
  const Order& order = orders[number];
  const std::string id = std::to_string(number);
  Json json{{"status", order.status},
            {"identifiers", order.identifiers},
            {"authorizations", Json::array()},
            {"finalize", base + "/finalize/" + id}};
  for (std::size_t i = 0; i < order.identifiers.size(); ++i)
    json["authorizations"].push_back(base + "/authz/" + id + "/" + std::to_string(i));
  if (order.status == "valid") json["certificate"] = base + "/cert/" + id;
  if (!order.error.is_null()) json["error"] = order.error;
  acme::HttpReply reply = json_reply(status, json);
  reply.retry_after = retry_after;
  return reply;
}

acme::HttpReply AcmeServer::authorization(std::size_t number, std::size_t name) const {
  const Order& order = orders[number];
  Json identifier = order.identifiers[name];
  std::string value = identifier.at("value");
  const bool wildcard = value.starts_with("*.");
  if (wildcard) identifier["value"] = value.substr(2);
  const bool proved = order.proved.count(name) == 1;
  const std::string place = std::to_string(number) + "/" + std::to_string(name);
  const std::string status = !proved ? "pending" : challenges_fail ? "invalid" : "valid";
  Json challenges = Json::array();
  for (const char* type : {"made-up-01", "http-01", "dns-01", "tls-alpn-01"}) {
    Json challenge{{"type", type},
                   {"url", base + "/challenge/" + place},
                   {"status", status},
                   {"token", "token-" + std::to_string(number) + "_" + std::to_string(name)}};
    if ((status == "invalid" || looks_in_vain) && std::string(type) == "http-01")
      challenge["error"] = Json{{"type", "urn:ietf:params:acme:error:connection"}, {"detail", "refused\x1b[31m"}};
    challenges.push_back(challenge);
  }
  return json_reply(
      200, Json{{"identifier", identifier}, {"status", status}, {"wildcard", wildcard}, {"challenges", challenges}});
}

acme::HttpReply AcmeServer::finalize(std::size_t number, const Seen& request) {
  Order& order = orders[number];
  if (order.status != "ready") return problem(403, "orderNotReady");
  const auto csr = crypto::Csr::from_der(decode(Json::parse(request.payload).at("csr")));
  std::multiset<std::string> asked;
  std::multiset<std::string> ordered;
  for (const AltName& name : csr.alt_names()) asked.insert(name.value);
  for (const Json& one : order.identifiers) ordered.insert(one.at("value").get<std::string>());
  if (!csr.verify() || asked != ordered) return problem(400, "badCSR", "other names");
  crypto::IssueSpec spec;
  spec.not_before = now_ - std::chrono::minutes(1);
  spec.not_after = now_ + std::chrono::hours(24 * 90);
  if (shape) shape(spec);
  order.certificates = crypto::issue_certificate(issuing, csr, spec).to_pem() + issuing.certificate.to_pem();
  order.status = waits ? "processing" : "valid";
  if (!waits) ++issued;
  return order_reply(number);
}

void AcmeServer::decide(bool approve) {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (Order& order : orders) {
    if (order.status != "processing") continue;
    order.status = approve ? "valid" : "invalid";
    if (approve)
      ++issued;
    else
      order.error = Json{{"type", "urn:ietf:params:acme:error:rejectedIdentifier"}, {"detail", "not known here"}};
  }
}

std::vector<std::string> AcmeServer::posts() const {
  std::vector<std::string> paths;
  for (const Seen& one : seen)
    if (one.post) paths.push_back(one.path);
  return paths;
}

std::size_t AcmeServer::count(const std::string& path) const {
  const auto all = posts();
  return static_cast<std::size_t>(std::count(all.begin(), all.end(), path));
}

}  // namespace acme_test
