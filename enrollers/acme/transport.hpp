// How messages reach the server, and how time passes: HTTP over TLS in the program, a script in tests.
#pragma once

#include "framework/net/http_client.hpp"

#include <certctl/result.hpp>
#include <certctl/types.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace certctl::acme {

struct HttpReply {
  int status = 0;
  std::string reason;                   // cleaned
  std::string content_type;             // cleaned
  Bytes body;                           // whatever the status
  std::chrono::seconds retry_after{0};  // 0: the server named no delay
  std::string nonce;                    // Replay-Nonce
  std::string location;
  std::vector<std::string> links;  // values of Link headers
};

// A request that got no HTTP reply; nothing_sent() says whether the server may have acted on it.
using TransportFailure = net::HttpFailure;

class Transport {
 public:
  virtual ~Transport() = default;
  // Throw TransportFailure. Each has a deadline and a limit of the reply's size.
  virtual HttpReply get(const std::string& url) = 0;
  virtual HttpReply post(const std::string& url, const std::string& body, const std::string& accept) = 0;
  // Lets the server work. This is no retry: nothing has failed.
  virtual void pause(std::chrono::milliseconds time) = 0;
};

}  // namespace certctl::acme
