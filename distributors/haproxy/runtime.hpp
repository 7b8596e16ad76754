// The certificates of a running HAProxy, seen and exchanged without a reload.
#pragma once

#include <certctl/types.hpp>

#include <optional>
#include <string>

#include "distributors/haproxy/answers.hpp"
#include "distributors/haproxy/runtime_socket.hpp"

namespace certctl::haproxy {

// Failure bad-option (never): a name that cannot be said on the socket.
void require_sayable(const std::string& name);

class Runtime {
 public:
  explicit Runtime(RuntimeSocket socket) : socket_(std::move(socket)) {}

  // Failures of all members: those of the socket and of answers.hpp.
  [[nodiscard]] std::optional<LoadedCertificate> show(const std::string& name) const;

  // The process presents this pair and chain from now on, or what it had: HAProxy checks it whole, then switches at
  // once. `pem`: key, certificate and chain. Precondition: show(name) has it. Failures (later): runtime-refused, with
  // HAProxy's words; transaction-open: somebody else is about to change another certificate (HAProxy has one
  // transaction for all). In each case nothing of ours is left there.
  //
  // What an interrupted run left open for this certificate is dropped.
  void replace(const std::string& name, const Secret& pem) const;

 private:
  void abort(const std::string& name) const;

  RuntimeSocket socket_;
};

}  // namespace certctl::haproxy
