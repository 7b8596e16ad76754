// Keeps OpenSSL's error queue (one per thread) as a call found it, and turns its entries into text.
#pragma once

#include <string>

namespace certctl::crypto {

// What is put on the queue during its life is taken off at its end. May be nested. First object of each function that
// calls OpenSSL.
class ErrorFence {
 public:
  ErrorFence() noexcept;
  ~ErrorFence();
  ErrorFence(const ErrorFence&) = delete;
  ErrorFence& operator=(const ErrorFence&) = delete;
};

// The oldest entry, which is the cause of those after it: "PEM routines: no start line". Takes nothing off. Control
// characters are escaped. "unknown cause" when the queue is empty.
[[nodiscard]] std::string first_openssl_error();

// All entries, oldest first, joined by "; "; the queue is empty afterwards. Empty text when there were none.
std::string drain_errors();

}  // namespace certctl::crypto
