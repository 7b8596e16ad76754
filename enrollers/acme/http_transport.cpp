#include "enrollers/acme/http_transport.hpp"

#include "enrollers/acme/protocol/words.hpp"
#include "framework/crypto/tls_identity.hpp"

#include <thread>
#include <utility>

namespace certctl::acme {
namespace {

constexpr std::size_t kLongestHeader = 8192;

net::HttpSettings http_settings(const Settings& settings, bool judge_validity) {
  net::HttpSettings http =
      net::bounded_settings(settings.proxy, settings.tls_ca_file, settings.timeout, settings.max_reply);
  http.redirects_elsewhere = false;
  if (!judge_validity) http.tls_prepare = [](void* ssl_context) { crypto::judge_no_validity(ssl_context); };
  return http;
}

}  // namespace

HttpTransport::HttpTransport(const Settings& settings, bool judge_validity)
    : client_(http_settings(settings, judge_validity)) {}

HttpReply HttpTransport::send(const net::HttpRequest& request) {
  net::HttpReply got = client_.send(request);
  HttpReply reply{
      got.status, std::move(got.reason), std::move(got.content_type), std::move(got.body), got.retry_after, {}, {}, {}};
  for (auto& [name, value] : got.headers) {
    if (value.size() > kLongestHeader) continue;
    if (name == "replay-nonce")
      reply.nonce = std::move(value);
    else if (name == "location")
      reply.location = std::move(value);
    else if (name == "link")
      reply.links.push_back(std::move(value));
  }
  return reply;
}

HttpReply HttpTransport::get(const std::string& url) {
  net::HttpRequest request;
  request.url = url;
  return send(request);
}

HttpReply HttpTransport::post(const std::string& url, const std::string& body, const std::string& accept) {
  net::HttpRequest request;
  request.method = net::HttpMethod::post;
  request.url = url;
  request.content_type = kTypeJose;
  if (!accept.empty()) request.headers.emplace_back("Accept", accept);
  request.body.assign(body.begin(), body.end());
  return send(request);
}

void HttpTransport::pause(std::chrono::milliseconds time) {
  std::this_thread::sleep_for(time);
}

}  // namespace certctl::acme
