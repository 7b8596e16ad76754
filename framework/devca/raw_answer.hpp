// Answers that are written to the socket byte by byte, because no HTTP library would send them: wrong lengths and
// chunks, headers without end, phrases of one's own in the status line.
#pragma once

#include "framework/devca/answer.hpp"

#include <chrono>
#include <functional>
#include <span>
#include <string_view>

namespace certctl::devca {

// Names of faults for any operation, values of Answer::framing.
std::span<const std::string_view> framing_faults();

// Sends `answer` in the way that its `framing` says; empty: properly. Ends when it is sent, when the other side has
// gone, or when `wait` (sleeps; false: the server stops) says so. The caller closes the connection.
void write_raw(int socket, const Answer& answer, const std::function<bool(std::chrono::milliseconds)>& wait);

}  // namespace certctl::devca
