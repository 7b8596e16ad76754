// Options, texts of the protocol, tokens, and the small server of challenges.
#include "enrollers/acme/account_key.hpp"
#include "enrollers/acme/alpn_certificate.hpp"
#include "enrollers/acme/challenges.hpp"
#include "enrollers/acme/protocol/base64url.hpp"
#include "enrollers/acme/protocol/messages.hpp"
#include "enrollers/acme/settings.hpp"
#include "enrollers/acme/test_acme_server.hpp"
#include "enrollers/acme/test_bench.hpp"
#include "framework/net/http_client.hpp"
#include "tests/contract/instance.hpp"
#include "tests/contract/test_host.hpp"

#include <catch2/catch.hpp>

#include <sys/stat.h>

using namespace certctl;
using acme_test::has;

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

std::string problem(const std::vector<std::pair<std::string, OptionValue>>& given) {
  Options options = contract::options(CERTCTL_KIND_ENROLLER, "acme",
                                      {{"url", std::string("https://ca.test/dir")},
                                       {"account_key", std::string("/etc/certctl/account.key")},
                                       {"http_01", Pairs{{"listen", "0.0.0.0:80"}}}});
  for (const auto& [name, value] : given) options.set(name, value);
  try {
    (void)acme::read_settings(options);
  } catch (const Failure& failure) {
    CHECK(failure.error().code == "bad-option");
    CHECK(failure.error().retry == RetryClass::never);
    return failure.error().message;
  }
  return {};
}

}  // namespace

TEST_CASE("options that cannot work are refused") {
  CHECK(problem({}).empty());
  CHECK(has(problem({{"url", std::string("http://ca.test/dir")}}), "https"));
  CHECK(has(problem({{"url", std::string("http://ca.test/dir")}, {"plain_http", true}}), "https"));
  CHECK(problem({{"url", std::string("http://127.0.0.1:8080/dir")}, {"plain_http", true}}).empty());
  CHECK(has(problem({{"url", std::string("http://127.0.0.1:8080/dir")}}), "https"));
  CHECK(has(problem({{"url", std::string("https:///dir")}}), "host"));
  CHECK(has(problem({{"url", std::string("https://me@ca.test/dir")}}), "directory"));
  CHECK(has(problem({{"eab_kid", std::string("kid")}}), "belong together"));
  CHECK(has(problem({{"http_01", OptionValue()}}), "no challenge"));
  CHECK(has(problem({{"http_01", Pairs{{"webrot", "/www"}}}}), "no `webrot`"));
  CHECK(has(problem({{"http_01", Pairs{{"webroot", "www"}}}}), "absolute"));
  CHECK(has(problem({{"http_01", Pairs{{"webroot", "/www"}, {"listen", "0.0.0.0:80"}}}}), "one way"));
  CHECK(has(problem({{"http_01", Pairs{}}}), "one way"));
  CHECK(has(problem({{"dns_01", Pairs{{"script", "records"}}}}), "absolute"));
  CHECK_FALSE(problem({{"http_01", Pairs{{"listen", "80"}}}}).empty());
  CHECK(has(problem({{"wait", std::chrono::seconds(7200)}}), "wait"));
  CHECK(has(problem({{"dns_timeout", std::chrono::seconds(0)}}), "dns_timeout"));
  CHECK(has(problem({{"timeout", std::chrono::seconds(0)}}), "timeout"));
}

TEST_CASE("times, with offsets and fractions") {
  using namespace std::chrono;
  const TimePoint noon = sys_days(year(2026) / 11 / 30) + hours(12);
  CHECK(acme::parse_time("2026-11-30T12:00:00Z") == noon);
  CHECK(acme::parse_time("2026-11-30T12:00:00.123456789Z") == noon);
  CHECK(acme::parse_time("2026-11-30T14:30:00+02:30") == noon);
  CHECK(acme::parse_time("2026-11-30T07:00:00-05:00") == noon);
  for (const char* bad :
       {"", "2026-11-30", "2026-11-31T12:00:00Z", "2026-11-30T12:00:00", "2026-11-30T12:00:00.Z",
        "2026-11-30T25:00:00Z", "2026-11-30T12:00:00Zx", "9999-01-01T00:00:00Z", "x026-11-30T12:00:00Z"})
    CHECK_FALSE(acme::parse_time(bad));
}

