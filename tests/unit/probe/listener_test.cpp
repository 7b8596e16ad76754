#include "framework/probe/listener.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/crypto/scene.hpp"

using namespace certctl::probe;

TEST_CASE("addresses of listeners") {
  CHECK(listener_from("www.example:443").host == "www.example");
  CHECK(listener_from("127.0.0.1:25").port == 25);
  const Listener ipv6 = listener_from("[::1]:8443");
  CHECK(ipv6.host == "::1");
  CHECK(text_of(ipv6) == "[::1]:8443");
  CHECK(listener_from("[fe80::1%eth0]:443").host == "fe80::1%eth0");
  for (const char* wrong : {"", ":443", "www", "www:", "www:0", "www:65536", "www:-1", "www:44x", "::1:443", "[]:443",
                            "[www]:443", "a b:443", "[::1]443", "-x:443", "www/x:443", "a\nb:443"}) {
    INFO(wrong);
    CHECK(crypto_test::code_of([&] { static_cast<void>(listener_from(wrong)); }) == "bad-option");
  }
}

TEST_CASE("listeners as people read them") {
  Listener listener = listener_from("127.0.0.1:443");
  listener.server_name = "www.example";
  listener.alpn = {"h2"};
  CHECK(text_of(listener) == "127.0.0.1:443 (www.example, h2)");
  listener.greeting = Greeting::smtp;
  listener.alpn.clear();
  CHECK(text_of(listener) == "127.0.0.1:443 (www.example, smtp)");
}
