// The distributor "haproxy" with a real HAProxy, by its runtime API; its clients are the openssl program and the probe.
#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "distributors/haproxy/test_server.hpp"
#include "framework/probe/listener.hpp"
#include "tests/fault/kill_points.hpp"

using namespace haproxy_test;

namespace {

void check_suite(const Server& server) {
  DistributorSubject subject;
  subject.make = linked<DistributorApi>("haproxy");
  subject.options = [&] { return server.options({{"combined", server.path("tls/all.pem")}}); };
  const auto put = [&](const Credential& which) {
    TestHost host;
    install(*instance<DistributorApi>("haproxy", subject.options(), host), which);
  };
  subject.old_credential = one();
  subject.new_credential = two();
  subject.reset = [&] {
    fs::remove_all(server.path("tls"));
    fs::create_directory(server.path("tls"));
    put(one());
  };
  subject.snapshot = [&] { return snapshot_of(server.scratch.path()); };
  subject.change_neighbour = [&] { server.scratch.write("tls/other.pem", "neighbour"); };
  subject.take_over = [&] { put(three()); };
  subject.break_target = [&] { fs::remove_all(server.path("tls")); };
  distributor_suite(subject);
}

}  // namespace

TEST_CASE("haproxy is a distributor: nobody listens") {
  const Server server;
  check_suite(server);
}

TEST_CASE("haproxy is a distributor: HAProxy runs and does not know the file yet") {
  static const Server server;  // one for all sections
  if (server.pid() == 0) server.start();
  check_suite(server);
}

TEST_CASE("default and named entries: exchanged in the running process and on disk, and undone in both") {
  const Server server;
  server.start();
  const pid_t master = server.pid();
  TestHost host;
  const auto plugin = server.plugin(host);
  CHECK(plugin->inspect(&one()).value().present == Present::this_one);
  CHECK(plugin->inspect(&one()).value().disturbance == "none");
  CHECK(plugin->verify(one()).value().fingerprint == one().fingerprint);
  CHECK(plugin->verify(two()).value().detail.find("HAProxy has serial " + one().serial) != std::string::npos);
  const Secret token = install(*plugin, two());
  plugin->reload().value();
  CHECK(plugin->verify(two()).value().fingerprint == two().fingerprint);
  CHECK(served_serial(server.port) == two().serial);
  CHECK(client(server.port, {}).find("Verify return code: 0 (ok)") != std::string::npos);
  CHECK(served_serial(server.port, "three") == three().serial);  // the other entry is as it was
  CHECK(Scratch::read(server.path("default.pem")) == combined(two()));

  server.scratch.write("named.pem", combined(one()));  // as if it had always been that
  const auto other =
      server.plugin(host, {{"combined", server.path("named.pem")}, {"server_names", std::vector<std::string>{"four"}}});
  const Secret other_token = install(*other, credential("four"));
  other->reload().value();
  CHECK(other->verify(credential("four")).value().fingerprint == credential("four").fingerprint);
  CHECK(served_serial(server.port, "four") == "04");
  CHECK(served_serial(server.port) == two().serial);

  plugin->undo(token).value();
  plugin->reload().value();
  CHECK(plugin->verify(one()).value().fingerprint == one().fingerprint);
  CHECK(served_serial(server.port) == one().serial);
  CHECK(Scratch::read(server.path("default.pem")) == combined(one()));
  CHECK(served_serial(server.port, "four") == "04");
  CHECK(server.pid() == master);
  CHECK(host.state().calls.empty());  // no program was started

  server.stop();
  server.start();
  CHECK(served_serial(server.port, "four") == "04");  // the files are what it starts with
}

TEST_CASE("a run that ended between the file and the process is completed by the next one") {
  const Server server;
  server.start();
  {
    TestHost host;
    install(*server.plugin(host), two());
  }
  TestHost host;
  const auto plugin = server.plugin(host);
  const Inspection seen = plugin->inspect(&two()).value();
  CHECK(seen.present == Present::other);
  CHECK(seen.serial == one().serial);
  CHECK(seen.detail.find("HAProxy still has serial " + one().serial) != std::string::npos);
  REQUIRE(seen.diff.size() == 1);
  CHECK(seen.diff[0].find("-> serial " + two().serial) != std::string::npos);
  const Secret token = plugin->prepare(two(), nullptr).value();
  CHECK(plugin->install(two(), token).value().changed);  // the reload must not be left out
  plugin->reload().value();
  CHECK(plugin->inspect(&two()).value().present == Present::this_one);
  CHECK_FALSE(plugin->install(two(), token).value().changed);
  CHECK(served_serial(server.port) == two().serial);
}

TEST_CASE("killed at any system call of the exchange: the old pair or the new is served, and the next run completes") {
  const Server server;
  server.start();
  TestHost host;
  const auto plugin = server.plugin(host);
  const auto put = [&](const Credential& which) {
    install(*plugin, which);
    plugin->reload().value();
  };
  const auto serial = [&] {
    const std::string shown = server.ask("show ssl cert " + server.path("default.pem") + "\n");
    return shown.find(one().serial) != std::string::npos ? one().serial : two().serial;
  };
  const auto going_on = fault::kill_everywhere(
      [&] {
        put(one());
        install(*plugin, two());
      },
      [&] { plugin->reload().value(); },
      [&]() -> std::string {
        const std::string before = serial();
        if (auto served = plugin->verify(before == one().serial ? one() : two()); !served.ok() || !served.value().known)
          return "nothing is served";
        if (auto again = plugin->reload(); !again.ok()) return again.error().message;
        if (plugin->verify(two()).value().fingerprint != two().fingerprint) return "the next run does not complete it";
        return server.ask("show ssl cert\n").find('*') == std::string::npos ? "" : "a transaction is left open";
      });
  CHECK(going_on.first_bad == "");
  CHECK(going_on.points >= 4);  // one for each command
}

