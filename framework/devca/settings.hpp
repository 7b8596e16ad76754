// What the command line of certctl-devca says.
#pragma once

#include "enrollers/est/protocol/csr_attributes.hpp"
#include "framework/devca/est_login.hpp"

#include <certctl/types.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace certctl::devca {

enum class RaMode : int { none, one, pair };
enum class Likeness : int { rfc, openxpki };
enum class Approval : int { automatic, manual, first };

// What shapes the CA; counts only while its state directory is new.
struct CaShape {
  KeySpec ca_key;
  bool chain = false;
  KeySpec root_key;
  RaMode ra = RaMode::none;
  KeySpec ra_key;
  bool ra_by_root = false;  // the root issues the RA certificates, not the issuing CA
  bool next_ca = false;
  std::string subject = "/O=certctl development CA/CN=Issuing CA";
  std::chrono::seconds validity{3650 * 24 * 3600};
};

// What is wrong with the TLS certificate of the EST server, as ordered.
enum class EstTls : int { good, stranger, wrong_name, expired };

// EST beside SCEP, over TLS.
struct EstSettings {
  bool on = false;
  std::uint16_t port = 0;
  std::string label;
  LoginMode login = LoginMode::both;
  EstTls tls = EstTls::good;
  std::string client_ca_file;     // CAs whose certificates authenticate first requests
  int retry_after = 1;            // seconds, in a 202; 0: none
  bool no_reenroll = false;       // as servers that have simpleenroll only
  est::CsrAttributes attributes;  // what /csrattrs says; nothing in it: 204
};

struct ServeSettings {
  std::string state;  // directory
  CaShape shape;
  Likeness like = Likeness::rfc;
  std::chrono::seconds renewal_window{60 * 24 * 3600};  // before the end; only like OpenXPKI
  bool early_renewal_replaces = true;                   // before the window: the old end date, else a refusal
  std::string listen = "127.0.0.1";
  std::uint16_t port = 0;
  Approval approval = Approval::automatic;
  std::vector<std::string> challenges;
  std::string challenge_file;
  std::string one_time_file;
  bool renewal_challenge_required = false;
  bool renewal_revokes = false;
  bool capabilities_given = false;
  std::vector<std::string> capabilities;
  std::chrono::seconds validity{365 * 24 * 3600};
  std::string serial_start;  // hex
  std::string fixed_serial;  // hex
  std::vector<std::string> extra_dns;
  std::vector<std::string> crl_addresses;  // "self": this server's own
  bool send_ca = false;
  bool ca_reply_single = false;
  bool legacy = false;
  std::chrono::seconds deadline{30};
  std::vector<std::string> faults;
  EstSettings est;
  [[nodiscard]] bool wants_challenge() const noexcept {
    return !challenges.empty() || !challenge_file.empty() || !one_time_file.empty();
  }
};

// "3600s", "90m", "12h", "30d", "2w", "1y". Fails with "usage".
std::chrono::seconds parse_duration(std::string_view text);
// "rsa:2048", "ec:P-256". Fails with "usage".
KeySpec parse_key_spec(std::string_view text);
// What requests should hold: "ec", "ec:P-384", "rsa", "rsa:3072", "sha384", "challenge-password", a dotted OID, or
// OID=HEX for an extension with this value. Fails with "usage".
void add_wish(est::CsrAttributes& attributes, const std::string& word);
// Content octets of a positive INTEGER from hex digits. Fails with "usage".
Bytes parse_serial(std::string_view hex);

}  // namespace certctl::devca
