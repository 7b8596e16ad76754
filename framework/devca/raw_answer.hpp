// Answers that are written to the socket byte by byte, because no HTTP library would send them: wrong lengths and
// chunks, headers without end, phrases of one's own in the status line.
#pragma once

#include "framework/devca/answer.hpp"

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <span>
#include <string_view>

namespace certctl::devca {

// Names of faults for any operation, values of Answer::framing.
std::span<const std::string_view> framing_faults();

// Sends `answer` in the way that its `framing` says; empty: properly. Ends when it is sent, when the other side has
// gone, or when `wait` (sleeps; false: the server stops) says so. The caller closes the connection.
// `write`: as ::send(), to the socket or into its TLS; -1 with errno EAGAIN: not now.
struct RawConnection {
  int socket = -1;
  std::function<ssize_t(const char* bytes, std::size_t size)> write;
};
void write_raw(const RawConnection& connection, const Answer& answer,
               const std::function<bool(std::chrono::milliseconds)>& wait);

}  // namespace certctl::devca
