// The answer as a CGI program prints it (RFC 3875 §6).
#pragma once

#include <string>

#include "framework/page/request.hpp"

namespace certctl::router_page {

[[nodiscard]] std::string cgi_text(const page::Response& response);

}  // namespace certctl::router_page
