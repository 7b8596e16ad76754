// The transport of the program: HTTP over TLS by framework/net.
#pragma once

#include "enrollers/est/settings.hpp"
#include "enrollers/est/transport.hpp"
#include "framework/net/http_client.hpp"

namespace certctl::est {

class HttpTransport final : public Transport {
 public:
  explicit HttpTransport(const Settings& settings);
  HttpReply get(const std::string& url, const Access& access) override;
  HttpReply post(const std::string& url, const std::string& content_type, const std::string& body,
                 const Access& access) override;
  HttpReply get_published(const std::string& url) override;
  Bytes search(const std::string& url) override;

 private:
  [[nodiscard]] net::HttpSettings settings_for(const Access& access) const;

  net::HttpSettings settings_;
};

}  // namespace certctl::est
