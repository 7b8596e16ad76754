// A TCP connection with a deadline over all that is done with it. Internal to probe.
#pragma once

#include <certctl/types.hpp>

#include <cstdint>
#include <span>
#include <string>

#include "framework/probe/address.hpp"
#include "framework/sys/file_descriptor.hpp"

namespace certctl::probe {

class Connection {
 public:
  // Failure unreachable (later), as all members: "refuses the connection", "does not answer in time".
  Connection(const Address& address, Deadline deadline);

  // All of it.
  void send(std::span<const std::uint8_t> bytes);
  // Some bytes, at least one; empty: the peer sends no more.
  [[nodiscard]] Bytes receive();
  // As much as goes without waiting; failures don't matter.
  void send_at_leisure(std::span<const std::uint8_t> bytes) noexcept;
  // Our end, as SMTP writes it: "[127.0.0.1]", "[IPv6:::1]".
  [[nodiscard]] std::string own_address_literal() const;

 private:
  void wait(short events);

  sys::FileDescriptor socket_;
  Deadline deadline_;
};

}  // namespace certctl::probe
