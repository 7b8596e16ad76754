// Messages of one account to one server: directory, nonces, signatures (RFC 8555 §6).
#pragma once

#include "enrollers/acme/problems.hpp"
#include "enrollers/acme/settings.hpp"
#include "enrollers/acme/transport.hpp"
#include "framework/crypto/key.hpp"

#include <optional>
#include <string>

namespace certctl::acme {

class Client {
 public:
  // All are borrowed for the life of this object.
  Client(const Settings& settings, Transport& transport, const crypto::Key& account_key);

  // Read once. Fails with TransportFailure, Refused, "not-acme".
  const Directory& directory();

  // Signed POST with the account's address, or with the key itself when there is none; POST-as-GET when the payload is
  // empty. A reply of 2xx, or throws TransportFailure, Refused, "url-elsewhere" (later), "no-nonce" (later). `what` is
  // for people. A nonce that the server does not take is replaced, five times.
  HttpReply post(const std::string& url, const std::string& payload, const std::string& what,
                 const std::string& accept = {});
  HttpReply read(const std::string& url, const std::string& what) { return post(url, {}, what); }
  // RFC 9773 §4: without an account.
  HttpReply get(const std::string& url, const std::string& what);

  // Fails with "url-elsewhere" (later) for an address outside of the directory's host and port: none is kept either.
  void check_origin(const std::string& url) const;

  void set_account(std::string url) { account_url_ = std::move(url); }
  [[nodiscard]] const std::string& account() const noexcept { return account_url_; }
  [[nodiscard]] const crypto::Key& key() const noexcept { return key_; }

 private:
  std::string take_nonce();

  const Settings& settings_;
  Transport& transport_;
  const crypto::Key& key_;
  std::optional<Directory> directory_;
  std::string account_url_;
  std::string nonce_;
};

}  // namespace certctl::acme
