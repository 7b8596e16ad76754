#include "framework/compat/router_page/request.hpp"

namespace certctl::router_page {
namespace {

const char* reason_of(int status) {
  switch (status) {
    case 200: return "OK";
    case 400: return "Bad Request";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 413: return "Content Too Large";
    case 415: return "Unsupported Media Type";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    default: return "Internal Server Error";
  }
}

}  // namespace

std::string cgi_text(const Response& response) {
  std::string text = "Status: " + std::to_string(response.status) + " " + reason_of(response.status) + "\r\n";
  text += "Content-Type: " + response.content_type + "\r\n";
  text += "Content-Length: " + std::to_string(response.body.size()) + "\r\n";
  // Nothing of ours needs a script; the page is in nobody's frame, and its forms lead to itself.
  text +=
      "Content-Security-Policy: default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
      "frame-ancestors 'none'\r\n"
      "X-Frame-Options: DENY\r\n"
      "X-Content-Type-Options: nosniff\r\n"
      "Referrer-Policy: same-origin\r\n"
      "Cache-Control: no-store\r\n\r\n";
  return text + response.body;
}

}  // namespace certctl::router_page
