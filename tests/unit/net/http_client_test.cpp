#include "framework/net/http_client.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>

#include "tests/unit/net/exchange.hpp"

using namespace certctl;
using namespace certctl::net;
using namespace certctl::net::test;
using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

//
TEST_CASE("a GET and a POST as old servers want them", "[SCEP-130]") {
  ScriptedServer server(says(ok("body", "Content-Type: application/x-pki-message\r\n")));
  const auto got = get(server.url("/scep?operation=GetCACaps"));
  CHECK(got.code.empty());
  CHECK(got.reply.status == 200);
  CHECK(got.reply.reason == "OK");
  CHECK(got.reply.content_type == "application/x-pki-message");
  CHECK(got.body() == "body");
  CHECK(got.reply.url == server.url("/scep"));
  const std::string large(200'000, 'x');
  const auto posted = post(server.url("/scep?operation=PKIOperation"), large);
  CHECK(posted.body() == "body");
  CHECK(post(server.url(), "").body() == "body");

  const auto requests = server.requests();
  REQUIRE(requests.size() == 3);
  CHECK(requests[0].starts_with("GET /scep?operation=GetCACaps HTTP/1.1\r\nHost: 127.0.0.1:"));
  CHECK(requests[1].starts_with("POST /scep?operation=PKIOperation HTTP/1.1\r\n"));
  CHECK(has(requests[1], "\r\nContent-Length: 200000\r\n"));
  CHECK(has(requests[1], "\r\nContent-Type: application/x-pki-message\r\n"));
  CHECK(requests[1].ends_with("\r\n\r\n" + large));
  CHECK(has(requests[2], "\r\nContent-Length: 0\r\n"));
  for (const auto& request : requests) {
    CHECK_FALSE(has(request, "Expect"));
    CHECK_FALSE(has(request, "Accept-Encoding"));
    CHECK_FALSE(has(request, "Transfer-Encoding"));
    CHECK(has(request, "\r\nUser-Agent: certctl\r\n"));
  }
}

TEST_CASE("a reply of any status has its body, reason and Retry-After") {
  const std::string long_reason(1000, 'r');
  ScriptedServer server([&](Connection& connection, const std::string& request) {
    if (has(request, "/pending"))
      connection.send("HTTP/1.1 202 Request Pending (x)\r\nContent-Length: 7\r\nRetry-After: 120\r\n\r\npending");
    if (has(request, "/bad"))
      connection.send("HTTP/1.1 400 \x1b[2Jbad\x07\xc2\x9b \xe2\x80\xae\r\nContent-Length: 3\r\n\r\nbad");
    if (has(request, "/none")) connection.send("HTTP/1.1 500\r\nContent-Length: 0\r\n\r\n");
    if (has(request, "/long")) connection.send("HTTP/1.1 500 " + long_reason + "\r\nContent-Length: 0\r\n\r\n");
    if (has(request, "/date"))
      connection.send(
          "HTTP/1.1 503 x\r\nDate: Thu, 01 Jan 1970 01:00:00 GMT\r\n"
          "Retry-After: Thu, 01 Jan 1970 01:05:00 GMT\r\nContent-Length: 0\r\n\r\n");
    if (has(request, "/odd")) connection.send("HTTP/1.1 503 x\r\nRetry-After: -5\r\nContent-Length: 0\r\n\r\n");
    if (has(request, "/huge"))
      connection.send("HTTP/1.1 503 x\r\nRetry-After: 999999999999\r\nContent-Length: 0\r\n\r\n");
  });
  const auto pending = get(server.url("/pending"));
  CHECK(pending.reply.status == 202);
  CHECK(pending.reply.reason == "Request Pending (x)");
  CHECK(pending.reply.retry_after == 120s);
  CHECK(pending.body() == "pending");
  const auto bad = get(server.url("/bad"));
  CHECK(bad.reply.status == 400);
  CHECK(bad.reply.reason == "\\x1b[2Jbad\\x07\\u{9b} \\u{202e}");
  CHECK(bad.body() == "bad");
  CHECK(get(server.url("/none")).reply.status == 500);
  CHECK(get(server.url("/none")).reply.reason.empty());
  CHECK(get(server.url("/long")).reply.reason.size() == 203);
  CHECK(get(server.url("/date")).reply.retry_after == 300s);
  CHECK(get(server.url("/odd")).reply.retry_after == 0s);
  CHECK(get(server.url("/huge")).reply.retry_after <= 24h * 365);
}

TEST_CASE("forms of replies that are allowed") {
  ScriptedServer server([&](Connection& connection, const std::string& request) {
    if (has(request, "/1.0")) connection.send("HTTP/1.0 200 OK\r\n\r\nuntil the end");
    if (has(request, "/chunked")) {
      connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
      for (const char c : std::string("one byte each")) connection.send(std::string("1;ext=\"x\"\r\n") + c + "\r\n");
      connection.send("0\r\nTrailer: x\r\n\r\n");
    }
    if (has(request, "/interim"))
      connection.send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 x\r\nContent-Type: wrong\r\n\r\n" + ok("real"));
    if (has(request, "/bytes"))
      for (const char c : ok("slowly")) {
        connection.send(std::string(1, c));
        connection.pause(1);
      }
    if (has(request, "/gzip")) connection.send(ok("\x1f\x8b", "Content-Encoding: gzip\r\n"));
    if (has(request, "/twice-same")) connection.send(ok("abc", "Content-Length: 3\r\n"));
    if (has(request, "/lf")) connection.send("HTTP/1.1 200 OK\nContent-Length: 2\n\nlf");
  });
  CHECK(get(server.url("/1.0")).body() == "until the end");
  CHECK(get(server.url("/chunked")).body() == "one byte each");
  const auto interim = get(server.url("/interim"));
  CHECK(interim.body() == "real");
  CHECK(interim.reply.content_type.empty());
  CHECK(get(server.url("/bytes")).body() == "slowly");
  CHECK(get(server.url("/gzip")).body() == "\x1f\x8b");
  CHECK(get(server.url("/twice-same")).body() == "abc");
  CHECK(get(server.url("/lf")).body() == "lf");
}

TEST_CASE("no connection: surely nothing was sent") {
  const auto refused = post("http://127.0.0.1:" + std::to_string(test::free_port()) + "/scep?secret=1", "x");
  CHECK(refused.code == "ca-unreachable");
  CHECK(refused.nothing_sent);
  CHECK_FALSE(has(refused.message, "secret"));
  const auto nobody = get("http://certctl-test.invalid/");
  CHECK(nobody.code == "ca-unreachable");
  CHECK(nobody.nothing_sent);
}

// H12
TEST_CASE("a connection that nobody accepts ends at the deadline of connecting") {
  const test::FullListener nobody;
  HttpSettings settings;
  settings.connect_timeout = 300ms;
  const auto begin = Steady::now();
  const auto outcome = get("http://127.0.0.1:" + std::to_string(nobody.port()) + "/", settings);
  CAPTURE(outcome.message);
  CHECK(outcome.code == "ca-unreachable");
  CHECK(outcome.nothing_sent);
  CHECK(Steady::now() - begin >= 290ms);  // curl counts whole milliseconds from a start of its own
  CHECK(Steady::now() - begin < 3s);
}

// H20
TEST_CASE("a connection that breaks after the request may have left is in doubt, wherever it breaks") {
  const std::string whole = ok("0123456789", "Content-Type: x\r\n");
  for (const bool reset : {false, true}) {
    for (std::size_t at = 0; at < whole.size(); at += 3) {
      ScriptedServer server([&](Connection& connection, const std::string&) {
        connection.send(whole.substr(0, at));
        if (reset) connection.reset();
      });
      const auto outcome = post(server.url(), "request");
      CAPTURE(at, reset, outcome.message);
      CHECK(outcome.code == "reply-lost");
      CHECK_FALSE(outcome.nothing_sent);
      CHECK(server.requests().size() == 1);  // never sent a second time by itself
    }
  }
  // Even if the server never read it. (A reset that comes before the first byte has left is no doubt at all.)
  ScriptedServer server(
      [](Connection& connection, const std::string&) {
        connection.wait_for_bytes();
        connection.reset();
      },
      false);
  const auto outcome = post(server.url(), std::string(100'000, 'x'));
  CHECK(outcome.code == "reply-lost");
  CHECK_FALSE(outcome.nothing_sent);
}

TEST_CASE("what is no HTTP is no reply") {
  for (const std::string& said :
       {std::string("garbage\r\n\r\n"), std::string("\0\0\0", 3), std::string("SSH-2.0-x\r\n"),
        std::string("HTTP/9 x\r\n\r\n"),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabcde"),
        std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nx"),
        std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nx"),
        std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc"),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nabc"),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\nabc")}) {
    ScriptedServer server(says(said));
    const auto outcome = get(server.url());
    CAPTURE(said, outcome.code, outcome.message);
    CHECK((outcome.code == "reply-lost" || outcome.code == "reply-too-large"));
    CHECK_FALSE(outcome.nothing_sent);
  }
}

TEST_CASE("redirects: of a GET, a few, and never to less than before") {
  ScriptedServer other(says(ok("other")));
  ScriptedServer server([&](Connection& connection, const std::string& request) {
    const auto to = [&](const std::string& where, const char* status = "302") {
      connection.send(std::string("HTTP/1.1 ") + status + " x\r\nLocation: " + where + "\r\nContent-Length: 0\r\n\r\n");
    };
    if (has(request, " /loop")) to("/loop");
    if (has(request, " /a ")) to("/b", "301");
    if (has(request, " /b ")) to("c?x=1", "307");
    if (has(request, " /c?x=1 ")) connection.send(ok("arrived"));
    if (has(request, " /other ")) to(other.url("/x"));
    if (has(request, " /file ")) to("file:///etc/passwd");
    if (has(request, " /ftp ")) to("ftp://127.0.0.1/");
    if (has(request, " /nothing ")) connection.send("HTTP/1.1 302 x\r\nContent-Length: 4\r\n\r\nbody");
  });
  CHECK(get(server.url("/a")).body() == "arrived");
  const auto loop = get(server.url("/loop"));
  CHECK(loop.code == "redirect-refused");
  CHECK_FALSE(loop.nothing_sent);
  CHECK(get(server.url("/file")).code == "redirect-refused");
  CHECK(get(server.url("/ftp")).code == "redirect-refused");
  CHECK(get(server.url("/nothing")).body() == "body");
  const auto posted = post(server.url("/a"), "x");
  CHECK(posted.code == "redirect-refused");
  CHECK_FALSE(posted.nothing_sent);
  CHECK(has(posted.message, "a POST to " + server.url("/b")));

  HttpRequest request;
  request.url = server.url("/other");
  request.headers = {{"Authorization", "secret"}};
  CHECK(send(request).body() == "other");
  CHECK(has(server.requests().back(), "Authorization: secret"));
  CHECK_FALSE(has(other.requests().back(), "secret"));

  int loops = 0;
  for (const auto& seen : server.requests()) loops += has(seen, " /loop ") ? 1 : 0;
  CHECK(loops == 4);
}

//
TEST_CASE("the proxy is the settings' and no other") {
  ScriptedServer server(says(ok("direct")));
  ScriptedServer proxy(says(ok("through the proxy")));
  const std::string address = "http://127.0.0.1:" + std::to_string(proxy.port());
  for (const char* name : {"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"}) ::setenv(name, address.c_str(), 1);
  CHECK(get(server.url()).body() == "direct");
  for (const char* name : {"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"}) ::unsetenv(name);
  CHECK(proxy.requests().empty());

  HttpSettings settings;
  settings.proxy = address;
  ::setenv("no_proxy", "*", 1);
  const auto through = get("http://ca.invalid/scep", settings);
  ::unsetenv("no_proxy");
  CHECK(through.body() == "through the proxy");
  REQUIRE(proxy.requests().size() == 1);
  CHECK(proxy.requests()[0].starts_with("GET http://ca.invalid/scep HTTP/1.1\r\n"));

  // A proxy that refuses the tunnel: the CA has seen nothing.
  ScriptedServer refusing(says("HTTP/1.1 407 no\r\nContent-Length: 0\r\n\r\n"));
  settings.proxy = "127.0.0.1:" + std::to_string(refusing.port());
  const auto tunnel = post("https://ca.invalid/scep", "x", settings);
  CHECK(tunnel.code == "ca-unreachable");
  CHECK(tunnel.nothing_sent);
  CHECK(has(tunnel.message, "through the proxy 127.0.0.1"));
  settings.proxy = "http://user:password@127.0.0.1:" + std::to_string(test::free_port());
  const auto dead = get(server.url(), settings);
  CHECK(dead.code == "ca-unreachable");
  CHECK(dead.nothing_sent);
  CHECK_FALSE(has(dead.message, "password"));
  settings.proxy = "gopher://x";
  CHECK(get(server.url(), settings).code == "bad-proxy");
}

TEST_CASE("addresses that are none are refused before anything happens") {
  for (const char* url :
       {"", "x", "file:///etc/passwd", "ftp://127.0.0.1/", "http://", "http://a b/", "http://a/\r\nX: y", "https://",
        "gopher://127.0.0.1/", "http://[::1", "http://127.0.0.1:99999/"}) {
    const auto outcome = get(url);
    CAPTURE(url, outcome.message);
    CHECK(outcome.code == "bad-url");
    CHECK(outcome.nothing_sent);
  }
}

TEST_CASE("one client serves one request after the other") {
  ScriptedServer server(says(ok("x")));
  HttpClient client({});
  for (int i = 0; i < 5; ++i) {
    HttpRequest request;
    request.url = server.url();
    if (i % 2 == 1) {
      request.method = HttpMethod::post;
      request.body = {1, 2, 3};
    }
    CHECK(client.send(request).status == 200);
  }
  const auto requests = server.requests();
  CHECK(requests[1].starts_with("POST "));
  CHECK(requests[2].starts_with("GET "));
  CHECK_FALSE(has(requests[2], "Content-Length"));
}
