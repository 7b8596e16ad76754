// What people are shown of a command that failed: never a private key, never a password of its command line.
#pragma once

#include <certctl/host.hpp>
#include <certctl/options.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace certctl::sys {

// Whether the text holds, or may hold, a private key or a piece of one: PEM, base64 of it, and what `openssl pkey
// -text` prints. A certificate without its label cannot be told from a key, and counts as one.
[[nodiscard]] bool may_show_private_key(std::string_view text) noexcept;

// The end of an output, printable, without blanks at its end; instead of one that may show a private key a sentence
// that says so. Applied to text that printable() has seen it gives the same.
[[nodiscard]] std::string shown_output(std::string_view output, std::size_t longest = 300);

// The same for words of which the beginning counts.
[[nodiscard]] std::string shown_start(std::string_view text, std::size_t longest = 300);

// The first word only: what follows may be a password.
[[nodiscard]] std::string command_name(const Command& command);

// "exit status 3; it said: no route to host". Precondition: the outcome is no success.
[[nodiscard]] std::string describe_failure(const CommandOutcome& outcome, std::chrono::seconds timeout);

}  // namespace certctl::sys
