// The distributor "nginx" with a real nginx; its clients are the openssl program and the probe.
#include "distributors/nginx/test_server.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "framework/probe/listener.hpp"

using namespace nginx_test;

namespace {

const Credential& one() {
  static const Credential made = test_credential("one");
  return made;
}
const Credential& two() {
  static const Credential made = test_credential("two");
  return made;
}
const Credential& three() {  // an EC key
  static const Credential made = test_credential("three");
  return made;
}

template <class Value>
Error error_of(const Result<Value>& result) {
  REQUIRE_FALSE(result.ok());
  CHECK_FALSE(result.error().hint.empty());
  return result.error();
}

// To the openssl program.
bool becomes_shown(const Credential& credential, std::uint16_t port, const std::string& name = {},
                   const std::string& more = {}) {
  return wait_until([&] { return served_serial(port, name, more) == credential.serial; });
}

// nginx with `one`, running.
void start_with_one(const Server& server) {
  TestHost host;
  install(*server.plugin(host), one());
  server.start();
}

}  // namespace

TEST_CASE("nginx is a distributor") {
  const Server server;
  const auto put = [&](const Credential& credential) {
    TestHost host;
    install(*server.plugin(host), credential);
  };
  DistributorSubject subject;
  subject.make = linked<DistributorApi>("nginx");
  subject.options = [&] {
    return server.options({{"certificate", server.path("tls/www.pem")}, {"key", server.path("tls/www.key")}});
  };
  subject.old_credential = one();
  subject.new_credential = two();
  subject.reset = [&] {
    fs::remove_all(server.path("tls"));
    fs::create_directory(server.path("tls"));
    TestHost host;
    install(*instance<DistributorApi>("nginx", subject.options(), host), one());
  };
  subject.snapshot = [&] { return snapshot_of(server.scratch.path()); };
  subject.change_neighbour = [&] { server.scratch.write("tls/other.pem", "neighbour"); };
  subject.take_over = [&] {
    TestHost host;
    install(*instance<DistributorApi>("nginx", subject.options(), host), three());
  };
  subject.break_target = [&] { fs::remove_all(server.path("tls")); };
  put(one());
  distributor_suite(subject);
}

TEST_CASE("delivered, reloaded, served with its chain; undone, reloaded, served as before") {
  const Server server;
  start_with_one(server);
  TestHost host;
  const auto plugin = server.plugin(host);
  REQUIRE(becomes_served(*plugin, one()));
  const Secret token = install(*plugin, two());
  Served served = plugin->verify(two()).value();  // nobody has told nginx
  CHECK(served.known);
  CHECK(served.fingerprint == one().fingerprint);
  CHECK(served.detail.find(one().serial) != std::string::npos);
  plugin->reload().value();
  REQUIRE(becomes_served(*plugin, two()));
  CHECK(becomes_shown(two(), server.port));
  CHECK(client(server.port, {}).find("Verify return code: 0 (ok)") != std::string::npos);  // with its chain
  CHECK(plugin->inspect(&two()).value().present == Present::this_one);
  plugin->undo(token).value();
  plugin->reload().value();
  REQUIRE(becomes_served(*plugin, one()));
  CHECK(becomes_shown(one(), server.port));
}

TEST_CASE("one file for certificate and key") {
  Server server;
  server.set_servers("server { listen 127.0.0.1:" + std::to_string(server.port) + " ssl; ssl_certificate all.pem; " +
                     "ssl_certificate_key all.pem; }");
  TestHost host;
  const auto plugin = server.plugin(host, {{"certificate", server.path("all.pem")}, {"key", server.path("all.pem")}});
  install(*plugin, one());
  server.start();
  install(*plugin, two());
  plugin->reload().value();
  CHECK(becomes_served(*plugin, two()));
  CHECK(client(server.port, {}).find("Verify return code: 0 (ok)") != std::string::npos);
}

