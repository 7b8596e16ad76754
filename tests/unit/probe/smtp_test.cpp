#include "framework/probe/smtp_greeting.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <thread>

#include "framework/probe/listener.hpp"
#include "tests/unit/crypto/scene.hpp"
#include "tests/unit/net/scripted_server.hpp"
#include "tests/unit/probe/tls_server.hpp"

using namespace certctl;
using namespace certctl::probe;
using namespace certctl::probe::test;
using Catch::Contains;
using crypto_test::message_of;

namespace {

SmtpGreeting after_hello() {
  SmtpGreeting greeting("[127.0.0.1]");
  REQUIRE(greeting.receive("220 mail\r\n") == "EHLO [127.0.0.1]\r\n");
  return greeting;
}

std::string refusal(SmtpGreeting greeting, const std::string& said) {
  return message_of([&] { static_cast<void>(greeting.receive(said)); });
}

Listener smtp_at(int port) {
  Listener listener;
  listener.host = "127.0.0.1";
  listener.port = static_cast<std::uint16_t>(port);
  listener.greeting = Greeting::smtp;
  return listener;
}

}  // namespace

TEST_CASE("the words before TLS, byte by byte and at once") {
  const std::string server[] = {"220-mail.example\r\n220 ready\r\n", "250-mail\r\n250-size 10\r\n250 starttls\r\n",
                                "220 go\r\n"};
  const std::string client[] = {"EHLO [IPv6:::1]\r\n", "STARTTLS\r\n", ""};
  for (const bool at_once : {true, false}) {
    SmtpGreeting greeting("[IPv6:::1]");
    for (int i = 0; i < 3; ++i) {
      std::string said;
      if (at_once) said = greeting.receive(server[i]);
      for (std::size_t c = 0; c < server[i].size() && !at_once; ++c) said += greeting.receive(server[i].substr(c, 1));
      CHECK(said == client[i]);
    }
    CHECK(greeting.done());
  }
  SmtpGreeting bare("x");
  CHECK(bare.receive("220\n") == "EHLO x\r\n");
}

TEST_CASE("a mail server that refuses") {
  const SmtpGreeting fresh("x");
  CHECK_THAT(refusal(fresh, "554 go away\r\n"), Contains("greets with '554 go away'"));
  CHECK_THAT(refusal(after_hello(), "500 no EHLO\r\n"), Contains("answers EHLO with '500 no EHLO'"));
  CHECK_THAT(refusal(after_hello(), "250-mail\r\n250 PIPELINING\r\n"), Contains("does not offer STARTTLS"));
  CHECK_THAT(refusal(after_hello(), "250 STARTTLS\r\n"), Contains("does not offer STARTTLS"));  // its own name
  CHECK_THAT(refusal(after_hello(), "250-mail\r\n250 STARTTLSX\r\n"), Contains("does not offer STARTTLS"));
  SmtpGreeting greeting = after_hello();
  REQUIRE(greeting.receive("250-mail\r\n250 STARTTLS\r\n") == "STARTTLS\r\n");
  CHECK_THAT(refusal(greeting, "454 TLS not available\r\n"), Contains("answers STARTTLS with '454 TLS"));
}

TEST_CASE("a hostile mail server") {
  const SmtpGreeting fresh("x");
  CHECK_THAT(refusal(fresh, "SSH-2.0-x\x1b[31m\r\n"), Contains("does not speak SMTP: 'SSH-2.0-x\\x1b[31m'"));
  CHECK_THAT(refusal(fresh, "\r\n"), Contains("does not speak SMTP"));
  CHECK_THAT(refusal(fresh, "2200 x\r\n"), Contains("does not speak SMTP"));
  CHECK_THAT(refusal(fresh, "220-" + std::string(5000, 'a')), Contains("endless line"));
  CHECK_THAT(refusal(fresh, "220-a\r\n221 b\r\n"), Contains("several codes"));
  std::string endless;
  for (int i = 0; i < 200; ++i) endless += "220-more\r\n";
  CHECK_THAT(refusal(fresh, endless), Contains("endless SMTP reply"));
}

TEST_CASE("what a mail server says unasked never reaches the TLS session (RFC 3207 section 6)") {
  CHECK_THAT(refusal(SmtpGreeting("x"), "220 mail\r\n250 STARTTLS\r\n"), Contains("more than the answer"));
  SmtpGreeting greeting = after_hello();
  REQUIRE(greeting.receive("250-mail\r\n250 STARTTLS\r\n") == "STARTTLS\r\n");
  SmtpGreeting early = greeting;
  CHECK_THAT(refusal(greeting, "220 go\r\n250 injected\r\n"), Contains("more than the answer"));
  CHECK_THAT(refusal(greeting, "220 go\r\n\x16"), Contains("more than the answer"));
  REQUIRE(early.receive("220 go\r\n").empty());
  CHECK_THAT(refusal(early, "x"), Contains("in clear after"));
}

TEST_CASE("a real dialogue up to the certificate, with a farewell") {
  const Files files(pairs().rsa);
  crypto_test::TempDirectory directory;
  const std::string record = directory.write("record", "");
  const Program server(
      {"python3", CERTCTL_SOURCE_DIR "/tests/unit/probe/smtp_server.py", files.full(), files.key(), record});
  const Listener listener = smtp_at(server.port());
  const Served served = look({listener}, pairs().rsa, std::chrono::seconds(30));
  CHECK(served.fingerprint == pairs().rsa.fingerprint);
  CHECK_THAT(served.detail, Contains("(smtp) serves serial"));
  std::string said;
  for (int i = 0; i < 600 && said.find("tls:") == std::string::npos; ++i) {
    said = crypto_test::read_file(record);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  CHECK(said == "EHLO [127.0.0.1]\r\nSTARTTLS\r\ntls:QUIT\r\n");
  CHECK(look({listener}, pairs().other, std::chrono::seconds(30)).fingerprint == pairs().rsa.fingerprint);
}

TEST_CASE("mail servers that never get to TLS are held to the time limit and named") {
  const auto why = [](int port) {
    return message_of([&] { static_cast<void>(look({smtp_at(port)}, pairs().rsa, std::chrono::milliseconds(500))); });
  };
  const net::test::ScriptedServer silent([](auto& connection, const auto&) { connection.pause(60'000); }, false);
  CHECK_THAT(why(silent.port()), Contains("127.0.0.1:") && Contains("(smtp) does not answer in time"));
  const net::test::ScriptedServer closes([](auto& connection, const auto&) { connection.send("220 hello\r\n"); },
                                         false);
  CHECK_THAT(why(closes.port()), Contains("unreachable") || Contains("closes the connection") || Contains("ends the"));
  const net::test::ScriptedServer web(
      [](auto& connection, const auto&) {
        connection.send("HTTP/1.0 400 what\r\n\r\n");
        connection.pause(60'000);
      },
      false);
  CHECK_THAT(why(web.port()), Contains("does not speak SMTP: 'HTTP/1.0 400 what'"));
}
