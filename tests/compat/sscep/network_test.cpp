// URLs, proxies, addresses, retries, TLS.
#include "tests/compat/sscep/site.hpp"

#include "framework/sys/subprocess.hpp"

#include <catch2/catch.hpp>

#include <csignal>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

using namespace sscep_test;

namespace {

Outcome caps(const Site& site, const std::string& url, const Words& more = {}) {
  return site.sscep(Words{"getcaps", "-u", url} + more);
}

std::string authority() {
  return "127.0.0.1:" + std::to_string(responder().port());
}

std::string last_target() {
  const auto seen = responder().seen();
  return seen.empty() ? "" : seen.back().target;
}

// openssl's own server, answering every request with one of the files in a directory.
class TlsServer {
 public:
  explicit TlsServer(const std::string& directory) : port_(net::test::free_port()), pid_(::fork()) {
    if (pid_ != 0) return;
    const std::string address = "127.0.0.1:" + std::to_string(port_);
    if (::chdir(directory.c_str()) == 0)
      ::execlp("openssl", "openssl", "s_server", "-quiet", "-accept", address.c_str(), "-cert", "tls.pem", "-key",
               "tls-key.pem", "-WWW", nullptr);
    ::_exit(99);
  }
  ~TlsServer() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;
  [[nodiscard]] std::string url() const { return "https://localhost:" + std::to_string(port_) + "/caps"; }

 private:
  int port_;
  pid_t pid_;
};

}  // namespace

TEST_CASE("RT-3: https with the CA that --tls-ca names, and without it exit 95") {
  const Site site;
  const crypto::Key key = key_number(1);
  CertificateRequest wanted;
  wanted.subject = {{"CN", "localhost", false}};
  wanted.alt_names = {{AltNameKind::dns, "localhost"}};
  const crypto::Csr csr = crypto::Csr::from_der(crypto::build_csr(wanted, key, Secret()));
  site.write("tls.pem", responder().issue(csr, responder().root()).to_pem());
  site.write("tls-key.pem", key.to_pem_pkcs8().reveal());
  const TlsServer server(site.path("."));
  Outcome with_ca;
  for (int i = 0; i < 200; ++i) {  // it is starting
    with_ca = caps(site, server.url(), {"--tls-ca", "ca.pem"});
    if (with_ca.code == 0) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  INFO(with_ca.err);
  CHECK(with_ca.code == 0);
  const Outcome without = caps(site, server.url());
  CHECK(without.code == 95);
  CHECK(without.warns("--tls-ca"));
  CHECK(caps(site, server.url(), {"--tls-ca", "missing.pem"}).code == 93);
}

TEST_CASE("RT-7: literal addresses of IPv6") {
  const Site site;
  Responder six(0, true);
  const std::string host = "[::1]:" + std::to_string(six.port());
  CHECK(caps(site, "http://" + host + "/scep").code == 0);
  REQUIRE(six.seen().size() == 1);
  CHECK(six.seen()[0].host == host);
  CHECK(six.seen()[0].target == "/scep?operation=GetCACaps");
  // Without a port it is port 80, where hopefully nobody is; the address is understood.
  CHECK(caps(site, "http://[::1]/scep").err.find("http://[::1]/scep") != std::string::npos);
}

TEST_CASE("RT-8: a proxy gets the whole URL, and the origin's Host") {
  const Site site;
  CHECK(caps(site, "http://ca.example.invalid:8080/scep", {"-p", authority()}).code == 0);
  const auto seen = responder().seen();
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].target == "http://ca.example.invalid:8080/scep?operation=GetCACaps");
  CHECK(seen[0].host == "ca.example.invalid:8080");
  CHECK(caps(site, "http://ca.example.invalid/", {"-p", "not a proxy"}).code == 1);
}

TEST_CASE("RT-23: Host carries the port") {
  const Site site;
  CHECK(caps(site, responder().url()).code == 0);
  CHECK(responder().seen().at(0).host == authority());
}

