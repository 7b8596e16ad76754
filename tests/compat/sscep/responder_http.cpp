// One request of HTTP, as the knobs of its path say.
#include "tests/compat/sscep/responder.hpp"

#include "enrollers/scep/protocol/query.hpp"

#include <algorithm>
#include <array>

namespace sscep_test {
namespace {

std::string header(const std::string& request, const std::string& name) {
  const std::size_t at = request.find("\r\n" + name + ": ");
  if (at == std::string::npos) return {};
  const std::size_t begin = at + name.size() + 4;
  return request.substr(begin, request.find("\r\n", begin) - begin);
}

std::string reason_phrase(int status) {
  switch (status) {
    case 200: return "OK";
    case 404: return "Not Found";
    case 414: return "URI Too Long";
    case 500: return "Internal Server Error";
    default: return "Whatever";
  }
}

}  // namespace

void Responder::serve(net::test::Connection& connection, const std::string& request) {
  Seen seen;
  seen.method = request.substr(0, request.find(' '));
  const std::size_t begin = std::min(request.find(' ') + 1, request.size());
  seen.target = request.substr(begin, request.find(' ', begin) - begin);
  seen.host = header(request, "Host");
  const std::size_t question = seen.target.find('?');
  const std::string path = seen.target.substr(0, question);
  const scep::Query query = scep::parse_query(
      question == std::string::npos ? std::string_view() : std::string_view(seen.target).substr(question + 1));
  seen.operation = query.operation;
  seen.identifier = query.identifier;
  const Knobs knobs(path);
  const std::lock_guard guard(mutex_);
  Answer answer{404, "text/plain", bytes_of("no such operation\n")};
  const int longest = knobs.number("long", 1 << 20);
  if (static_cast<int>(seen.target.size()) > longest) {
    answer = {414, "text/plain", {}};
  } else if (seen.operation == "GetCACaps") {
    answer = capabilities(knobs);
  } else if (seen.operation == "GetCACert") {
    answer = ca_certificates(knobs, seen);
  } else if (seen.operation == "GetNextCACert") {
    answer = next_certificates(knobs);
  } else if (seen.operation == "PKIOperation") {
    Bytes message;
    if (seen.method == "POST") {
      message = bytes_of(request.substr(request.find("\r\n\r\n") + 4));
    } else if (query.message) {
      message = scep::decode_message(*query.message).value_or(Bytes{});
    }
    seen.identifier.reset();
    try {
      answer = operation(knobs, message, seen);
    } catch (const Failure& failure) {
      answer = {500, "text/plain", bytes_of(failure.error().message)};
    }
  }
  seen_.push_back(seen);
  if (seen.operation == "GetCACaps" && knobs.is("caps-close", "1")) return;
  const bool message = seen.operation == "PKIOperation";
  const std::string quirk = message ? knobs.text("body") : knobs.text("ca-body");
  std::string head = "HTTP/1.1 " + std::to_string(answer.status) + " " + reason_phrase(answer.status) + "\r\n";
  if (!answer.type.empty()) head += "Content-Type: " + answer.type + "\r\n";
  std::string body(answer.body.begin(), answer.body.end());
  if (quirk == "chunked") {
    head += "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n";
    std::string chunks;
    for (const char c : body) chunks += std::string("1\r\n") + c + "\r\n";
    connection.send(head + chunks + "0\r\n\r\n");
    return;
  }
  head += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  if (quirk != "keep-alive") head += "Connection: close\r\n";
  if (quirk == "truncated") body.resize(body.size() / 2);
  connection.send(head + "\r\n" + body);
  if (quirk == "keep-alive") (void)connection.read_request();  // until the client goes
}

}  // namespace sscep_test