TEST_CASE("origins and links") {
  CHECK(acme::origin_of("HTTPS://CA.test:443/a/b?c#d") == "https://ca.test");
  CHECK(acme::origin_of("https://ca.test:8443") == "https://ca.test:8443");
  CHECK(acme::origin_of("http://[::1]:80/x") == "http://[::1]");
  for (const char* bad : {"", "ftp://ca.test", "https://", "https:///x", "https://me@ca.test/",
                          "https://ca.test\\@evil", "https://ca.test/a b", "https://ca.test/\n", "//ca.test"})
    CHECK_FALSE(acme::origin_of(bad));
  CHECK(acme::alternate_links("<https://a.test/1>;rel=\"alternate\", <https://a.test/2>; rel=alternate") ==
        std::vector<std::string>{"https://a.test/1", "https://a.test/2"});
  CHECK(acme::alternate_links("<https://a.test/dir>;rel=\"index\", <nonsense>;rel=\"alternate\"").empty());
  CHECK(acme::alternate_links("<<<<>>>;rel=alternate").empty());
}

TEST_CASE("the name of a certificate for renewal information") {
  // RFC 9773 §4.1: both parts of its example.
  CHECK(acme::base64url(Bytes{0x69, 0x88, 0x5B, 0x6B, 0x87, 0x46, 0x40, 0x41, 0xE1, 0xB3,
                              0x7B, 0x84, 0x7B, 0xA0, 0xAE, 0x2C, 0xDE, 0x01, 0xC8, 0xD4}) ==
        "aYhba4dGQEHhs3uEe6CuLN4ByNQ");
  CHECK(acme::base64url(Bytes{0x00, 0x87, 0x65, 0x43, 0x21}) == "AIdlQyE");
}

TEST_CASE("an account's key is made once, private, and never overwritten") {
  const contract::Scratch scratch;
  acme::Settings settings;
  settings.account_key_spec = {KeyType::ec, 0, "P-256"};
  settings.account_key = (scratch.path() / "keys" / "account.key").string();
  const crypto::Key first = acme::load_or_make_account_key(settings);
  CHECK(acme::load_or_make_account_key(settings).same_public_key(first));
  struct stat status {};
  REQUIRE(::stat(settings.account_key.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600);
  scratch.write("keys/account.key", "damaged");
  CHECK_THROWS_AS(acme::load_or_make_account_key(settings), Failure);
  CHECK(contract::Scratch::read(settings.account_key) == "damaged");
}

TEST_CASE("the small server answers for the tokens that it was given, and for nothing else") {
  contract::TestEnrollHost host;
  acme_test::AcmeServer server(host.now());
  acme::Settings settings;
  settings.http_listen = sys::HostPort{"127.0.0.1", 0};
  for (std::uint16_t port = 41'000; port < 41'100; ++port) {
    settings.http_listen->port = port;
    settings.wait = std::chrono::seconds(0);
    acme::Challenges challenges(settings, server, host);
    const acme::Presented answer{"http-01", {"dns", "a.example"}, "token", "token.thumbprint"};
    try {
      challenges.present(answer);
    } catch (const Failure& failure) {
      CHECK(failure.error().code == "cannot-listen");
      continue;
    }
    const auto get = [&](const std::string& path) {
      net::HttpRequest request;
      request.url = "http://127.0.0.1:" + std::to_string(port) + path;
      const net::HttpReply reply = net::HttpClient({}).send(request);
      return std::to_string(reply.status) + std::string(reply.body.begin(), reply.body.end());
    };
    CHECK(get("/.well-known/acme-challenge/token") == "200token.thumbprint");
    CHECK(get("/.well-known/acme-challenge/other") == "404");
    CHECK(get("/") == "404");
    CHECK(get("/.well-known/acme-challenge/../../etc/passwd") == "404");
    challenges.withdraw(answer);
    CHECK(get("/.well-known/acme-challenge/token") == "404");
    return;
  }
  FAIL("no port is free");
}

TEST_CASE("server names of addresses in tls-alpn-01") {
  CHECK(acme::alpn_server_name({"dns", "a.example"}) == "a.example");
  CHECK(acme::alpn_server_name({"ip", "192.0.2.1"}) == "1.2.0.192.in-addr.arpa");
  // RFC 8738 §6
  CHECK(acme::alpn_server_name({"ip", "2001:db8::1"}) ==
        "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
  const auto presented = acme::alpn_certificate({"ip", "192.0.2.1"}, "token.thumbprint", contract::HostState().now);
  CHECK(presented.certificate.signed_by(presented.certificate));
  CHECK(presented.certificate.alt_names().size() == 1);
  CHECK(presented.certificate.extension("1.3.6.1.5.5.7.1.31").value().size() == 34);
}
