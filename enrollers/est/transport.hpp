// How the operations of the protocol reach the server: HTTP over TLS in the program, a script in tests.
#pragma once

#include "enrollers/est/settings.hpp"
#include "framework/crypto/certificate.hpp"
#include "framework/net/http_client.hpp"

#include <certctl/result.hpp>
#include <certctl/types.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace certctl::est {

using net::HttpReply;

// A request that got no HTTP reply; nothing_sent() says whether the server may have acted on it.
using TransportFailure = net::HttpFailure;

// A certificate for TLS; the key is borrowed.
struct Identity {
  crypto::Certificate certificate;
  std::vector<crypto::Certificate> chain;
  evp_pkey_st* key = nullptr;
};

struct Login {
  std::string user;
  Secret password;
  LoginScheme scheme = LoginScheme::either;
  bool when_asked = false;  // only after a 401
};

// Who the server has to be, and who we are.
struct Access {
  // CAs of the server's TLS certificate; empty: any server will do, for what it says is proved by the pin, and nothing
  // secret is sent. `tls_ca_file` of the settings comes before both.
  std::vector<crypto::Certificate> authorities;
  bool judge_validity = true;  // of the server's certificate
  std::optional<Identity> identity;
  std::optional<Login> login;
};

class Transport {
 public:
  virtual ~Transport() = default;
  // Throw TransportFailure. Each has a deadline and a limit of the reply's size.
  virtual HttpReply get(const std::string& url, const Access& access) = 0;
  virtual HttpReply post(const std::string& url, const std::string& content_type, const std::string& body,
                         const Access& access) = 0;
  // What is published for anybody, at http and https addresses; of a directory, the answer to the search.
  virtual HttpReply get_published(const std::string& url) = 0;
  virtual Bytes search(const std::string& url) = 0;
};

}  // namespace certctl::est
