// Who we are inside TLS: logins, client certificates, CAs as text, and what is not sent to whom.
#include <catch2/catch.hpp>

#include "framework/crypto/certificate.hpp"
#include "framework/crypto/tls_identity.hpp"
#include "tests/unit/net/tls_server.hpp"

using namespace certctl;
using namespace certctl::net;
using certctl::contract::Scratch;
using test::get_over_tls;
using test::shell;
using test::TlsOutcome;
using test::TlsServer;

namespace {

std::string content(const Scratch& scratch, const char* name) {
  return Scratch::read(scratch.path() / name);
}

std::function<void(void*)> identity(const Scratch& scratch, const char* certificate, const char* key) {
  return [one = crypto::Certificate::from_pem(content(scratch, certificate)),
          other = crypto::Key::from_pem(content(scratch, key))](void* context) {
    crypto::present_identity(context, one, {}, other.get());
  };
}

constexpr const char* kPki =
    "for n in ca other; do openssl req -x509 -newkey rsa:2048 -nodes -keyout $n.key -out $n.crt -subj /CN=$n -days 30; "
    "done\n"
    "issue() { openssl req -newkey rsa:2048 -nodes -keyout $1.key -out $1.csr -subj /CN=$1\n"
    "  openssl x509 -req -in $1.csr -CA $2.crt -CAkey $2.key -CAcreateserial -out $1.crt -days $3 -extfile ext; }\n"
    "echo subjectAltName=DNS:localhost >ext\n"
    "issue server ca 30; issue client ca 30; issue stranger other 30\n";

}  // namespace

TEST_CASE("a server is believed by CAs that are given as text, and by no other") {
  const Scratch scratch;
  shell(scratch, kPki);
  const TlsServer server(scratch, {"-www"});
  HttpSettings settings;
  settings.tls_ca_pem = content(scratch, "other.crt");
  CHECK(get_over_tls(server.url(), settings).code == "tls-untrusted");
  settings.tls_ca_pem += content(scratch, "ca.crt");
  CHECK(get_over_tls(server.url(), settings).code.empty());
  settings.tls_ca_pem = content(scratch, "other.crt");
  settings.tls_unverified = true;
  CHECK(get_over_tls(server.url(), settings).code.empty());

  settings.login.user = "me";
  const TlsOutcome secret = get_over_tls(server.url(), settings);
  CHECK(secret.code == "internal");
  CHECK(secret.nothing_sent);
  settings.login.user.clear();
  settings.tls_prepare = identity(scratch, "client.crt", "client.key");
  CHECK(get_over_tls(server.url(), settings).code == "internal");
}

TEST_CASE("a certificate for a server that wants one; another CA's, none, another key") {
  const Scratch scratch;
  shell(scratch, kPki);
  for (const char* version : {"-tls1_2", "-tls1_3"}) {
    INFO(version);
    const TlsServer server(scratch, {"-www", "-Verify", "2", "-verify_return_error", "-CAfile", "ca.crt", version});
    HttpSettings settings;
    settings.tls_ca_pem = content(scratch, "ca.crt");
    settings.tls_prepare = identity(scratch, "client.crt", "client.key");
    CHECK(get_over_tls(server.url(), settings).code.empty());  // the server demands it

    settings.tls_prepare = identity(scratch, "stranger.crt", "stranger.key");
    const TlsOutcome stranger = get_over_tls(server.url(), settings);
    CHECK(stranger.code == "tls-refused");
    CHECK(stranger.nothing_sent);
    settings.tls_prepare = nullptr;
    const TlsOutcome nobody = get_over_tls(server.url(), settings);
    // TLS 1.2 has no word of its own for it.
    CHECK(nobody.code == (version == std::string("-tls1_2") ? "tls-failed" : "tls-refused"));
    CHECK(nobody.nothing_sent);

    settings.tls_prepare = identity(scratch, "client.crt", "stranger.key");
    const TlsOutcome wrong = get_over_tls(server.url(), settings);
    CHECK(wrong.code == "identity-unusable");
    CHECK(wrong.nothing_sent);
  }
}

TEST_CASE("a password goes to no server without TLS") {
  test::ScriptedServer server([](test::Connection& connection, const std::string&) {
    connection.send("HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n");
  });
  HttpSettings settings;
  settings.login.user = "me";
  settings.login.password = Secret("let me in");
  const TlsOutcome outcome = get_over_tls(server.url(), settings);
  CHECK(outcome.code == "bad-login");
  CHECK(outcome.text.find("let me in") == std::string::npos);
  CHECK(server.requests().empty());
}

TEST_CASE("what a 401 asks for is told, cleaned; redirects to another origin can be switched off") {
  test::ScriptedServer elsewhere([](test::Connection& connection, const std::string&) {
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  });
  test::ScriptedServer server([&](test::Connection& connection, const std::string& request) {
    if (request.find("GET /away") == 0)
      connection.send("HTTP/1.1 302 Found\r\nLocation: " + elsewhere.url() + "\r\nContent-Length: 0\r\n\r\n");
    else if (request.find("GET /here") == 0)
      connection.send("HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n");
    else
      connection.send(
          "HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm=\"a\x1B[1m\"\r\nWWW-Authenticate: Basic "
          "realm=\"b\"\r\nContent-Length: 0\r\n\r\n");
  });
  HttpSettings settings;
  settings.redirects_elsewhere = false;
  CHECK(get_over_tls(server.url("/away"), settings).code == "redirect-refused");
  CHECK(elsewhere.requests().empty());
  HttpRequest request;
  request.url = server.url("/here");
  const HttpReply reply = HttpClient(settings).send(request);
  CHECK(reply.status == 401);
  CHECK(reply.authenticate == "Digest realm=\"a\\x1b[1m\"; Basic realm=\"b\"");
  settings.redirects_elsewhere = true;
  CHECK(get_over_tls(server.url("/away"), settings).code.empty());
}
