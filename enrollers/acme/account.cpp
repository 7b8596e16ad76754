#include "enrollers/acme/account.hpp"

#include "enrollers/acme/protocol/base64url.hpp"
#include "enrollers/acme/protocol/jws.hpp"
#include "framework/crypto/digest.hpp"
#include "framework/sys/printable.hpp"

#include <nlohmann/json.hpp>

#include <optional>

namespace certctl::acme {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kShownAccount = 300;
constexpr std::size_t kMarkDigits = 32;

// The reply to newAccount: its address, if it may be used.
std::string account_from(const HttpReply& reply) {
  if (!origin_of(reply.location)) throw unreadable(reply, "the account", "no address of the account");
  Account account;
  try {
    account = parse_account(reply.body);
  } catch (const Failure&) {
    return reply.location;  // RFC 8555 §7.3 wants a body; the address is what counts
  }
  if (account.status != Status::valid)
    throw Failure::never(
        "account-deactivated",
        "the account is deactivated or revoked: " + sys::printable_start(reply.location, kShownAccount),
        "ask the operator of the CA; another file as `account_key` makes another account");
  return reply.location;
}

// ACME-006
std::string binding(const Settings& settings, Client& client, Host& host) {
  const Secret text = host.read_secret(settings.binding_key).value();
  auto key = from_pasted_base64(text.reveal());
  if (!key)
    throw Failure::never("binding-unusable", "`eab_key` is no base64",
                         "copy the HMAC key as the CA shows it, and nothing else");
  std::string value = external_binding(client.key(), client.directory().new_account, settings.binding_id, *key);
  wipe(key->data(), key->size());
  return value;
}

std::string register_account(const Settings& settings, Client& client, Host& host) {
  const Directory& directory = client.directory();
  if (!directory.terms_of_service.empty() && !settings.agree_terms)
    throw Failure::never(
        "terms-not-agreed",
        "the server has terms of service: " + sys::printable_start(directory.terms_of_service, kShownAccount),
        "read them, and set `agree_terms: true`");
  Json request = Json::object();
  if (settings.agree_terms) request["termsOfServiceAgreed"] = true;
  if (!settings.contact.empty()) request["contact"] = settings.contact;
  if (!settings.binding_id.empty())
    request["externalAccountBinding"] = Json::parse(binding(settings, client, host));
  else if (directory.binding_required)
    throw Failure::never("binding-missing", "this CA wants accounts bound to one of its own",
                         "set `eab_kid` and `eab_key` to what the CA hands out");
  const HttpReply reply =
      client.post(directory.new_account, request.dump(-1, ' ', true, Json::error_handler_t::replace), "the account");
  host.log(LogLevel::info, reply.status == 201 ? "an account is registered: " + reply.location
                                               : "the account is there: " + reply.location);
  return account_from(reply);
}

}  // namespace

// ACME-005, ACME-007
void enter_account(const Settings& settings, Client& client, const std::string& known, Host& host) {
  client.set_account({});
  if (!known.empty()) return client.set_account(known);
  std::optional<std::string> found;
  try {
    found = account_from(client.post(client.directory().new_account, R"({"onlyReturnExisting":true})", "the account"));
  } catch (const Refused& refused) {
    // RFC 8555 §7.3.1. Some servers look at the binding first.
    if (refused.kind() != "accountDoesNotExist" && refused.kind() != "externalAccountRequired") throw;
  }
  if (!found) found = register_account(settings, client, host);
  client.check_origin(*found);
  client.set_account(*found);
}

std::string account_mark(const Settings& settings, const crypto::Key& key) {
  return crypto::sha256_hex(thumbprint(key) + " " + settings.directory).substr(0, kMarkDigits);
}

}  // namespace certctl::acme
