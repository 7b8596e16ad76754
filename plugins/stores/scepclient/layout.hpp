// Names in the store's directory.
//
//   <SERIAL>.key <SERIAL>.crt        the pairs, never written again
//   .generations/7/key, crt          links to ../../<SERIAL>.key, .crt
//   .generations/7/chain.pem, ca.pem, ca.crt-0, ca.crt-1 …, checksums
//   .active -> .generations/7        the one switch
//   latest.key -> .active/key        latest.crt -> .active/crt        ca.crt-0 -> .active/ca.crt-0 …
//   .certctl-owner                   the profile's name
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace certctl::scepclient {

inline constexpr const char* kGenerations = ".generations";
inline constexpr const char* kActive = ".active";
inline constexpr const char* kOwner = ".certctl-owner";
inline constexpr const char* kLatestKey = "latest.key";
inline constexpr const char* kLatestCertificate = "latest.crt";
inline constexpr const char* kActiveKey = ".active/key";
inline constexpr const char* kActiveCertificate = ".active/crt";
inline constexpr const char* kMirror = "ca.crt-";  // and a number from 0

// Inside .generations:
inline constexpr const char* kUnfinished = ".new";    // a generation that put() is filling
inline constexpr const char* kRemoved = ".removed-";  // and a number: a generation that prune() is taking apart
inline constexpr const char* kLast = ".last";         // link whose target is the highest number ever used and pruned

// Inside a generation:
inline constexpr const char* kKey = "key";
inline constexpr const char* kCertificate = "crt";
inline constexpr const char* kChain = "chain.pem";
inline constexpr const char* kCaSet = "ca.pem";
inline constexpr const char* kChecksums =
    "checksums";  // of these two, as sha256sum writes them; older stores have none

// A generation's number from its name, or from a number behind `prefix`: decimal, 1 .. 999999999, no leading zero.
std::optional<int> parse_number(std::string_view text);

std::string active_target(int generation);  // ".generations/7"
std::optional<int> parse_active_target(std::string_view target);

std::string file_target(const std::string& name);  // "../../NAME"
// The plain name, if the link leads to one in the store's own directory: no slash, no leading dot.
std::optional<std::string> parse_file_target(std::string_view target);

// The name of a pair without its ending, for try 0, 1, 2 …: SERIAL; SERIAL~xxxxxxxx; SERIAL~xxxxxxxx-2 …
// An unusable serial (negative, absurdly long) gives the fingerprint. `fingerprint` is "sha256:" and 64 digits.
std::string pair_name(const std::string& serial, const std::string& fingerprint, int attempt);

// [a-z0-9][a-z0-9._-]{0,62}
bool is_profile_name(std::string_view text);

}  // namespace certctl::scepclient