TEST_CASE("RT-34: a long request goes by POST, and by GET is refused with a clear error", "[SCEP-135]") {
  Site site;
  CertificateRequest wanted;
  wanted.subject = {{"CN", "router", false}};
  for (int i = 0; i < 800; ++i)
    wanted.alt_names.push_back({AltNameKind::dns, "name-" + std::to_string(i) + ".of.a.long.list.example.org"});
  const crypto::Csr csr = crypto::Csr::from_der(crypto::build_csr(wanted, key_number(1), Secret()));
  REQUIRE(csr.der().size() > 28U * 1024U);
  site.write("req.pem", csr.to_pem());
  CHECK(site.enroll("").code == 0);
  const Outcome by_get = site.enroll("caps=AES,SHA-256/long=8000");
  CHECK(by_get.code == 95);
  CHECK(by_get.warns("414"));
  CHECK(by_get.warns("too long for a URL"));
}

TEST_CASE("RT-36: a truncated reply is noticed") {
  const Site site;
  CHECK(site.enroll("body=truncated").code == 95);
  CHECK(site.enroll("body=keep-alive").code == 0);
}

TEST_CASE("RT-37: paths with a colon, empty paths, URLs that have a query", "[SCEP-034]") {
  const Site site;
  const std::string base = "http://" + authority();
  const auto target = [&](const std::string& url) {
    CHECK(caps(site, url).code == 0);
    return last_target();
  };
  CHECK(target(base + "/a:b/scep") == "/a:b/scep?operation=GetCACaps");
  CHECK(target(base) == "/?operation=GetCACaps");
  CHECK(target(base + "/") == "/?operation=GetCACaps");
  CHECK(target(base + "/scep?") == "/scep?operation=GetCACaps");
  CHECK(target(base + "/scep?realm=a") == "/scep?realm=a&operation=GetCACaps");
  CHECK(target(base + "/mscep.dll/") == "/mscep.dll/?operation=GetCACaps");
  for (const char* bad : {"ftp://127.0.0.1/", "127.0.0.1/scep", "http://127.0.0.1:99999/", "http://", "http://a b/"}) {
    INFO(bad);
    CHECK(caps(site, bad).code == 1);
  }
}

TEST_CASE("RT-42: identifiers and monitor information never break the request") {
  const Site site;
  const auto get_ca = [&](const Words& more) {
    const Outcome outcome = site.sscep(Words{"getca", "-u", responder().url(), "-c", "out"} + more);
    CHECK(outcome.code == 0);
    return responder().seen().back();
  };
  CHECK(get_ca({"-i", "My CA & co #1"}).identifier == "My CA & co #1");
  const Seen seen = get_ca({"-M", "a=b", "-M", "c=d e#f%20"});
  CHECK(seen.target.ends_with("operation=GetCACert&a=b&c=d%20e%23f%20"));
  const auto all = responder().seen();
  CHECK(all.front().target.ends_with("operation=GetCACaps"));  // not sent there
  CHECK(site.enroll("", {"-M", "a=b"}).code == 0);
  CHECK(responder().messages().at(0).target.ends_with("operation=PKIOperation&a=b"));
}

TEST_CASE("RT-43: a server that closes the connection on GetCACaps has no capabilities", "[SCEP-048]") {
  const Site site;
  const Outcome outcome = site.enroll("caps-close=1");
  CHECK(outcome.code == 0);
  CHECK(responder().messages().at(0).method == "GET");
  CHECK(site.sscep({"getca", "-u", responder().url("caps-close=1"), "-c", "out"}).code == 0);
}

TEST_CASE("nobody listens: 95 at once; with -W only after trying again") {
  const Site site;
  const std::string dead = "http://127.0.0.1:" + std::to_string(net::test::free_port()) + "/scep";
  const Outcome at_once = caps(site, dead);
  CHECK(at_once.code == 95);
  CHECK(at_once.warns("error while sending message"));
  const auto before = std::chrono::steady_clock::now();
  const Outcome later = caps(site, dead, {"-W", "2"});
  CHECK(later.code == 95);
  const auto took = std::chrono::steady_clock::now() - before;
  CHECK(took >= std::chrono::seconds(2));
  CHECK(took < std::chrono::seconds(20));
  CHECK(later.warns("trying again in 1 s"));
}

TEST_CASE("-W bridges a server that is late") {
  const Site site;
  const int port = net::test::free_port();
  std::optional<Responder> late;
  std::thread starter([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    late.emplace(port);
  });
  const Outcome outcome = caps(site, "http://127.0.0.1:" + std::to_string(port) + "/scep", {"-W", "30"});
  starter.join();
  INFO(outcome.err);
  CHECK(outcome.code == 0);
}
