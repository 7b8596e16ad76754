#include <catch2/catch.hpp>

#include "tests/unit/net/tls_server.hpp"

using namespace certctl;
using namespace certctl::net;
using certctl::contract::Scratch;
using test::shell;
using test::TlsOutcome;
using test::TlsServer;

namespace {

TlsOutcome get_with_ca(const std::string& url, const std::string& ca_file) {
  HttpSettings settings;
  settings.tls_ca_file = ca_file;
  return test::get_over_tls(url, settings);
}

}  // namespace

//
TEST_CASE("https is believed by the CA file and nothing else") {
  const Scratch scratch;
  shell(scratch,
        "openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -subj /CN=ca -days 30\n"
        "openssl req -x509 -newkey rsa:2048 -nodes -keyout other.key -out other.crt -subj /CN=ca -days 30\n"
        "openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=localhost\n"
        "echo subjectAltName=DNS:localhost > ext\n"
        "openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out server.crt -days 30 -extfile "
        "ext\n"
        "printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 6\\r\\n\\r\\nsecure' > reply\n"
        "echo nonsense > broken.crt\n");
  const TlsServer server(scratch, {"-HTTP"});
  const std::string directory = scratch.path();

  const auto good = get_with_ca(server.url("localhost", "/reply"), directory + "/ca.crt");
  CHECK(good.code.empty());
  CHECK(good.text == "secure");

  const auto wrong_ca = get_with_ca(server.url("localhost", "/reply"), directory + "/other.crt");
  CHECK(wrong_ca.code == "tls-untrusted");
  CHECK(wrong_ca.nothing_sent);
  const auto system = get_with_ca(server.url("localhost", "/reply"), "");
  CHECK(system.code == "tls-untrusted");
  const auto wrong_name = get_with_ca(server.url("127.0.0.1", "/reply"), directory + "/ca.crt");
  CHECK(wrong_name.code == "tls-untrusted");
  CHECK(wrong_name.nothing_sent);

  CHECK(get_with_ca(server.url("localhost", "/reply"), directory + "/missing.crt").code == "bad-ca-file");
  CHECK(get_with_ca(server.url("localhost", "/reply"), directory + "/broken.crt").code == "bad-ca-file");
}

TEST_CASE("a server without TLS is not spoken to without it") {
  test::ScriptedServer server(
      [](test::Connection& connection, const std::string&) { connection.send("HTTP/1.1 200 OK\r\n\r\nplain"); }, false);
  const auto outcome = get_with_ca("https://127.0.0.1:" + std::to_string(server.port()) + "/", "");
  CHECK(outcome.code == "tls-failed");
  CHECK(outcome.nothing_sent);
}
