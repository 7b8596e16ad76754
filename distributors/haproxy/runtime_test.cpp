// HAProxy's socket and what is said on it: answers of a real HAProxy, of none, and of impostors.
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "distributors/haproxy/answers.hpp"
#include "distributors/haproxy/port_owner.hpp"
#include "distributors/haproxy/runtime.hpp"
#include "distributors/haproxy/test_server.hpp"
#include "tests/contract/own_namespace.hpp"

using namespace haproxy_test;
using namespace certctl::haproxy;
using namespace std::chrono_literals;

namespace {

std::string code_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const Failure& failure) {
    CHECK_FALSE(failure.error().message.empty());
    return failure.error().code;
  }
  return {};
}

sys::FileDescriptor listening_at(const std::string& path) {
  sys::FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::copy(path.begin(), path.end(), std::begin(name.sun_path));
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&name), sizeof(name)) != 0 ||
      ::listen(socket.get(), 8) != 0)
    throw std::runtime_error("cannot listen on " + path);
  return socket;
}

// Answers each connection with the next of the texts, after it has read a line; without an end if `endless`.
class Impostor {
 public:
  Impostor(const std::string& path, std::vector<std::string> answers, bool endless = false)
      : socket_(listening_at(path)), thread_([this, answers = std::move(answers), endless] {
          for (const std::string& answer : answers) {
            const sys::FileDescriptor client(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            if (!client.is_open()) return;
            char buffer[65536];
            const ssize_t got = ::recv(client.get(), buffer, sizeof(buffer), 0);
            if (got > 0) heard_.append(buffer, static_cast<std::size_t>(got));
            do {
              if (::send(client.get(), answer.data(), answer.size(), MSG_NOSIGNAL) < 0) break;
            } while (endless);
          }
        }) {}
  ~Impostor() { (void)heard(); }
  Impostor(const Impostor&) = delete;
  Impostor& operator=(const Impostor&) = delete;
  // Ends it.
  const std::string& heard() {
    ::shutdown(socket_.get(), SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
    return heard_;
  }

 private:
  sys::FileDescriptor socket_;
  std::string heard_;
  std::thread thread_;
};

}  // namespace

TEST_CASE("answers about a certificate") {
  // HAProxy 2.6.12
  const auto loaded = loaded_certificate_from(
      "Filename: /tls/a.pem\nStatus: Used\nSerial: 11FF3FAA993B23E3BDA8\nnotBefore: Nov 25 06:34:57 2026 GMT\n"
      "Algorithm: RSA2048\nSHA1 FingerPrint: 01D9484E33A32FF5DA13121CBB2653A7B8732E57\nSubject: /CN=Serial: 7\n\n");
  REQUIRE(loaded);
  CHECK(loaded->name == "/tls/a.pem");
  CHECK(loaded->used);
  CHECK(loaded->serial == "11FF3FAA993B23E3BDA8");
  CHECK(loaded->sha1 == "01d9484e33a32ff5da13121cbb2653a7b8732e57");
  CHECK_FALSE(loaded_certificate_from("Can't display the certificate: Not found or the certificate is a bundle!\n\n"));
  CHECK(loaded_certificate_from("Filename: a\nStatus: Unused\n\n")->sha1.empty());
  for (const char* strange :
       {"", "\n", "Permission denied\n\n", "Unknown command, but maybe\n", "HTTP/1.0 400\r\n\r\n"})
    CHECK(code_of([&] { (void)loaded_certificate_from(strange); }) == "runtime-refused");
  CHECK(code_of([] { (void)loaded_certificate_from("Filename: a\nSHA1 FingerPrint: 01D9\n"); }) == "runtime-broken");
  CHECK(open_transaction_in("# transaction\n*/tls/a.pem\n# filename\n/tls/a.pem\n\n") == "/tls/a.pem");
  CHECK(open_transaction_in("# filename\n/tls/a.pem\n\n").empty());
  CHECK(open_transaction_in("\n").empty());
  CHECK(code_of([] { (void)open_transaction_in("Permission denied\n"); }) == "runtime-refused");
  CHECK(transaction_of("Transaction created for certificate /tls/a.pem!\n\n") == "/tls/a.pem");
  CHECK(transaction_of("Transaction updated for certificate /tls/b.pem!\n\n") == "/tls/b.pem");
  CHECK(transaction_of("Can't update /tls/a.pem!\n\n").empty());
  const auto master = master_state_from(
      "#<PID>          <type>          <reloads>       <uptime>        <version>      \n25343           master         "
      " 3 "
      "[failed: 1]   0d00h00m10s     2.6.12-1+deb12u4\n# workers\n25841           worker          0               "
      "0d\n");
  REQUIRE(master);
  CHECK(master->reloads == 3);
  CHECK(master->failed == 1);
  CHECK_FALSE(master_state_from("25841           worker          0\nPermission denied\n"));
  CHECK(words_of("a\n\n b \r\n") == "a;  b");
  CHECK(words_of("\n") == "nothing");
}

TEST_CASE("a payload that went into somebody else's transaction is taken out again") {
  const Scratch scratch;
  const std::string path = (scratch.path() / "sock").string();
  Impostor haproxy(path, {"# filename\na.pem\n", "Transaction updated for certificate b.pem!\n", "aborted\n"});
  const Runtime runtime(RuntimeSocket(socket_address_from(path, "socket")));
  CHECK(code_of([&] { runtime.replace("a.pem", Secret("x\n")); }) == "transaction-open");
  CHECK(haproxy.heard() == "show ssl cert\nset ssl cert a.pem <<\nx\n\nabort ssl cert b.pem\n");
}

TEST_CASE("nobody, silence, an answer without end") {
  const Scratch scratch;
  const std::string path = (scratch.path() / "sock").string();
  const RuntimeSocket socket(socket_address_from(path, "socket"));
  CHECK(code_of([&] { (void)socket.ask("show info\n", 10s); }) == "runtime-absent");
  {
    const sys::FileDescriptor silent = listening_at(path);
    CHECK(code_of([&] { (void)socket.ask("show info\n", 100ms); }) == "runtime-silent");
  }
  CHECK(code_of([&] { (void)socket.ask("show info\n", 10s); }) == "runtime-absent");  // it is dead
  ::unlink(path.c_str());
  Impostor endless(path, {std::string(65536, 'x')}, true);
  CHECK(code_of([&] { (void)socket.ask("show info\n", kPatience); }) == "runtime-broken");
}

TEST_CASE("names and sockets that make no sense are refused with what to do") {
  CHECK(socket_address_from("/run/haproxy/admin.sock", "socket").text() == "/run/haproxy/admin.sock");
  CHECK(socket_address_from("127.0.0.1:9999", "socket").text() == "127.0.0.1:9999");
  CHECK(socket_address_from("[::1]:9999", "socket").text() == "[::1]:9999");
  for (const std::string& bad : {std::string("admin.sock"), std::string("192.0.2.1:9999"), std::string("localhost:1"),
                                 std::string("127.0.0.1:0"), std::string("127.0.0.1:x"), std::string("127.0.0.1:70000"),
                                 "/" + std::string(200, 'x')}) {
    CAPTURE(bad);
    CHECK(code_of([&] { (void)socket_address_from(bad, "socket"); }) == "bad-option");
  }
  for (const char* name : {"a b", "a;b", "a\\b", "a\nb", "*a"})
    CHECK(code_of([&] { require_sayable(name); }) == "bad-option");
  CHECK(code_of([] { require_sayable("/tls/\xc3\xa4.pem"); }).empty());
  const Scratch scratch;
  TestHost host;
  const auto plugin = [&](const std::string& runtime) {
    (void)instance<DistributorApi>("haproxy",
                                   {{"combined", (scratch.path() / "a b.pem").string()}, {"runtime", runtime}}, host);
  };
  CHECK(code_of([&] { plugin("auto"); }) == "bad-option");
  CHECK(code_of([&] { plugin("never"); }).empty());
}

TEST_CASE("a port of the loopback") {
  const Server server;
  server.start();
  TestHost host;
  const auto plugin = server.plugin(host, {{"socket", "127.0.0.1:" + std::to_string(server.runtime_port)}});
  install(*plugin, two());
  plugin->reload().value();
  CHECK(plugin->verify(two()).value().fingerprint == two().fingerprint);
  CHECK(host.state().calls.empty());
  CHECK(port_owners(server.runtime_port) == std::vector<uid_t>{::geteuid()});
  const std::string table =
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
      "   0: 0100007F:270F 00000000:0000 0A 00000000:00000000 00:00000000 00000000    33        0 1 1 0 100 0 0 10 0\n"
      "   1: 0100007F:270F 0100007F:C350 01 00000000:00000000 00:00000000 00000000    44        0 1 1 0 100 0 0 10 0\n"
      "   2: 00000000:2710 00000000:0000 0A 00000000:00000000 00:00000000 00000000    55        0 1 1 0 100 0 0 10 0\n"
      "   3: 0000:270F\n";
  CHECK(port_owners_in(table, 9999) == std::vector<uid_t>{33});
  CHECK(port_owners_in(table, 9998).empty());
}

TEST_CASE("a stranger who listens there gets nothing") {
  if (!as_root_with(Need::users)) return;
  const Scratch scratch;
  REQUIRE(::chmod(scratch.path().c_str(), 0777) == 0);
  const std::string path = (scratch.path() / "sock").string();
  int ready[2], heard[2];
  REQUIRE(::pipe(ready) == 0);
  REQUIRE(::pipe(heard) == 0);
  const std::uint16_t port = free_port();
  const pid_t stranger = ::fork();
  if (stranger == 0) {
    if (::setgid(4321) != 0 || ::setuid(4321) != 0) ::_exit(1);
    const sys::FileDescriptor local = listening_at(path);
    const sys::FileDescriptor tcp(::socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(port);
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(tcp.get(), reinterpret_cast<const sockaddr*>(&name), sizeof(name)) != 0 || ::listen(tcp.get(), 8) != 0)
      ::_exit(1);
    if (::write(ready[1], "x", 1) != 1) ::_exit(1);
    char buffer[4096];
    for (const int listening : {local.get(), tcp.get()}) {
      const int client = ::accept(listening, nullptr, nullptr);
      const ssize_t got = ::recv(client, buffer, sizeof(buffer), 0);
      if (got > 0) (void)!::write(heard[1], buffer, static_cast<std::size_t>(got));
    }
    ::_exit(0);
  }
  ::close(heard[1]);
  char byte = 0;
  REQUIRE(::read(ready[0], &byte, 1) == 1);
  for (const std::string& address : {path, "127.0.0.1:" + std::to_string(port)}) {
    const RuntimeSocket socket(socket_address_from(address, "socket"));
    CHECK(code_of([&] { (void)socket.ask("show info\n", kPatience); }) == "unsafe-socket");
  }
  CHECK(::read(heard[0], &byte, 1) == 0);  // it has ended and heard nothing
  REQUIRE(::waitpid(stranger, nullptr, 0) == stranger);
  for (const int end : {ready[0], ready[1], heard[0]}) ::close(end);
}
