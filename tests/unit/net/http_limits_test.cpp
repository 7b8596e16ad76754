#include <catch2/catch.hpp>

#include "tests/unit/net/exchange.hpp"

using namespace certctl;
using namespace certctl::net;
using namespace certctl::net::test;
using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

TEST_CASE("a server that drips is ended by the deadline for the whole") {
  for (const std::string& before : {std::string(""), std::string("HTTP/1.1 200 OK\r\nX: "),
                                    std::string("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"),
                                    std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;")}) {
    ScriptedServer server([&](Connection& connection, const std::string&) {
      connection.send(before);
      while (connection.pause(20) && connection.send("x")) {
      }
    });
    HttpSettings settings;
    settings.timeout = 400ms;
    const auto begin = Steady::now();
    const auto outcome = get(server.url(), settings);
    CAPTURE(before, outcome.message);
    CHECK((outcome.code == "deadline" || (before.empty() && outcome.code == "reply-lost")));
    CHECK_FALSE(outcome.nothing_sent);
    CHECK(Steady::now() - begin < 2s);
    if (outcome.code == "deadline") CHECK(has(outcome.message, "within 400 ms"));
  }
}

TEST_CASE("endless replies end at their limits") {
  const auto endless = [](const std::string& begin, const std::string& again) {
    return [=](Connection& connection, const std::string&) {
      connection.send(begin);
      while (connection.send(again)) {
      }
    };
  };
  const std::string block(64 * 1024, 'x');
  HttpSettings settings;
  settings.max_reply = 1'000'000;
  {
    ScriptedServer server(endless("HTTP/1.1 200 OK\r\n\r\n", block));
    const auto outcome = get(server.url(), settings);
    CHECK(outcome.code == "reply-too-large");
    CHECK(has(outcome.message, "more than 1000000 bytes"));
    CHECK_FALSE(outcome.nothing_sent);
  }
  {
    ScriptedServer server(
        endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "10000\r\n" + block + "\r\n"));
    CHECK(get(server.url(), settings).code == "reply-too-large");
  }
  {
    // What frames a body has an end, too: there may be no body in it.
    ScriptedServer server(endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", block));
    const auto outcome = get(server.url(), settings);
    CHECK(outcome.code == "reply-too-large");
    CHECK(has(outcome.message, "around a smaller reply"));
  }
  {
    // Chunks of one byte each are a reply all the same.
    std::string chunks;
    for (int i = 0; i < 5000; ++i) chunks += "1\r\nx\r\n";
    ScriptedServer server(says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + "0\r\n\r\n"));
    HttpSettings small;
    small.max_reply = 5000;
    CHECK(get(server.url(), small).reply.body.size() == 5000);
  }
  {
    std::string lines;
    for (int i = 0; i < 1000; ++i) lines += "X: y\r\n";
    ScriptedServer server(endless("HTTP/1.1 200 OK\r\n", lines));
    CHECK(get(server.url(), settings).code == "reply-too-large");
  }
  {
    ScriptedServer server(endless("HTTP/1.1 200 OK\r\nX: ", block));
    const auto outcome = get(server.url(), settings);
    CHECK((outcome.code == "reply-too-large" || outcome.code == "reply-lost"));
  }
  {
    ScriptedServer server(endless("", "HTTP/1.1 100 Continue\r\n\r\n"));
    CHECK(get(server.url(), settings).code == "reply-too-large");
  }
  {
    ScriptedServer server(endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "T: x\r\n"));
    CHECK(get(server.url(), settings).code == "reply-too-large");
  }
  ScriptedServer exact(says(ok(std::string(1'000'000, 'x'))));
  CHECK(get(exact.url(), settings).reply.body.size() == 1'000'000);
}
