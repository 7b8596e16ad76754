// The account's key in its file: made once, on disk before the server hears of it, shared by profiles.
#pragma once

#include "enrollers/acme/settings.hpp"
#include "framework/crypto/key.hpp"

namespace certctl::acme {

// The key of `account_key`; makes it (0600, durable) when there is none. Two processes get the same. Fails with
// "account-key-unreadable" (never): never overwritten, for the account would be lost.
[[nodiscard]] crypto::Key load_or_make_account_key(const Settings& settings);

}  // namespace certctl::acme
