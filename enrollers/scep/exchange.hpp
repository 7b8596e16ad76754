// One message and its answer.
#pragma once

#include "enrollers/scep/protocol/reply.hpp"
#include "enrollers/scep/protocol/request.hpp"
#include "enrollers/scep/settings.hpp"
#include "enrollers/scep/transaction.hpp"
#include "enrollers/scep/transport.hpp"

#include <certctl/host.hpp>

#include <functional>
#include <optional>

namespace certctl::scep {

// What came back. Without `reply` the body was no pkiMessage, and `http` says what it was.
struct Answer {
  std::optional<Reply> reply;  // verified
  HttpReply http;
};

class Exchange {
 public:
  Exchange(const Settings& settings, Transport& transport, Host& host)
      : settings_(settings), transport_(transport), host_(host) {}

  // Called when a reply is signed by somebody who is not in the transaction's CA set: fetches the set anew and returns
  // those that the pin vouches for. Without it such a reply is refused.
  void on_unknown_signer(std::function<std::vector<crypto::Certificate>()> refresh) { refresh_ = std::move(refresh); }

  // Messages that may still be sent in this run.
  [[nodiscard]] int left() const noexcept { return left_; }

  // Sends `content` within the transaction, with a fresh nonce and the time of now. A body that is a pkiMessage is
  // verified whatever the HTTP status says. Throws TransportFailure, "too-many-messages", or what read_reply() throws.
  Answer send(MessageType type, const Bytes& content, const Transaction& transaction, evp_pkey_st* signer_key,
              const Secret& challenge);

 private:
  HttpReply deliver(const Bytes& message, bool post);

  const Settings& settings_;
  Transport& transport_;
  Host& host_;
  std::function<std::vector<crypto::Certificate>()> refresh_;
  int left_ = 4;  // a run sends at most four messages
};

}  // namespace certctl::scep
