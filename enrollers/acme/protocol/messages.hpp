// What an ACME server says (RFC 8555 §7.1, RFC 9773 §4): JSON into values. Texts are as they came: clean them before
// they are shown. What is too long or of another type is "malformed-message" (later); unknown members are no matter.
#pragma once

#include "framework/crypto/ber.hpp"

#include <certctl/types.hpp>

#include <optional>
#include <string>
#include <vector>

namespace certctl::acme {

struct Identifier {
  std::string type;   // "dns", "ip"
  std::string value;  // in lower case, an address in its shortest form; a wildcard with its "*."
  friend bool operator==(const Identifier&, const Identifier&) = default;
  // NOLINTNEXTLINE(modernize-use-nullptr): clang 14 means the 0 in the comparison that the compiler writes
  friend auto operator<=>(const Identifier&, const Identifier&) = default;
};

struct Directory {
  std::string new_nonce;
  std::string new_account;
  std::string new_order;
  std::string revoke_certificate;  // may be empty, as those that follow
  std::string renewal_info;
  std::string terms_of_service;
  bool binding_required = false;      // externalAccountRequired
  std::vector<std::string> profiles;  // names
};

// RFC 7807, RFC 8555 §6.7
struct Problem {
  std::string type;  // without the prefix of ACME's own: "badNonce"
  std::string detail;
  std::string instance;            // userActionRequired: where to go
  std::vector<std::string> parts;  // subproblems: "name: type: detail"
};

enum class Status : int { pending, ready, processing, valid, invalid, deactivated, expired, revoked };

struct Account {
  Status status = Status::valid;
};

struct Order {
  Status status = Status::pending;
  std::vector<Identifier> identifiers;
  std::vector<std::string> authorizations;
  std::string finalize;
  std::string certificate;  // empty unless valid
  std::optional<Problem> error;
};

struct Challenge {
  std::string type;
  std::string url;
  std::string token;  // base64url; empty for types that have none
  Status status = Status::pending;
  std::optional<Problem> error;
};

struct Authorization {
  Identifier identifier;
  bool wildcard = false;
  Status status = Status::pending;
  std::vector<Challenge> challenges;
};

struct RenewalInfo {
  TimePoint start;
  TimePoint end;
  std::string explanation_url;
};

[[nodiscard]] Directory parse_directory(crypto::BytesView body);
[[nodiscard]] Account parse_account(crypto::BytesView body);
[[nodiscard]] Order parse_order(crypto::BytesView body);
[[nodiscard]] Authorization parse_authorization(crypto::BytesView body);
[[nodiscard]] RenewalInfo parse_renewal_info(crypto::BytesView body);
// Nothing when it is no problem document.
[[nodiscard]] std::optional<Problem> parse_problem(crypto::BytesView body);

// RFC 3339 in UTC or with an offset, with fractions, which are left out; nothing when it is none, or out of the years
// 1970 to 2200.
[[nodiscard]] std::optional<TimePoint> parse_time(std::string_view text);

// "https://host:port" in lower case, the usual port left out; nothing for what is no http or https address, or
// has a user, a control character or a blank in it.
[[nodiscard]] std::optional<std::string> origin_of(std::string_view url);

// The addresses of a Link header's value with rel="alternate" (RFC 8288).
[[nodiscard]] std::vector<std::string> alternate_links(std::string_view link_header);

}  // namespace certctl::acme
