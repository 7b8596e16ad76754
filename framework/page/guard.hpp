// Who may see the page, and whose forms change something. The router's web server has asked for the password before us;
// what is left are requests that the browser of a user who is logged in makes for somebody else.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/page/request.hpp"

namespace certctl::page {

// The Host header is an address, localhost, the device's own name, or one of `names`: a foreign name that leads here
// (rebinding) is somebody else's site.
[[nodiscard]] bool host_is_ours(std::string_view host, std::string_view device, const std::vector<std::string>& names);

// The form was sent by a page of this very site: Origin, or without it Referer, names our Host; neither is refused.
[[nodiscard]] bool same_site(const Request& request);

// Tokens of the form. Each lives twelve to twenty-four hours and belongs to one user of the web server.
class Tokens {
 public:
  explicit Tokens(std::string secret) : secret_(std::move(secret)) {}
  [[nodiscard]] std::string make(long long now, std::string_view user) const;
  [[nodiscard]] bool valid(std::string_view token, long long now, std::string_view user) const;

 private:
  [[nodiscard]] std::string token_of(long long slot, std::string_view user) const;
  std::string secret_;
};

// The secret of the tokens in this file, made (0600) when it is not there.
[[nodiscard]] std::string token_secret(const std::string& path);

}  // namespace certctl::page
