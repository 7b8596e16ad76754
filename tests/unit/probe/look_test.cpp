#include "framework/probe/listener.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/crypto/scene.hpp"
#include "tests/unit/net/scripted_server.hpp"
#include "tests/unit/probe/tls_server.hpp"

using namespace certctl;
using namespace certctl::probe;
using namespace certctl::probe::test;
using Catch::Contains;
using crypto_test::code_of;
using crypto_test::message_of;
using net::test::ScriptedServer;

namespace {

constexpr std::chrono::seconds kGenerous{30};

Listener at(int port, const std::string& name = {}) {
  Listener listener;
  listener.host = "127.0.0.1";
  listener.port = static_cast<std::uint16_t>(port);
  listener.server_name = name;
  return listener;
}

Served look_at(int port, const Credential& expected, const std::string& name = {}) {
  return look({at(port, name)}, expected, kGenerous);
}

std::string why(int port, const Credential& expected = pairs().rsa, std::chrono::milliseconds limit = kGenerous) {
  std::string code;
  std::string message;
  try {
    static_cast<void>(look({at(port)}, expected, limit));
  } catch (const Failure& failure) {
    CHECK(failure.error().retry == RetryClass::later);
    code = failure.error().code;
    message = failure.error().message;
  }
  CHECK((code == "unreachable" || code == "chain-not-served"));
  return code + ": " + message;
}

std::vector<std::string> serving(const Files& files) {
  return {"-cert", files.certificate(), "-key", files.key(), "-cert_chain", files.chain()};
}

}  // namespace

TEST_CASE("a server that serves the credential, in both versions of TLS") {
  const Files files(pairs().rsa);
  for (const std::string version : {"-tls1_2", "-tls1_3"}) {
    auto arguments = serving(files);
    arguments.push_back(version);
    const Program server(s_server(arguments));
    const Served served = look_at(server.port(), pairs().rsa);
    CHECK(served.known);
    CHECK(served.fingerprint == pairs().rsa.fingerprint);
    REQUIRE(served.chain_fingerprints.size() == 1);
    CHECK_THAT(served.detail, Contains("127.0.0.1:") && Contains("serves serial " + pairs().rsa.serial));
  }
}

TEST_CASE("another certificate is told by listener, serial, age and key") {
  const Files files(pairs().other);
  const Program server(s_server(serving(files)));
  const Served served = look_at(server.port(), pairs().rsa, "www.example");
  CHECK(served.known);
  CHECK(served.fingerprint == pairs().other.fingerprint);
  CHECK_THAT(
      served.detail,
      Contains("127.0.0.1:" + std::to_string(server.port()) + " (www.example) serves serial " + pairs().other.serial) &&
          Contains("valid since 2030-01-01T00:00:00Z, with another key, not serial " + pairs().rsa.serial));
}

TEST_CASE("a server with two names, and with an RSA and an EC pair, is asked for the one that is meant") {
  const Files rsa(pairs().rsa);
  const Files ec(pairs().ec);
  const Files other(pairs().other);
  for (const std::string version : {"-tls1_2", "-tls1_3"}) {
    auto arguments = serving(rsa);
    for (const std::string& word :
         {std::string("-dcert"), ec.certificate(), std::string("-dkey"), ec.key(), std::string("-dcert_chain"),
          ec.chain(), std::string("-servername"), std::string("second.example"), std::string("-cert2"),
          other.certificate(), std::string("-key2"), other.key(), version}) {
      arguments.push_back(word);
    }
    const Program server(s_server(arguments));
    CHECK(look_at(server.port(), pairs().rsa).fingerprint == pairs().rsa.fingerprint);
    CHECK(look_at(server.port(), pairs().ec).fingerprint == pairs().ec.fingerprint);
    CHECK(look_at(server.port(), pairs().rsa, "second.example").fingerprint == pairs().other.fingerprint);
  }
}

TEST_CASE("a server that has only another type of key is told by what it serves") {
  const Files rsa(pairs().rsa);
  for (const std::string version : {"-tls1_2", "-tls1_3"}) {
    auto arguments = serving(rsa);
    arguments.push_back(version);
    const Program server(s_server(arguments));
    const Served served = look_at(server.port(), pairs().ec);
    CHECK(served.fingerprint == pairs().rsa.fingerprint);
  }
}

TEST_CASE("the chain has to come too") {
  const Files files(pairs().rsa);
  {
    const Program server(s_server({"-cert", files.certificate(), "-key", files.key()}));
    CHECK_THAT(why(server.port()), Contains("chain-not-served") &&
                                       Contains("serves the certificate without its chain") &&
                                       Contains("CN=Issuing,O=Test is missing"));
  }
  crypto_test::TempDirectory directory;
  const std::string& middle = pairs().rsa.chain_pem.front();
  const std::string root = pairs().root.to_pem();
  const std::string reversed = directory.write("reversed", root + middle);
  const std::string with_root = directory.write("with_root", middle + root);
  const std::string too_long = directory.write("too_long", middle + pairs().other.certificate_pem);
  {
    const Program server(s_server({"-cert", files.certificate(), "-key", files.key(), "-cert_chain", reversed}));
    CHECK_THAT(why(server.port()), Contains("serves the certificate with another chain"));
  }
  {
    const Program server(s_server({"-cert", files.certificate(), "-key", files.key(), "-cert_chain", with_root}));
    CHECK(look_at(server.port(), pairs().rsa).fingerprint == pairs().rsa.fingerprint);
  }
  {
    const Program server(s_server({"-cert", files.certificate(), "-key", files.key(), "-cert_chain", too_long}));
    CHECK_THAT(why(server.port()), Contains("a chain that is too long") && Contains("CN=other"));
  }
}

