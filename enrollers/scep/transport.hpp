// How the steps of the protocol reach the server: HTTP in the program, a script in tests.
#pragma once

#include <certctl/result.hpp>
#include <certctl/types.hpp>

#include <chrono>
#include <string>

namespace certctl::scep {

struct HttpReply {
  int status = 0;
  std::string reason;                   // reason phrase, as sent
  std::string content_type;             // as sent
  Bytes body;                           // whatever the status
  std::chrono::seconds retry_after{0};  // 0: the server named no delay
};

// A request that got no HTTP reply. `sent` decides whether the server may have acted on it.
class TransportFailure : public Failure {
 public:
  TransportFailure(Error error, bool sent) : Failure(std::move(error)), sent_(sent) {}
  // False only when no connection could be made at all.
  [[nodiscard]] bool sent() const noexcept { return sent_; }

 private:
  bool sent_;
};

class Transport {
 public:
  virtual ~Transport() = default;
  // Throw TransportFailure. Each has a deadline and a limit of the reply's size.
  virtual HttpReply get(const std::string& url) = 0;
  virtual HttpReply post(const std::string& url, const Bytes& body) = 0;
  // The answer of a directory to the search of an ldap URL (directory_entry.hpp).
  virtual Bytes search(const std::string& url) = 0;
};

}  // namespace certctl::scep
