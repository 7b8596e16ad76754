#include "framework/probe/handshake.hpp"

#include <certctl/result.hpp>

#include "framework/crypto/tls_client.hpp"
#include "framework/probe/connection.hpp"
#include "framework/probe/smtp_greeting.hpp"

namespace certctl::probe {
namespace {

struct Outcome {
  std::vector<crypto::Certificate> certificates;
  std::string problem;         // why there are none
  bool offer_refused = false;  // there may be some of another kind
};

std::span<const std::uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

void speak_smtp(Connection& connection) {
  SmtpGreeting greeting(connection.own_address_literal());
  while (!greeting.done()) {
    const Bytes bytes = connection.receive();
    if (bytes.empty()) throw Failure("unreachable", "closes the connection before STARTTLS");
    connection.send(bytes_of(greeting.receive({reinterpret_cast<const char*>(bytes.data()), bytes.size()})));
  }
}

Outcome shake_hands(const Address& address, const Listener& listener, std::optional<crypto::PublicKeyType> key_type,
                    Deadline deadline) {
  Connection connection(address, deadline);
  if (listener.greeting == Greeting::smtp) speak_smtp(connection);
  crypto::TlsClient client({listener.server_name, listener.alpn, key_type});
  while (client.state() == crypto::TlsState::going_on) {
    connection.send(client.output());
    const Bytes bytes = connection.receive();
    if (bytes.empty()) {
      client.peer_closed();
    } else {
      client.receive(bytes);
    }
  }
  connection.send_at_leisure(client.output());
  if (client.state() != crypto::TlsState::presented) return {{}, client.problem(), client.offer_refused()};
  connection.send_at_leisure(client.farewell(listener.greeting == Greeting::smtp ? "QUIT\r\n" : ""));
  return {client.certificates(), {}, false};
}

}  // namespace

std::vector<crypto::Certificate> presented_at(const Address& address, const Listener& listener,
                                              crypto::PublicKeyType key_type, Deadline deadline) {
  const bool choosy = key_type != crypto::PublicKeyType::other;
  Outcome outcome = shake_hands(address, listener, choosy ? std::optional(key_type) : std::nullopt, deadline);
  // Then it presents something else, and which is what has to be said.
  if (choosy && outcome.offer_refused) {
    Outcome any = shake_hands(address, listener, std::nullopt, deadline);
    if (!any.certificates.empty()) return any.certificates;
  }
  if (outcome.certificates.empty()) throw Failure("unreachable", outcome.problem);
  return outcome.certificates;
}

}  // namespace certctl::probe
