// One request of the HTTP client to a scripted server, and what came of it.
#pragma once

#include <string>

#include "framework/net/http_client.hpp"
#include "tests/unit/net/scripted_server.hpp"

namespace certctl::net::test {

struct Outcome {
  HttpReply reply;
  std::string code;  // empty: there is a reply
  std::string message;
  bool nothing_sent = false;
  [[nodiscard]] std::string body() const { return {reply.body.begin(), reply.body.end()}; }
};

inline Outcome send(const HttpRequest& request, HttpSettings settings = {}) {
  if (settings.timeout == std::chrono::seconds{60}) settings.timeout = std::chrono::seconds{5};
  Outcome outcome;
  try {
    outcome.reply = HttpClient(settings).send(request);
  } catch (const HttpFailure& failure) {
    outcome.code = failure.error().code;
    outcome.message = failure.error().message;
    outcome.nothing_sent = failure.nothing_sent();
  }
  return outcome;
}

inline Outcome get(const std::string& url, const HttpSettings& settings = {}) {
  HttpRequest request;
  request.url = url;
  return send(request, settings);
}

inline Outcome post(const std::string& url, const std::string& body, const HttpSettings& settings = {}) {
  HttpRequest request;
  request.method = HttpMethod::post;
  request.url = url;
  request.content_type = "application/x-pki-message";
  request.body.assign(body.begin(), body.end());
  return send(request, settings);
}

inline std::string ok(const std::string& body, const std::string& headers = "") {
  return "HTTP/1.1 200 OK\r\n" + headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

inline ScriptedServer::Script says(std::string reply) {
  return [reply = std::move(reply)](Connection& connection, const std::string&) { connection.send(reply); };
}

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace certctl::net::test
