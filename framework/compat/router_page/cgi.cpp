#include "framework/compat/router_page/cgi.hpp"

namespace certctl::router_page {

std::string cgi_text(const page::Response& response) {
  std::string text = "Status: " + std::to_string(response.status) + " " + page::reason_phrase(response.status) + "\r\n";
  const auto header = [&](const std::string& name, const std::string& value) { text += name + ": " + value + "\r\n"; };
  header("Content-Type", response.content_type);
  header("Content-Length", std::to_string(response.body.size()));
  for (const auto& [name, value] : page::safety_headers()) header(name, value);
  for (const auto& [name, value] : response.headers) header(name, value);
  return text + "\r\n" + response.body;
}

}  // namespace certctl::router_page
