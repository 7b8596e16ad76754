// How the steps of the protocol reach the server: HTTP in the program, a script in tests.
#pragma once

#include "framework/net/http_client.hpp"

#include <certctl/result.hpp>
#include <certctl/types.hpp>

#include <string>

namespace certctl::scep {

using net::HttpReply;

// A request that got no HTTP reply; nothing_sent() says whether the server may have acted on it.
using TransportFailure = net::HttpFailure;

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
