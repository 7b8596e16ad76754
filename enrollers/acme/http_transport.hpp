// The transport of the program: HTTP over TLS by framework/net.
#pragma once

#include "enrollers/acme/settings.hpp"
#include "enrollers/acme/transport.hpp"
#include "framework/net/http_client.hpp"

namespace certctl::acme {

class HttpTransport final : public Transport {
 public:
  // `judge_validity`: of the server's certificate.
  HttpTransport(const Settings& settings, bool judge_validity);
  HttpReply get(const std::string& url) override;
  HttpReply post(const std::string& url, const std::string& body, const std::string& accept) override;
  void pause(std::chrono::milliseconds time) override;

 private:
  HttpReply send(const net::HttpRequest& request);
  net::HttpClient client_;
};

}  // namespace certctl::acme