TEST_CASE("a pair that HAProxy refuses is a failure in its words, and nothing is left behind") {
  const Server server;
  server.start();
  TestHost host;
  const auto plugin = server.plugin(host);
  const auto refused = [&](const std::string& content) {
    server.scratch.write("default.pem", content);
    const auto result = plugin->reload();
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().code == "runtime-refused");
    CHECK(result.error().retry == RetryClass::later);
    CHECK(server.ask("show ssl cert\n").find('*') == std::string::npos);
    CHECK(plugin->verify(one()).value().fingerprint == one().fingerprint);
    return result.error().message;
  };
  CHECK(
      refused(one().key.pem.reveal() + two().certificate_pem).find("inconsistencies between private key and certif") !=
      std::string::npos);
  CHECK(refused("hello\n").find("unable to load certificate") != std::string::npos);
  std::string long_chain = combined(two());
  while (long_chain.size() < 40'000) long_chain += two().chain_pem[0];
  CHECK(refused(long_chain).find("nothing") != std::string::npos);
  fs::remove(server.path("default.pem"));
  CHECK(said(plugin->reload()).starts_with("nothing-to-load: " + server.path("default.pem") + " is not there"));
  // blank lines and other line ends are no harm
  server.scratch.write("default.pem", "\n# made by hand\r\n\r\n" + two().key.pem.reveal() + "\n \n" +
                                          two().certificate_pem + "\t\n\n" + two().chain_pem[0]);
  plugin->reload().value();
  CHECK(client(server.port, {}).find("Verify return code: 0 (ok)") != std::string::npos);
  CHECK(served_serial(server.port) == two().serial);
}

TEST_CASE("a transaction of somebody else is left alone, one of an interrupted run is ended") {
  const Server server;
  server.start();
  TestHost host;
  const auto plugin = server.plugin(host);
  install(*plugin, two());
  const auto begin = [&](const std::string& file) {
    const std::string pem = combined(credential("five"));
    REQUIRE(server.ask("set ssl cert " + server.path(file) + " <<\n" + pem + "\n").find("created") !=
            std::string::npos);
  };
  SECTION("for another file") {
    begin("named.pem");
    const std::string failure = said(plugin->reload());
    CHECK(failure.starts_with("transaction-open: somebody else is about to change " + server.path("named.pem")));
    CHECK(server.ask("show ssl cert *" + server.path("named.pem") + "\n").find("Serial: 05\n") != std::string::npos);
    CHECK(plugin->verify(one()).value().fingerprint == one().fingerprint);
    CHECK(server.ask("abort ssl cert " + server.path("named.pem") + "\n").find("aborted") != std::string::npos);
  }
  SECTION("for this file") {
    begin("default.pem");
  }
  plugin->reload().value();
  CHECK(plugin->verify(two()).value().fingerprint == two().fingerprint);
}

TEST_CASE("what is not known is not said: no listener, no socket, no bind line") {
  const Server server;
  TestHost host;
  const auto none = std::vector<std::string>{};
  const auto plugin = server.plugin(host, {{"listen", none}});
  CHECK_FALSE(plugin->verify(one()).value().known);
  CHECK(plugin->inspect(&one()).value().disturbance == "reload");
  server.start();
  const Served served = plugin->verify(one()).value();
  CHECK(served.fingerprint == one().fingerprint);
  CHECK(served.detail.find("no handshake was tried") != std::string::npos);
  const auto unknown = server.plugin(host, {{"listen", none}, {"name", std::string("/no/such.pem")}});
  CHECK(unknown->verify(one()).value().detail.find("no socket that knows /no/such.pem") != std::string::npos);
  REQUIRE(server.ask("new ssl cert " + server.path("unused.pem") + "\n").find("New") != std::string::npos);
  server.scratch.write("unused.pem", combined(two()));
  const auto unused = server.plugin(host, {{"listen", none}, {"combined", server.path("unused.pem")}});
  unused->reload().value();
  CHECK_FALSE(unused->verify(two()).value().known);
  CHECK(unused->verify(two()).value().detail.find("no bind line uses it") != std::string::npos);
}

TEST_CASE("a connection goes on with what it has, and clients that connect all the time see no failed handshake") {
  constexpr int kDeliveries = 20;
  const Server server;
  server.start();
  TestHost host;
  const auto plugin = server.plugin(host);
  const std::string request = "GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n";
  (void)shell("(printf '" + request + "'; while [ ! -e go ]; do sleep 0.05; done; printf '" + request +
                  "') | openssl s_client -quiet -ign_eof -connect 127.0.0.1:" + std::to_string(server.port) +
                  " >answer 2>/dev/null & echo $! >client.pid",
              server.scratch.path());
  const auto answers = [&] {
    const std::string text = content_if_there(server.path("answer"));
    std::size_t count = 0;
    for (auto at = text.find("200 OK"); at != std::string::npos; at = text.find("200 OK", at + 1)) ++count;
    return count;
  };
  REQUIRE(wait_until([&] { return answers() == 1; }));
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
    const Credential& which = i % 2 == 0 ? two() : one();
    install(*plugin, which);
    const bool reloaded = plugin->reload().ok();
    auto seen = plugin->verify(which);  // at once: HAProxy answers when it is done
    served += reloaded && seen.ok() && seen.value().fingerprint == which.fingerprint ? 1 : 0;
  }
  (void)wait_until([&] { return handshakes > kDeliveries; });
  ended = true;
  clients.join();
  CHECK(served == kDeliveries);
  CHECK(failed == "");
  CHECK(handshakes > kDeliveries);
  server.scratch.write("go", "");
  CHECK(wait_until([&] { return answers() == 2; }));
}
