// The distributor "haproxy" where the running process cannot be given the pair: a reload of its master.
#include <catch2/catch.hpp>

#include "distributors/haproxy/test_server.hpp"

using namespace haproxy_test;

namespace {

const std::pair<std::string, OptionValue> kNever{"runtime", std::string("never")};

}  // namespace

TEST_CASE("without the runtime API the master is told to reload, after its configuration test") {
  const Server server;
  server.start();
  const pid_t master = server.pid();
  TestHost host;
  const auto plugin = server.plugin(host, {kNever});
  CHECK(plugin->inspect(&one()).value().disturbance == "reload");
  REQUIRE(becomes_served(*plugin, one()));
  const Secret token = install(*plugin, two());
  SECTION("and serves it; undone, it serves what it had") {
    plugin->reload().value();
    REQUIRE_FALSE(host.state().calls.empty());
    CHECK(host.state().calls[0].command.arguments ==
          std::vector<std::string>{"/usr/sbin/haproxy", "-c", "-f", server.path("haproxy.cfg")});
    CHECK(becomes_served(*plugin, two()));
    CHECK(becomes_shown(server, two()));
    // While the master starts anew, the next signals wait for it.
    plugin->undo(token).value();
    for (int i = 0; i < 5; ++i) CHECK(said(plugin->reload()) == "no error");
    CHECK(becomes_served(*plugin, one()));
    CHECK(becomes_shown(server, one()));
    CHECK(server.pid() == master);
  }
  SECTION("a configuration that HAProxy refuses is a failure in its words, and nothing is signalled") {
    const std::string worker = server.ask("show info\n");
    server.configure("no-such-keyword");
    const auto refused = plugin->reload();
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == "configuration-refused");
    CHECK(refused.error().message == "haproxy -c refuses " + server.path("haproxy.cfg") + ": config : parsing [" +
                                         server.path("haproxy.cfg") +
                                         ":2] : unknown keyword 'no-such-keyword' in 'global' section");
    server.configure();
    server.scratch.write("default.pem", one().key.pem.reveal() + two().certificate_pem);
    CHECK(said(plugin->reload()).find("inconsistencies between private key and certificate") != std::string::npos);
    CHECK(plugin->verify(one()).value().fingerprint == one().fingerprint);
    const auto pid_line = [](const std::string& info) { return info.substr(info.find("\nPid: "), 12); };
    CHECK(pid_line(server.ask("show info\n")) == pid_line(worker));
  }
}

TEST_CASE("a connection that is open stays with the old worker and is answered") {
  const Server server;
  server.start();
  TestHost host;
  const auto plugin = server.plugin(host, {kNever});
  // the head of a request has no end yet
  (void)shell(
      "(printf 'GET / HTTP/1.0\\r\\nHost: a\\r\\n'; while [ ! -e go ]; do sleep 0.05; done; printf '\\r\\n') | "
      "openssl s_client -ign_eof -connect 127.0.0.1:" +
          std::to_string(server.port) + " >answer 2>/dev/null &",
      server.scratch.path());
  const auto answered = [&](const std::string& words) {
    return wait_until([&] { return content_if_there(server.path("answer")).find(words) != std::string::npos; });
  };
  REQUIRE(answered("Verify return code"));
  install(*plugin, two());
  plugin->reload().value();
  CHECK(becomes_served(*plugin, two()));
  server.scratch.write("go", "");
  CHECK(answered("200 OK"));
}

TEST_CASE("a file that the process does not know yet comes with a reload") {
  const Server server;
  server.start();
  TestHost host;
  const auto plugin = server.plugin(
      host, {{"combined", server.path("more/two.pem")}, {"server_names", std::vector<std::string>{"two"}}});
  CHECK(plugin->inspect(&two()).value().present == Present::none);
  const Secret token = install(*plugin, two());
  plugin->reload().value();
  CHECK(host.state().calls.size() == 1);
  CHECK(becomes_served(*plugin, two()));
  CHECK(becomes_shown(server, two(), "two"));
  CHECK(becomes_shown(server, one()));
  install(*plugin, credential("repeated2"));  // known now
  plugin->reload().value();
  CHECK(host.state().calls.size() == 1);
  CHECK(plugin->inspect(&credential("repeated2")).value().present == Present::this_one);
}

TEST_CASE("the master's own socket, where it has one") {
  const Server server;
  server.start("-W -S " + server.path("master.sock"));
  TestHost host;
  const auto plugin = server.plugin(
      host, {kNever, {"master_socket", server.path("master.sock")}, {"pid", std::string("/no/such/pid")}});
  install(*plugin, two());
  for (int i = 0; i < 3; ++i) plugin->reload().value();  // none of them is lost
  CHECK(plugin->verify(two()).value().fingerprint == two().fingerprint);
  CHECK(becomes_shown(server, two()));
  server.configure("no-such-keyword");
  CHECK(said(plugin->reload()).starts_with("configuration-refused: "));
  CHECK(becomes_shown(server, two()));
}

TEST_CASE("a HAProxy that does not run, or cannot reload, is a failure that says so") {
  const Server server;
  TestHost host;
  const auto plugin = server.plugin(host);
  install(*plugin, two());
  CHECK(said(plugin->reload()) == "not-running: haproxy is not running: there is no " + server.path("pid"));
  server.scratch.write("pid", std::to_string(::getpid()));
  CHECK(said(plugin->reload()).starts_with("another-process: "));
  fs::remove(server.path("pid"));
  const auto by_socket = server.plugin(host, {kNever, {"master_socket", server.path("master.sock")}});
  CHECK(said(by_socket->reload()) == "runtime-absent: HAProxy does not listen on " + server.path("master.sock"));
  CHECK(host.state().calls.empty());
  // A signal would end a process that is no master.
  server.start("");
  const auto alone = server.plugin(host, {kNever});
  CHECK(said(alone->reload()).find("is no master of HAProxy: it cannot reload") != std::string::npos);
  CHECK(becomes_shown(server, two()));
}
