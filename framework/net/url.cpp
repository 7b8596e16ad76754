#include "framework/net/url.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

#include "framework/net/curl_library.hpp"
#include "framework/net/http_client.hpp"
#include "framework/sys/printable.hpp"

namespace certctl::net {
namespace {

struct FreeUrl {
  void operator()(CURLU* url) const noexcept { curl().url_cleanup(url); }
};
struct FreeText {
  void operator()(char* text) const noexcept { curl().free(text); }
};
using UrlHandle = std::unique_ptr<CURLU, FreeUrl>;

std::string part(const UrlHandle& url, CURLUPart which, unsigned flags = 0) {
  char* raw = nullptr;
  if (curl().url_get(url.get(), which, &raw, flags) != CURLUE_OK) return {};
  const std::unique_ptr<char, FreeText> text(raw);
  return text.get();
}

bool has_blank(const std::string& text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; });
}

// Null for what is no URL.
UrlHandle parsed(const std::string& url) {
  UrlHandle handle(curl().url());
  if (handle && (has_blank(url) || curl().url_set(handle.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK))
    return nullptr;
  return handle;
}

// No scheme when it has no host.
Url described(const UrlHandle& handle) {
  Url result;
  const std::string host = part(handle, CURLUPART_HOST);
  if (host.empty()) return result;
  result.scheme = part(handle, CURLUPART_SCHEME);
  result.origin = result.scheme + "://" + host + ":" + part(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  const std::string own_port = part(handle, CURLUPART_PORT, CURLU_NO_DEFAULT_PORT);
  result.shown = sys::printable_start(
      result.scheme + "://" + host + (own_port.empty() ? "" : ":" + own_port) + part(handle, CURLUPART_PATH), 300);
  return result;
}

[[noreturn]] void refuse(const char* code, const std::string& message, const char* hint) {
  throw HttpFailure(Error{code, message, hint, RetryClass::never, std::chrono::seconds{0}}, true);
}

}  // namespace

Url check_url(const std::string& url) {
  const UrlHandle handle = parsed(url);
  if (!handle) refuse("bad-url", "'" + sys::printable_start(url, 200) + "' is not a URL", "mend `url` in the profile");
  Url result = described(handle);
  if (result.scheme != "http" && result.scheme != "https") {
    refuse("bad-url", "'" + sys::printable_start(url, 200) + "' is not a URL of http or https",
           "mend `url` in the profile");
  }
  return result;
}

Url check_directory_url(const std::string& url) {
  const UrlHandle handle = parsed(url);
  Url result = handle ? described(handle) : Url{};
  if (result.scheme != "ldap")
    refuse("bad-url", "'" + sys::printable_start(url, 200) + "' names no directory server", "");
  return result;
}

std::string check_proxy(const std::string& proxy) {
  if (proxy.empty()) return {};
  constexpr std::array<std::string_view, 6> kSchemes{"http", "https", "socks4", "socks4a", "socks5", "socks5h"};
  const UrlHandle handle(curl().url());
  const bool has_scheme = proxy.find("://") != std::string::npos;
  const std::string url = has_scheme ? proxy : "http://" + proxy;
  if (!handle || has_blank(url) ||
      curl().url_set(handle.get(), CURLUPART_URL, url.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK ||
      std::find(kSchemes.begin(), kSchemes.end(), part(handle, CURLUPART_SCHEME)) == kSchemes.end() ||
      part(handle, CURLUPART_HOST).empty()) {
    // Not shown: it may hold a password.
    refuse("bad-proxy", "the proxy is not of the form http://host:port or socks5h://host:port",
           "mend `proxy` in the profile");
  }
  const std::string port = part(handle, CURLUPART_PORT);
  return sys::printable_start(part(handle, CURLUPART_HOST) + (port.empty() ? "" : ":" + port), 200);
}

}  // namespace certctl::net
