// The account at the server: found again by its key, or registered (RFC 8555 §7.3).
#pragma once

#include "enrollers/acme/client.hpp"
#include "enrollers/acme/settings.hpp"

#include <certctl/enroller.hpp>

#include <string>

namespace certctl::acme {

// Gives `client` the account's address. Registers one where the key has none; `known` is its address from an earlier
// run, or empty. Fails with "terms-not-agreed", "account-deactivated", "binding-unusable" (all never), and as
// Client::post().
void enter_account(const Settings& settings, Client& client, const std::string& known, Host& host);

// What an account's address belongs to: the key and the directory.
[[nodiscard]] std::string account_mark(const Settings& settings, const crypto::Key& key);

}  // namespace certctl::acme
