// One request as CGI hands it over, and what goes back.
#pragma once

#include <string>

namespace certctl::router_page {

struct Request {
  std::string method;        // REQUEST_METHOD
  std::string query;         // QUERY_STRING
  std::string content_type;  // CONTENT_TYPE
  std::string host;          // HTTP_HOST
  std::string origin;        // HTTP_ORIGIN
  std::string referer;       // HTTP_REFERER
  std::string fetch_site;    // HTTP_SEC_FETCH_SITE
  std::string user;          // REMOTE_USER: whom the router's web server let in
  std::string body;          // at most kLongestForm octets
  bool body_too_long = false;
};

struct Response {
  int status = 200;
  std::string content_type = "text/html; charset=utf-8";
  std::string body;
};

// The whole answer of a CGI program, with the headers that every page has.
[[nodiscard]] std::string cgi_text(const Response& response);

}  // namespace certctl::router_page