TEST_CASE("a configuration that nginx refuses is a failure in its words, and nothing is signalled") {
  const Server server;
  start_with_one(server);
  TestHost host;
  const auto plugin = server.plugin(host);
  REQUIRE(becomes_served(*plugin, one()));
  const Secret token = install(*plugin, two());
  SECTION("a mistake of somebody else") {
    server.configure("no_such_directive on;\n");
    const Error error = error_of(plugin->reload());
    CHECK(error.code == "configuration-refused");
    CHECK(error.retry == RetryClass::later);
    CAPTURE(error.message);
    CHECK(error.message.find("[emerg] unknown directive \"no_such_directive\" in " + server.path("nginx.conf") +
                             ":1") != std::string::npos);
  }
  SECTION("a key that is another's") {
    server.scratch.write("www.key", one().key.pem.reveal());
    const Error error = error_of(plugin->reload());
    CHECK(error.code == "configuration-refused");
    CHECK(error.message.find("key values mismatch") != std::string::npos);
  }
  CHECK_FALSE(server.logged("SIGHUP"));
  CHECK_FALSE(server.logged("reconfiguring"));
  CHECK(becomes_shown(one(), server.port));
  server.configure();
  server.scratch.write("www.key", two().key.pem.reveal());
  plugin->undo(token).value();
  plugin->reload().value();
  CHECK(wait_until([&] { return server.logged("SIGHUP"); }));
  CHECK(becomes_served(*plugin, one()));
}

TEST_CASE("an nginx that does not run is a failure that says so") {
  const Server server;
  TestHost host;
  const auto plugin = server.plugin(host);
  install(*plugin, one());
  Error error = error_of(plugin->reload());
  CHECK(error.code == "not-running");
  CHECK(error.message == "nginx is not running: there is no " + server.path("nginx.pid"));
  CHECK_FALSE(fs::exists(server.path("nginx.pid")));  // its configuration test makes one
  CHECK(plugin->verify(one()).error().code == "unreachable");
  server.scratch.write("nginx.pid", std::to_string(::getpid()) + "\n");
  CHECK(error_of(plugin->reload()).code == "another-process");
  fs::remove(server.path("nginx.pid"));
}

TEST_CASE("the pid file that was compiled in is asked for where nothing else names it") {
  TestHost host;
  const Scratch scratch;
  scratch.write("nginx.conf", "events {}");
  const auto plugin = instance<DistributorApi>("nginx",
                                               {{"certificate", (scratch.path() / "crt").string()},
                                                {"key", (scratch.path() / "key").string()},
                                                {"configuration", (scratch.path() / "nginx.conf").string()}},
                                               host);
  host.state().script = [](const CommandCall& call) {
    CommandOutcome outcome;
    outcome.exit_status = 0;
    if (call.command.arguments.at(1) == "-V")
      outcome.output = "nginx version\nconfigure arguments: --prefix=/nowhere --pid-path=run/nginx.pid\\n";
    return outcome;
  };
  CHECK(error_of(plugin->reload()).message == "nginx is not running: there is no /nowhere/run/nginx.pid");
  host.state().script = [](const CommandCall&) { return CommandOutcome{}; };
  CHECK(error_of(plugin->reload()).code == "pid-file-unknown");
}

TEST_CASE("RSA and EC side by side in one server") {
  Server server;
  server.set_servers(server.server("ssl_certificate " + server.path("ec.pem") + "; ssl_certificate_key " +
                                   server.path("ec.key") + ";"));
  TestHost host;
  const auto rsa = server.plugin(host);
  const auto ec = server.plugin(host, {{"certificate", server.path("ec.pem")}, {"key", server.path("ec.key")}});
  CHECK(rsa->reload_key().value() == ec->reload_key().value());
  install(*rsa, one());
  install(*ec, three());
  server.start();
  CHECK(becomes_served(*ec, three()));
  CHECK(becomes_served(*rsa, one()));
  install(*rsa, two());
  rsa->reload().value();
  CHECK(becomes_served(*rsa, two()));
  CHECK(ec->verify(three()).value().fingerprint == three().fingerprint);
  CHECK(becomes_shown(two(), server.port, {}, "-sigalgs RSA-PSS+SHA256"));
  CHECK(becomes_shown(three(), server.port, {}, "-sigalgs ECDSA+SHA256"));
}

