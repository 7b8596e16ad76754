// What a refusal of the server means for people and for the engine.
#pragma once

#include "enrollers/acme/protocol/messages.hpp"
#include "enrollers/acme/transport.hpp"

#include <certctl/result.hpp>

#include <optional>
#include <string>

namespace certctl::acme {

// A reply of the server's that is no success. `kind`: the problem's type, "badNonce"; empty when it sent none.
class Refused : public Failure {
 public:
  Refused(Error error, std::string kind, int status)
      : Failure(std::move(error)), kind_(std::move(kind)), status_(status) {}
  [[nodiscard]] const std::string& kind() const noexcept { return kind_; }
  [[nodiscard]] int status() const noexcept { return status_; }

 private:
  std::string kind_;
  int status_;
};

// `what` was asked: "the order".
[[nodiscard]] Refused refusal_of(const HttpReply& reply, const std::string& what);
// A problem inside of an order, an authorization or a challenge: `what` failed.
[[nodiscard]] Error error_of(const Problem& problem, const std::string& what);

// A reply of 2xx with something else in it than ACME.
[[nodiscard]] Failure unreadable(const HttpReply& reply, const std::string& what, const std::string& why);

}  // namespace certctl::acme
