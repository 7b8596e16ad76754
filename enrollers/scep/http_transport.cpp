#include "enrollers/scep/http_transport.hpp"

#include "enrollers/scep/protocol/query.hpp"
#include "framework/net/directory_client.hpp"

#include <algorithm>
#include <utility>

namespace certctl::scep {
namespace {

net::HttpSettings http_settings(const Settings& settings) {
  net::HttpSettings http;
  http.proxy = settings.proxy;
  http.tls_ca_file = settings.tls_ca_file;
  http.timeout = settings.timeout;
  http.connect_timeout = std::min<std::chrono::milliseconds>(http.connect_timeout, settings.timeout);
  http.max_reply = static_cast<std::size_t>(settings.max_reply);
  return http;
}

}  // namespace

HttpTransport::HttpTransport(const Settings& settings) : settings_(http_settings(settings)), client_(settings_) {}

HttpReply HttpTransport::send(const net::HttpRequest& request) {
  try {
    net::HttpReply reply = client_.send(request);
    return {reply.status, std::move(reply.reason), std::move(reply.content_type), std::move(reply.body),
            reply.retry_after};
  } catch (const net::HttpFailure& failure) {
    throw TransportFailure(failure.error(), !failure.nothing_sent());
  }
}

HttpReply HttpTransport::get(const std::string& url) {
  net::HttpRequest request;
  request.url = url;
  return send(request);
}

Bytes HttpTransport::search(const std::string& url) {
  try {
    return net::look_up_directory(url, settings_);
  } catch (const net::HttpFailure& failure) {
    throw TransportFailure(failure.error(), !failure.nothing_sent());
  }
}

HttpReply HttpTransport::post(const std::string& url, const Bytes& body) {
  net::HttpRequest request;
  request.method = net::HttpMethod::post;
  request.url = url;
  // SCEP-136
  request.content_type = kContentTypeMessage;
  request.body = body;
  return send(request);
}

}  // namespace certctl::scep
