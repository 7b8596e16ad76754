// Forms, and who may send them.
#include "framework/page/guard.hpp"

#include <catch2/catch.hpp>

#include "framework/page/form.hpp"
#include "framework/page/html.hpp"

using namespace certctl::page;

TEST_CASE("a form is read as a browser writes it") {
  const auto form = parse_form("a=1&b=x+y%2Bz&c=&d&e=%C3%A9%0D%0A&=n");
  REQUIRE(form);
  CHECK(field(*form, "a") == "1");
  CHECK(field(*form, "b") == "x y+z");
  CHECK(form->count("c") == 1);
  CHECK(form->count("d") == 1);
  CHECK(field(*form, "e") == "\xC3\xA9\r\n");
  CHECK(field(*form, "missing").empty());
  CHECK(parse_form("")->empty());
}

TEST_CASE("a damaged form is none") {
  for (const char* text : {"a=%", "a=%4", "a=%zz", "a=%00", "%=1", "a=1&a=2"}) CHECK_FALSE(parse_form(text));
  CHECK_FALSE(parse_form("a=" + std::string(kLongestForm, 'x')));
  std::string many;
  for (std::size_t i = 0; i <= kMostFields; ++i) many += "f" + std::to_string(i) + "=1&";
  CHECK_FALSE(parse_form(many));
}

TEST_CASE("only addresses and names of the device are its site") {
  const std::vector<std::string> names = {"router.example"};
  for (const char* host : {"192.168.1.1", "192.168.1.1:8080", "[fe80::1]", "[::1]:443", "localhost:80", "Router-1",
                           "router-1:8443", "router.example"})
    CHECK(host_is_ours(host, "router-1", names));
  for (const char* host :
       {"", "evil.example", "router.example.", "localhost.", "router-1.evil.example", "192.168.1.1.evil.example",
        "192.168.1.256", "192.168.1.1:", "192.168.1.1:80:80", "192.168.1.1:x", "[fe80::1", "[router.example]",
        "user@192.168.1.1", "http://192.168.1.1/", "192.168.1.1, evil.example", "0x7f.1", ":80"})
    CHECK_FALSE(host_is_ours(host, "router-1", names));
  CHECK_FALSE(host_is_ours("x", "", {}));
}

TEST_CASE("a form of another site is refused") {
  const auto from = [](const char* origin, const char* referer, const char* fetch_site = "",
                       const char* host = "192.168.1.1") {
    Request request;
    request.host = host;
    request.origin = origin;
    request.referer = referer;
    request.fetch_site = fetch_site;
    return same_site(request);
  };
  CHECK(from("http://192.168.1.1", ""));
  CHECK(from("https://192.168.1.1:443", ""));
  CHECK(from("http://192.168.1.1", "", "same-origin"));
  CHECK(from("", "http://192.168.1.1/module/scepClient/index.cgi?page=global"));
  CHECK(from("http://192.168.1.1:8080", "", "", "192.168.1.1:8080"));
  CHECK(from("http://ROUTER", "", "", "router"));
  CHECK_FALSE(from("", ""));
  CHECK_FALSE(from("null", ""));
  CHECK_FALSE(from("null", "http://192.168.1.1/"));
  CHECK_FALSE(from("http://evil.example", "http://192.168.1.1/"));
  CHECK_FALSE(from("http://192.168.1.1.evil.example", ""));
  CHECK_FALSE(from("http://192.168.1.1@evil.example", ""));
  CHECK_FALSE(from("http://evil.example/?http://192.168.1.1", ""));
  CHECK_FALSE(from("http://192.168.1.1:81", ""));
  CHECK_FALSE(from("http://192.168.1.1", "", "cross-site"));
  CHECK_FALSE(from("http://192.168.1.1", "", "same-site"));
  CHECK_FALSE(from("ftp://192.168.1.1", ""));
  CHECK_FALSE(from("", "https://evil.example/192.168.1.1"));
}

TEST_CASE("a token is of one user and one day") {
  const Tokens tokens(std::string(64, 'a'));
  const long long now = 1800000000;
  const std::string token = tokens.make(now, "root");
  CHECK(tokens.valid(token, now, "root"));
  CHECK(tokens.valid(token, now + 12 * 3600, "root"));
  CHECK_FALSE(tokens.valid(token, now + 24 * 3600, "root"));
  CHECK_FALSE(tokens.valid(token, now, "user"));
  CHECK_FALSE(tokens.valid("", now, "root"));
  CHECK_FALSE(tokens.valid(token + "0", now, "root"));
  CHECK_FALSE(Tokens(std::string(64, 'b')).valid(token, now, "root"));
  // A secret that could not be made lets nobody in.
  CHECK_FALSE(Tokens("").valid(Tokens("").make(now, ""), now, ""));
}

TEST_CASE("nothing of a text gets out of it") {
  CHECK(escaped("<script>alert('1')</script>&\"") == "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;&quot;");
  CHECK(escaped("a\nb") == "a\nb");
  for (const char* text : {"\x1b[31m", "\xff\xfe", "\xE2\x80\xAE", "\r", "\x7f"}) {
    const std::string html = escaped(text);
    CHECK(html.find(text) == std::string::npos);
    CHECK_FALSE(html.empty());
  }
}