TEST_CASE("every server that has the certificate is looked at, by its names; others are not") {
  Server server;
  const std::string listen = "listen 127.0.0.1:" + std::to_string(server.port) + " ssl;";
  server.set_servers("server { " + listen + " ssl_certificate other.pem; ssl_certificate_key other.key; }\n" +
                     server.server("server_name www.example *.wild.example;"));
  server.scratch.write("other.pem", three().certificate_pem);
  server.scratch.write("other.key", three().key.pem.reveal());
  start_with_one(server);
  TestHost host;
  const auto plugin = server.plugin(host);
  REQUIRE(becomes_served(*plugin, one()));
  const std::string detail = plugin->verify(one()).value().detail;
  CHECK(detail.find("(www.example)") != std::string::npos);
  CHECK(detail.find("(certctl.wild.example)") != std::string::npos);
  CHECK(becomes_shown(three(), server.port));
  const std::string address = "127.0.0.1:" + std::to_string(server.port);
  const auto list = [](const std::string& text) { return std::vector<std::string>{text}; };
  const auto by_hand = server.plugin(host, {{"listen", list(address)}});
  CHECK(by_hand->verify(one()).value().fingerprint == three().fingerprint);
  const auto by_name = server.plugin(host, {{"listen", list(address)}, {"server_names", list("www.example")}});
  CHECK(by_name->verify(one()).value().fingerprint == one().fingerprint);
  const auto nonsense = [&] { (void)server.plugin(host, {{"listen", list("nonsense")}}); };
  CHECK_THROWS_AS(nonsense(), Failure);
}

TEST_CASE("what cannot be verified is said") {
  const Server server;
  TestHost host;
  const auto unused = server.plugin(host, {{"certificate", server.path("unused.pem")}});
  Inspection seen = unused->inspect(nullptr).value();
  CHECK(seen.disturbance == "reload");
  CHECK(seen.detail.find("no server block of nginx's configuration uses " + server.path("unused.pem")) !=
        std::string::npos);
  CHECK_FALSE(unused->verify(one()).value().known);
  CHECK(unused->verify(one()).value().detail.find("no server block") != std::string::npos);
  const auto plugin = server.plugin(host);
  CHECK(plugin->inspect(nullptr).value().detail.find("no server block") == std::string::npos);
  server.scratch.write("nginx.conf", "http {");
  CHECK(plugin->inspect(nullptr).value().detail.find("nginx.conf:1: ends within a directive") != std::string::npos);
  const Served served = plugin->verify(one()).value();
  CHECK_FALSE(served.known);
  CHECK(served.detail.find("nginx.conf:1:") != std::string::npos);
}

TEST_CASE("a request that is being answered is answered to its end") {
  Server server;
  server.set_servers(
      server.server("location /slow { limit_rate_after 4k; limit_rate 50k; alias " + server.path("slow") + "; }"));
  server.scratch.write("slow", std::string(150'000, 'x') + "the end");
  start_with_one(server);
  TestHost host;
  const auto plugin = server.plugin(host);
  REQUIRE(becomes_served(*plugin, one()));
  server.scratch.write("request", "GET /slow HTTP/1.0\r\n\r\n");
  const std::string port = std::to_string(server.port);
  (void)shell("openssl s_client -quiet -ign_eof -connect 127.0.0.1:" + port + " <request >answer 2>/dev/null &",
              server.scratch.path());
  const auto answered = [&](const std::string& words) {
    return wait_until([&] { return content_if_there(server.path("answer")).find(words) != std::string::npos; });
  };
  REQUIRE(answered("200 OK"));
  install(*plugin, two());
  plugin->reload().value();
  CHECK(becomes_served(*plugin, two()));
  CHECK(answered("the end"));
}

TEST_CASE("clients that connect all the time see no failed handshake while it is delivered again and again") {
  constexpr int kDeliveries = 20;
  const Server server;
  start_with_one(server);
  TestHost host;
  const auto plugin = server.plugin(host);
  REQUIRE(becomes_served(*plugin, one()));
  probe::Listener listener;
  listener.host = "127.0.0.1";
  listener.port = server.port;
  std::atomic<bool> ended = false;
  std::atomic<int> handshakes = 0;
  std::string failed;
  std::thread clients([&] {
    while (!ended) {
      try {
        (void)probe::look({listener}, one(), kPatience);
        ++handshakes;
      } catch (const Failure& failure) {
        failed = failure.error().message;
      }
    }
  });
  int served = 0;
  for (int i = 0; i < kDeliveries; ++i) {
    const Credential& credential = i % 2 == 0 ? two() : one();
    install(*plugin, credential);
    const bool reloaded = plugin->reload().ok();
    served += reloaded && becomes_served(*plugin, credential) ? 1 : 0;
  }
  ended = true;
  clients.join();
  CHECK(served == kDeliveries);
  CHECK(failed == "");
  CHECK(handshakes > kDeliveries);
}
