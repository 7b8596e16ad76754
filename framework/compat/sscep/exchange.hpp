// One pkiMessage and the CA's answer to it, with the lines that scripts look for.
#pragma once

#include "enrollers/scep/protocol/reply.hpp"
#include "enrollers/scep/protocol/request.hpp"
#include "framework/compat/sscep/ca_set.hpp"
#include "framework/compat/sscep/console.hpp"
#include "framework/compat/sscep/options.hpp"
#include "framework/compat/sscep/server.hpp"

#include <optional>
#include <string>

namespace certctl::sscep {

// Who asks: certificate and key that sign requests and open replies.
struct Identity {
  crypto::Certificate certificate;
  crypto::Key key;
  Secret password;  // the CSR's challenge, for keys that cannot decrypt
};

class Exchange {
 public:
  Exchange(const Options& options, const Console& console, Server& server, const CaSet& set,
           const scep::Capabilities& capabilities);

  // Sends and reads the answer. A FAILURE is shown and given back; so is PENDING. Throws Stop: network, message.
  scep::Reply send(scep::MessageType type, const std::string& transaction_id, const Bytes& content,
                   const Identity& identity);
  // Same; nothing when the server refuses this very kind of message with HTTP 400 or 501 and no pkiMessage.
  std::optional<scep::Reply> try_send(scep::MessageType type, const std::string& transaction_id, const Bytes& content,
                                      const Identity& identity);
  // What a SUCCESS brought. Throws Stop (message).
  crypto::CertificateBag open(scep::Reply& reply, const Identity& identity) const;

  [[nodiscard]] crypto::Digest digest() const noexcept { return algorithms_.digest; }

 private:
  [[nodiscard]] Bytes begin(scep::MessageType type, const std::string& transaction_id) const;
  Bytes build(scep::MessageType type, const std::string& transaction_id, const Bytes& nonce, const Bytes& content,
              const Identity& identity) const;
  net::HttpReply deliver(const Bytes& message, const Identity& identity);
  scep::Reply judge(const net::HttpReply& http, const std::string& transaction_id, const Bytes& nonce,
                    const Identity& identity) const;
  [[nodiscard]] scep::Reply read(const Bytes& body, const std::string& transaction_id, const Bytes& nonce) const;
  void show(const scep::Reply& reply, const std::string& transaction_id) const;

  const Options& options_;
  const Console& console_;
  Server& server_;
  const CaSet& set_;
  Compat compat_;
  scep::Legacy legacy_;
  scep::Algorithms algorithms_;
  bool post_;
};

// The exit code of a FAILURE: 70 and what follows; 97 without a defined failInfo.
[[noreturn]] void stop_failure(const scep::Reply& reply);

// The algorithms of the options, or of the server's announcement. Throws Stop (error, message).
scep::Algorithms algorithms_for(const Options& options, const scep::Capabilities& capabilities);

}  // namespace certctl::sscep
