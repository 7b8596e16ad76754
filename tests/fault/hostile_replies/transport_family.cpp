#include "tests/fault/hostile_replies/transport_family.hpp"

#include <chrono>
#include <stdexcept>

namespace certctl::hostile {
namespace {

using namespace std::string_literals;

using net::test::Connection;

constexpr int kDripPause = 50;                               // milliseconds between two octets
constexpr auto kDripEnds = std::chrono::seconds(90);         // a client that is still there then has no time limit
constexpr std::size_t kFloodEnds = std::size_t{256} << 20U;  // one that has taken so much has no size limit

const std::string kHead = "HTTP/1.1 200 OK\r\nContent-Type: application/x-pki-message\r\nConnection: close\r\n";

// True when the client has hung up.
bool drip_for_ever(Connection& connection, const std::string& first, const std::string& pattern) {
  if (!connection.send(first)) return true;
  const auto end = std::chrono::steady_clock::now() + kDripEnds;
  for (std::size_t i = 0; std::chrono::steady_clock::now() < end; ++i) {
    if (!connection.send(pattern.substr(i % pattern.size(), 1)) || !connection.pause(kDripPause)) return true;
  }
  return false;
}

bool flood_with(Connection& connection, const std::string& first, const std::string& pattern) {
  if (!connection.send(first)) return true;
  std::string block;
  while (block.size() < (64U << 10U)) block += pattern;
  for (std::size_t sent = 0; sent < kFloodEnds; sent += block.size())
    if (!connection.send(block)) return true;
  return false;
}

struct Form {
  std::string name;
  std::string first;
  std::string pattern;
};

// What no answer depends on is taken as it comes: capabilities that cannot be fetched are none (RFC 8894 §3.5.2), and
// the rest goes on.
Expected expected_for(Asked asked) {
  return asked == Asked::capabilities ? Expected::genuine : Expected::refused;
}

template <class Speak>
void to_each(Court& court, const std::string& name, Speak speak) {
  for (const Asked asked : {Asked::capabilities, Asked::ca_set, Asked::message}) {
    Case one;
    one.name = std::string(name_of(asked)) + ": " + name;
    one.hostile = asked;
    one.speak = speak;
    court.hear(Question::enroll, one, {}, expected_for(asked));
  }
}

}  // namespace

void cut_replies(Court& court, const Kind& kind, std::size_t step) {
  Case one;
  one.hostile = kind.hostile;
  if (kind.answer != nullptr) one.answer = (court.scene().*kind.answer)();
  const Genuine genuine = court.baseline(kind.question, one);
  enum class Way : int { close, reset, no_length };
  for (const auto& [way, word] :
       {std::pair{Way::close, "closed"}, {Way::reset, "reset"}, {Way::no_length, "no length, closed"}}) {
    bool whole_seen = false;
    for (std::size_t size = 0; !whole_seen; size += step) {
      one.name = kind.name + ": " + word + " after " + std::to_string(size) + " octets";
      auto seen = std::make_shared<bool>(false);
      one.speak = [way = way, size, seen](Connection& connection, const std::string& whole) {
        std::string text = whole;
        if (way == Way::no_length) {
          const std::size_t begin = text.find("Content-Length:");
          text.erase(begin, text.find("\r\n", begin) + 2 - begin);
        }
        *seen = size >= text.size();
        // The whole of it is the other tests' business.
        (void)connection.send(text.substr(0, std::min(size, text.size() - 1)));
        if (way == Way::reset) connection.reset();
        return true;
      };
      court.hear(kind.question, one, genuine, Expected::refused);
      whole_seen = *seen;
    }
  }
}

void drip(Court& court, std::size_t step) {
  const std::vector<Form> forms{
      {"the status line", "", "HTTP/1.1 200 OK and so on "},
      {"a header", "HTTP/1.1 200 OK\r\nX: ", "y"},
      {"headers", "HTTP/1.1 200 OK\r\n", "X: y\r\n"},
      {"a body without a length", kHead + "\r\n", "0\x80"},
      {"a body of 1000 octets", kHead + "Content-Length: 1000\r\n\r\n", "x"},
      {"the size of a chunk", kHead + "Transfer-Encoding: chunked\r\n\r\n", "0"},
      {"chunks", kHead + "Transfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"},
      {"trailers", kHead + "Transfer-Encoding: chunked\r\n\r\n0\r\n", "X: y\r\n"},
      {"interim replies", "", "HTTP/1.1 100 Continue\r\n\r\n"},
      {"nothing at all", "", ""},
  };
  for (std::size_t i = 0; i < forms.size(); i += step) {
    const Form& form = forms[i];
    to_each(court, "drip: " + form.name, [form](Connection& connection, const std::string&) {
      if (!form.pattern.empty()) return drip_for_ever(connection, form.first, form.pattern);
      // Silence: the end of it is seen by a line that cannot be sent any more.
      const auto end = std::chrono::steady_clock::now() + kDripEnds;
      while (std::chrono::steady_clock::now() < end)
        if (!connection.pause(kDripPause) || connection.gone()) return true;
      return false;
    });
  }
}

void flood(Court& court) {
  const std::vector<Form> forms{
      {"a body without a length", kHead + "\r\n", "x"},
      {"a message without an end", kHead + "\r\n\x30\x80\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02\xA0\x80",
       "\x30\x80"},
      {"a body of 10 GB", kHead + "Content-Length: 10737418240\r\n\r\n", "x"},
      {"chunks without an end", kHead + "Transfer-Encoding: chunked\r\n\r\n",
       "400\r\n" + std::string(1024, 'x') + "\r\n"},
      {"chunks of one octet", kHead + "Transfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"},
      {"a huge chunk", kHead + "Transfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\n", "x"},
      {"a chunk size without an end", kHead + "Transfer-Encoding: chunked\r\n\r\n", "0"},
      {"a chunk extension without an end", kHead + "Transfer-Encoding: chunked\r\n\r\n1;", "x"},
      {"trailers without an end", kHead + "Transfer-Encoding: chunked\r\n\r\n0\r\n", "X: y\r\n"},
      {"headers without an end", kHead, "X: y\r\n"},
      {"one header without an end", kHead + "X: ", "y"},
      {"a header of many lines", kHead + "X: y\r\n", " y\r\n"},
      {"a status line without an end", "HTTP/1.1 200 ", "y"},
      {"interim replies without an end", "", "HTTP/1.1 100 Continue\r\n\r\n"},
      {"compressed without an end", kHead + "Content-Encoding: gzip\r\n\r\n\x1F\x8B\x08", std::string(64, '\0')},
      {"no HTTP", "", "\x16\x03\x01"},
  };
  for (const Form& form : forms)
    to_each(court, "flood: " + form.name, [form](Connection& connection, const std::string&) {
      return flood_with(connection, form.first, form.pattern);
    });
}

void odd_replies(Court& court) {
  const std::string portal = "<html><body><form action=\"/login\">sign in</form></body></html>";
  const auto sized = [](const std::string& status, const std::string& headers, const std::string& body) {
    return "HTTP/1.1 " + status + "\r\n" + headers + "Content-Length: " + std::to_string(body.size()) +
           "\r\nConnection: close\r\n\r\n" + body;
  };
  std::vector<std::pair<std::string, std::string>> replies{
      {"a portal", sized("200 OK", "Content-Type: text/html\r\n", portal)},
      {"nothing", sized("200 OK", "", "")},
      {"204", sized("204 No Content", "", "")},
      {"404", sized("404 Not Found", "", portal)},
      {"500 with a body", sized("500 Internal Server Error", "", portal)},
      {"a redirection to a file", sized("302 Found", "Location: file:///etc/passwd\r\n", "")},
      {"a redirection to another scheme", sized("302 Found", "Location: gopher://127.0.0.1/\r\n", "")},
      {"a redirection to nowhere", sized("302 Found", "", "")},
      {"a length that is negative", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nMII"},
      {"a length that is none", "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nMII"},
      {"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nMIIx"},
      {"a length that is too large", "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nMII"},
      {"a negative chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nMII\r\n0\r\n\r\n"},
      {"a chunk size that is none", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nMII\r\n0\r\n\r\n"},
      {"an unknown transfer encoding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: rot13\r\n\r\nMII"},
      {"NUL in a header", "HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\nMII"s},
      {"line feeds alone", "HTTP/1.1 200 OK\n\nMII"},
      {"HTTP/0.9", "MII"},
      {"HTTP/7.3", "HTTP/7.3 200 OK\r\n\r\nMII"},
      {"a status that is none", "HTTP/1.1 abc OK\r\n\r\nMII"},
      {"control characters in the reason", "HTTP/1.1 403 \x1B[31mred\x07\r\nContent-Length: 0\r\n\r\n"},
  };
  for (const char* delay : {"0", "-1", "1000000000000", "99999999999999999999999999", "Thu, 01 Jan 1970 00:00:00 GMT",
                            "soon", "1e9", "", "\t"})
    replies.emplace_back(std::string("503, Retry-After: ") + delay,
                         sized("503 Busy", std::string("Retry-After: ") + delay + "\r\n", "busy"));
  for (const auto& [name, text] : replies)
    to_each(court, name, [text = text](Connection& connection, const std::string&) {
      (void)connection.send(text);
      return true;
    });
  // To itself, for ever.
  const std::string round = sized("302 Found", "Location: /scep?operation=GetCACert\r\n", "");
  Case one;
  one.name = "GetCACert: a redirection to itself";
  one.hostile = Asked::ca_set;
  one.speak = [round](Connection& connection, const std::string&) { return (void)connection.send(round), true; };
  court.hear(Question::enroll, one, {}, Expected::refused);
  // What the body is counts, not what it is called (H09).
  for (const char* type : {"", "text/html", "APPLICATION/X-PKI-MESSAGE; charset=utf-8", "application/octet-stream"}) {
    for (const Asked asked : {Asked::ca_set, Asked::message}) {
      Case named;
      named.name = std::string(name_of(asked)) + ": content type '" + type + "'";
      named.hostile = asked;
      named.change = [type](scep::HttpReply& reply) { reply.content_type = type; };
      court.hear(Question::enroll, named, {}, Expected::genuine);
    }
  }
}

}  // namespace certctl::hostile