TEST_CASE("a server that wants a certificate of the client shows its own all the same") {
  const Files files(pairs().rsa);
  for (const std::string version : {"-tls1_2", "-tls1_3"}) {
    auto arguments = serving(files);
    arguments.insert(arguments.end(), {version, "-Verify", "3", "-verify_return_error"});
    const Program server(s_server(arguments));
    CHECK(look_at(server.port(), pairs().rsa).fingerprint == pairs().rsa.fingerprint);
  }
}

TEST_CASE("a server of an older TLS is told in words") {
  const Files files(pairs().rsa);
  auto arguments = serving(files);
  arguments.insert(arguments.end(), {"-tls1", "-cipher", "ALL:@SECLEVEL=0"});
  const Program server(s_server(arguments));
  CHECK_THAT(why(server.port()), Contains("speaks only a version of TLS before 1.2"));
}

TEST_CASE("application protocols are offered") {
  const Files files(pairs().rsa);
  auto arguments = serving(files);
  arguments.insert(arguments.end(), {"-alpn", "h2"});
  const Program server(s_server(arguments));
  Listener listener = at(server.port());
  listener.alpn = {"h2", "http/1.1"};
  CHECK(look({listener}, pairs().rsa, kGenerous).fingerprint == pairs().rsa.fingerprint);
  listener.alpn = {"imap"};
  CHECK_THAT(message_of([&] { static_cast<void>(look({listener}, pairs().rsa, kGenerous)); }),
             Contains("(imap) refuses the application protocols"));
}

TEST_CASE("all listeners must serve it, and the first that does not is named") {
  const Files good(pairs().rsa);
  const Files old(pairs().other);
  const Program one(s_server(serving(good)));
  const Program two(s_server(serving(old)));
  const Served both = look({at(one.port()), at(two.port())}, pairs().rsa, kGenerous);
  CHECK(both.fingerprint == pairs().other.fingerprint);
  CHECK_THAT(both.detail, Contains(":" + std::to_string(two.port()) + " serves"));
  CHECK_THAT(look({at(one.port()), at(one.port(), "www")}, pairs().rsa, kGenerous).detail,
             Contains("(www) serve serial"));
}

TEST_CASE("servers that are none") {
  CHECK_THAT(why(net::test::free_port()), Contains("refuses the connection"));
  {
    const ScriptedServer closes([](auto&, const auto&) {}, false);
    CHECK_THAT(why(closes.port()), Contains("unreachable: 127.0.0.1:"));
  }
  {
    const ScriptedServer plain(
        [](auto& connection, const auto&) {
          connection.send("220 hello\r\n");
          connection.pause(60'000);
        },
        false);
    CHECK_THAT(why(plain.port()), Contains("does not speak TLS"));
  }
  {
    const ScriptedServer resets([](auto& connection, const auto&) { connection.reset(); }, false);
    CHECK_THAT(why(resets.port()), Contains("unreachable"));
  }
}

TEST_CASE("a server that says nothing, or never ends, is held to the time limit") {
  const auto begin = std::chrono::steady_clock::now();
  {
    const ScriptedServer silent([](auto& connection, const auto&) { connection.pause(60'000); }, false);
    CHECK_THAT(why(silent.port(), pairs().rsa, std::chrono::milliseconds(300)), Contains("does not answer in time"));
  }
  {
    const net::test::FullListener full;
    CHECK_THAT(why(full.port(), pairs().rsa, std::chrono::milliseconds(300)), Contains("does not answer in time"));
  }
  {
    // Records of a handshake message that announces 16 MiB and comes byte by byte.
    const ScriptedServer slow(
        [](auto& connection, const auto&) {
          connection.send(std::string("\x16\x03\x03\x40\x00\x02\xff\xff\xff", 9));
          while (connection.send("x") && connection.pause(10)) {
          }
        },
        false);
    CHECK_THAT(why(slow.port(), pairs().rsa, std::chrono::milliseconds(300)), Contains("unreachable"));
  }
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(20));
}

TEST_CASE("a server that floods is stopped by size, not by time") {
  const std::string warning("\x15\x03\x03\x00\x02\x01\x5a", 7);  // a warning alert that means nothing
  std::string many;
  while (many.size() < (1U << 16U)) many += warning;
  const ScriptedServer floods(
      [&many](auto& connection, const auto&) {
        while (connection.send(many)) {
        }
      },
      false);
  CHECK_THAT(why(floods.port(), pairs().rsa, std::chrono::minutes(2)), Contains("unreachable"));
}

TEST_CASE("an address that cannot be asked") {
  Listener listener;
  listener.host = "no-such-host.invalid";
  CHECK(code_of([&] { static_cast<void>(look({listener}, pairs().rsa, kGenerous)); }) == "unreachable");
  CHECK(code_of([&] { static_cast<void>(look({}, pairs().rsa, kGenerous)); }) == "bad-option");
  listener = at(1);
  listener.server_name = std::string(300, 'a');
  const ScriptedServer any([](auto&, const auto&) {}, false);
  listener.port = static_cast<std::uint16_t>(any.port());
  CHECK(code_of([&] { static_cast<void>(look({listener}, pairs().rsa, kGenerous)); }) == "bad-option");
}
