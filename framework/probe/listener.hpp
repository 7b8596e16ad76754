// Asks services which certificate they present, as their clients would: a TLS handshake with each address of each
// listener. Nothing is trusted and nothing is sent beyond the handshake (and, for mail, the words that lead to it).
//
// Threads: all functions may be called from several threads at once.
#pragma once

#include <certctl/distributor.hpp>
#include <certctl/types.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace certctl::probe {

// What is said before the handshake.
enum class Greeting : int {
  none,
  smtp,  // EHLO, STARTTLS (RFC 3207)
};

struct Listener {
  std::string host;  // name, IPv4 or IPv6 address: every address that it has is asked
  std::uint16_t port = 443;
  std::string server_name;        // SNI; empty: none is sent
  std::vector<std::string> alpn;  // offered; empty: none
  Greeting greeting = Greeting::none;
};

// For people: "127.0.0.1:443 (www.example, h2)".
[[nodiscard]] std::string text_of(const Listener& listener);
// "host:port", "[v6]:port". Failure bad-option (never).
[[nodiscard]] Listener listener_from(const std::string& text);

// One look at each listener, each at most `limit` long; nothing is retried: who calls waits and looks again. It ends
// with the first listener that does not present `expected`.
//
// All must present the same certificate, and behind it the chain that `expected` has, in its order (the anchor may
// follow). Where several certificates may be had, the one with the type of the expected key is asked for. Another
// certificate is no exception: Served has its fingerprint, and a detail that says which listener, which serial, since
// when valid, and whether the key is the same. Served::known is always true.
// Failures, all RetryClass::later: unreachable (nothing answers in time, or the handshake fails), chain-not-served (the
// certificate comes without its chain, or with another); never: bad-option (no listener; a name that cannot be sent),
// certificate-unreadable (`expected`).
[[nodiscard]] Served look(const std::vector<Listener>& listeners, const Credential& expected,
                          std::chrono::milliseconds limit);

}  // namespace certctl::probe
