#include "enrollers/est/http_transport.hpp"

#include "framework/crypto/tls_identity.hpp"
#include "framework/net/directory_client.hpp"

namespace certctl::est {

HttpTransport::HttpTransport(const Settings& settings)
    : settings_(net::bounded_settings(settings.proxy, settings.tls_ca_file, settings.timeout, settings.max_reply)) {}

// EST-002, EST-003, EST-004
net::HttpSettings HttpTransport::settings_for(const Access& access) const {
  net::HttpSettings http = settings_;
  // EST-023: another origin would have to be authenticated like the first.
  http.redirects_elsewhere = false;
  if (http.tls_ca_file.empty()) {
    for (const crypto::Certificate& one : access.authorities) http.tls_ca_pem += one.to_pem();
    http.tls_unverified = http.tls_ca_pem.empty();
  }
  if (!http.tls_unverified && (access.identity || !access.judge_validity)) {
    http.tls_prepare = [&access](void* ssl_context) {
      if (!access.judge_validity) crypto::judge_no_validity(ssl_context);
      if (access.identity)
        crypto::present_identity(ssl_context, access.identity->certificate, access.identity->chain,
                                 access.identity->key);
    };
  }
  if (access.login) {
    http.login.user = access.login->user;
    http.login.password = access.login->password;
    http.login.basic = access.login->scheme != LoginScheme::digest;
    http.login.digest = access.login->scheme != LoginScheme::basic;
    http.login.when_asked = access.login->when_asked;
  }
  return http;
}

HttpReply HttpTransport::get(const std::string& url, const Access& access) {
  net::HttpRequest request;
  request.url = url;
  return net::HttpClient(settings_for(access)).send(request);
}

HttpReply HttpTransport::post(const std::string& url, const std::string& content_type, const std::string& body,
                              const Access& access) {
  net::HttpRequest request;
  request.method = net::HttpMethod::post;
  request.url = url;
  request.content_type = content_type;
  // RFC 7030 §4.2.1 has it, RFC 8951 §2.1 gives it no meaning, and there are servers that look for it.
  request.headers.emplace_back("Content-Transfer-Encoding", "base64");
  request.body.assign(body.begin(), body.end());
  return net::HttpClient(settings_for(access)).send(request);
}

HttpReply HttpTransport::get_published(const std::string& url) {
  net::HttpRequest request;
  request.url = url;
  return net::HttpClient(settings_).send(request);
}

Bytes HttpTransport::search(const std::string& url) {
  return net::look_up_directory(url, settings_);
}

}  // namespace certctl::est
