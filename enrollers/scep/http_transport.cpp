#include "enrollers/scep/http_transport.hpp"

#include "enrollers/scep/protocol/query.hpp"
#include "framework/net/directory_client.hpp"

namespace certctl::scep {

HttpTransport::HttpTransport(const Settings& settings)
    : settings_(net::bounded_settings(settings.proxy, settings.tls_ca_file, settings.timeout, settings.max_reply)),
      client_(settings_) {}

HttpReply HttpTransport::get(const std::string& url) {
  net::HttpRequest request;
  request.url = url;
  return client_.send(request);
}

Bytes HttpTransport::search(const std::string& url) {
  return net::look_up_directory(url, settings_);
}

HttpReply HttpTransport::post(const std::string& url, const Bytes& body) {
  net::HttpRequest request;
  request.method = net::HttpMethod::post;
  request.url = url;
  // SCEP-136
  request.content_type = kContentTypeMessage;
  request.body = body;
  return client_.send(request);
}

}  // namespace certctl::scep
