// The transport of the program: HTTP and LDAP by framework/net.
#pragma once

#include "enrollers/scep/settings.hpp"
#include "enrollers/scep/transport.hpp"
#include "framework/net/http_client.hpp"

namespace certctl::scep {

class HttpTransport final : public Transport {
 public:
  explicit HttpTransport(const Settings& settings);
  HttpReply get(const std::string& url) override;
  HttpReply post(const std::string& url, const Bytes& body) override;
  Bytes search(const std::string& url) override;

 private:
  net::HttpSettings settings_;
  net::HttpClient client_;
};

}  // namespace certctl::scep
