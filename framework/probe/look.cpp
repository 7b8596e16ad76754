#include <certctl/result.hpp>

#include "framework/probe/comparison.hpp"
#include "framework/probe/handshake.hpp"
#include "framework/probe/listener.hpp"

namespace certctl::probe {
namespace {

// "127.0.0.1:443 (www)": the address that was asked, and what the listener is told beside it.
std::string name_at(const Listener& listener, const Address& address) {
  const std::string text = text_of(listener);
  const std::size_t more = text.find(" (");
  const std::string host = text.substr(0, more);
  const std::string at = host == address.text ? host : host + " at " + address.text;
  return at + (more == std::string::npos ? "" : text.substr(more));
}

// Nothing: it presents what is expected.
std::optional<Served> look_at(const Listener& listener, const Address& address, const Expected& expected,
                              Deadline deadline) {
  const std::string where = name_at(listener, address);
  std::vector<crypto::Certificate> presented;
  try {
    presented = presented_at(address, listener, expected.certificate.key_type(), deadline);
  } catch (const Failure& failure) {
    if (failure.error().code != "unreachable") throw;
    const std::string& hint = failure.error().hint;
    throw Failure("unreachable", where + " " + failure.error().message,
                  hint.empty() ? "is the service running, and does it listen there? its own log says more" : hint);
  }
  if (presented.front() == expected.certificate) {
    require_chain(where, presented, expected);
    return std::nullopt;
  }
  Served other;
  other.known = true;
  other.fingerprint = presented.front().fingerprint();
  for (std::size_t i = 1; i < presented.size(); ++i) other.chain_fingerprints.push_back(presented[i].fingerprint());
  other.detail = where + " serves " + difference(presented.front(), expected);
  return other;
}

}  // namespace

Served look(const std::vector<Listener>& listeners, const Credential& expected, std::chrono::milliseconds limit) {
  if (listeners.empty()) throw Failure::never("bad-option", "no listener to ask");
  const Expected wanted(expected);
  std::string asked;
  for (const Listener& listener : listeners) {
    const Deadline deadline = std::chrono::steady_clock::now() + limit;
    for (const Address& address : addresses_of(listener.host, listener.port, deadline)) {
      if (auto other = look_at(listener, address, wanted, deadline)) return *other;
    }
    asked += (asked.empty() ? "" : ", ") + text_of(listener);
  }
  Served served;
  served.known = true;
  served.fingerprint = wanted.certificate.fingerprint();
  for (const auto& certificate : wanted.chain) served.chain_fingerprints.push_back(certificate.fingerprint());
  served.detail = asked + (listeners.size() == 1 ? " serves " : " serve ") + describe(wanted.certificate);
  return served;
}

}  // namespace certctl::probe
