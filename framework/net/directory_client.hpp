// LDAP for enrollers: one look into a directory, bounded like an HTTP exchange (http_client.hpp). Anonymous; the answer
// is data to verify, as all that comes over the network. Threads: several calls may run side by side.
#pragma once

#include <certctl/types.hpp>

#include <string>

#include "framework/net/http_client.hpp"

namespace certctl::net {

// What the search of an ldap URL (RFC 4516) yields, in libcurl's text: "DN: NAME", then a line "<tab>ATTRIBUTE: VALUE"
// or
// "<tab>ATTRIBUTE:: BASE64" for each value, and an empty line after each entry. Of the settings counts: timeout,
// connect_timeout, max_reply. Throws HttpFailure: bad-url (another scheme, or no host), ca-unreachable, deadline,
// reply-too-large, reply-lost (what the server answers instead, such as "no such object").
[[nodiscard]] Bytes look_up_directory(const std::string& url, const HttpSettings& settings);

}  // namespace certctl::net
