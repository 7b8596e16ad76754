// One request to a page and what goes back, whatever server stands before it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace certctl::page {

struct Request {
  std::string method;
  std::string path;          // as it was sent, without the query
  std::string query;         // as it was sent
  std::string content_type;  // these and the following: the headers; empty: none
  std::string host;
  std::string origin;
  std::string referer;
  std::string fetch_site;
  std::string cookie;
  std::string user;    // whom a server before the page has let in; empty: none did
  std::string client;  // the address that asks; empty: not known
  std::string body;    // at most kLongestForm octets
  bool body_too_long = false;
};

struct Response {
  int status = 200;
  std::string content_type = "text/html; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  // beyond those that every page has
};

// What every answer carries: nothing of ours needs a script, the page is in nobody's frame, its forms lead to itself,
// and no browser keeps it.
[[nodiscard]] const std::vector<std::pair<std::string, std::string>>& safety_headers();

[[nodiscard]] const char* reason_phrase(int status) noexcept;

// The media type of a Content-Type header, in lower case, without its parameters.
[[nodiscard]] std::string media_type(std::string_view content_type);

}  // namespace certctl::page
