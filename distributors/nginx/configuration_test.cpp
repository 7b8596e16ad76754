// nginx's configuration: its language, and which listeners show a certificate.
#include <certctl/result.hpp>

#include <algorithm>
#include <catch2/catch.hpp>

#include "distributors/nginx/listeners.hpp"
#include "tests/contract/test_host.hpp"

using namespace certctl;
using namespace certctl::nginx;
using contract::Scratch;

namespace {

std::string text_of(const std::vector<Directive>& block) {
  std::string text;
  for (const Directive& directive : block) {
    for (const std::string& word : directive.words) text += "<" + word + ">";
    text += directive.has_block ? "{" + text_of(directive.block) + "}" : ";";
  }
  return text;
}

std::string parsed(std::string_view text) {
  return text_of(parse_configuration(text, "conf"));
}

std::string refused(std::string_view text) {
  try {
    (void)parse_configuration(text, "conf");
  } catch (const Failure& failure) {
    CHECK(failure.error().code == "configuration-unreadable");
    CHECK_FALSE(failure.error().hint.empty());
    return failure.error().message;
  }
  return {};
}

// Listeners of /tls/our.pem, sorted; what is left out begins with "not ".
std::vector<std::string> asked(const std::string& text, ListenerQuery query = {}) {
  const Scratch scratch;
  const auto file = scratch.write("nginx.conf", text);
  query.certificate = "/tls/our.pem";
  const Listeners found = find_listeners(read_configuration(file.string()), query);
  std::vector<std::string> lines;
  for (const auto& listener : found.listeners) lines.push_back(probe::text_of(listener));
  for (const auto& line : found.left_out) lines.push_back("not " + line);
  if (!found.used) lines.push_back("unused");
  std::sort(lines.begin(), lines.end());
  return lines;
}

using Lines = std::vector<std::string>;

// A server with our certificate.
std::string ours(const std::string& lines) {
  return "server { ssl_certificate /tls/our.pem; ssl_certificate_key /tls/our.key; " + lines + " }\n";
}

}  // namespace

TEST_CASE("words, blocks, comments") {
  CHECK(parsed("").empty());
  CHECK(parsed("\xef\xbb\xbfuser www;") == "<user><www>;");
  CHECK(parsed("a b\tc\r\nd; # e; f\n#g\nh{i j;}k{}") == "<a><b><c><d>;<h>{<i><j>;}<k>{}");
  CHECK(parsed("a b#c;") == "<a><b#c>;");
  CHECK(parsed("a ^/b{c}$ d; }") == "<a><^/b>{<c}$><d>;}");
  CHECK(parsed("map $a $b { default 0; ~^x$ \"1\"; }") == "<map><$a><$b>{<default><0>;<~^x$><1>;}");
  CHECK(parsed("set $a ${b}c{d;}") == "<set><$a><${b}c>{<d>;}");
}

TEST_CASE("quotes and escapes") {
  CHECK(parsed("a \"b c;{}#d\" 'e \"f\"';") == "<a><b c;{}#d><e \"f\">;");
  CHECK(parsed("a \"b\\\"c\" 'd\\'e' \"f\\\\g\" \"h\\ni\\tj\\rk\" \"l\\.m\";") ==
        "<a><b\"c><d'e><f\\g><h\ni\tj\rk><l\\.m>;");
  CHECK(parsed("a b\\;c d\\ e \\#f;") == "<a><b\\;c><d\\ e><\\#f>;");
  CHECK(parsed("a \"\" '';") == "<a><><>;");
  CHECK(parsed("if ($a = \"b\") { c; }") == "<if><($a><=><b><)>{<c>;}");
  CHECK(parsed("a b\"c;") == "<a><b\"c>;");
}

TEST_CASE("what nginx does not read is refused with its line") {
  CHECK(refused(";") == "conf:1: unexpected ';'");
  CHECK(refused("a;\n{ }") == "conf:2: unexpected '{'");
  CHECK(refused("a;\n\n}") == "conf:3: unexpected '}'");
  CHECK(refused("a { b }").find("unexpected '}'") != std::string::npos);
  CHECK(refused("a {\nb;\n") == "conf:3: ends within a directive");
  CHECK(refused("a b") == "conf:1: ends within a directive");
  CHECK(refused("a \"b\nc;") == "conf:2: a quote has no end");
  CHECK(refused("a \"b\"c;").find("follows a quote") != std::string::npos);
  CHECK(refused("a b\\").find("ends within") != std::string::npos);
  std::string deep;
  for (int i = 0; i <= kMaxDepth; ++i) deep += "a{";
  CHECK(refused(deep).find("too deeply") != std::string::npos);
  CHECK(refused(std::string(kMaxConfigurationFile + 1, ' ')).find("longer") != std::string::npos);
}

TEST_CASE("includes are read where they stand") {
  const Scratch scratch;
  const auto file = scratch.write("nginx.conf", "a; include conf.d/*.conf; include none.d/*; b { include inner; }");
  scratch.write("conf.d/2.conf", "two;");
  scratch.write("conf.d/1.conf", "one;");
  scratch.write("conf.d/other", "other;");
  scratch.write("inner", "c; include " + (scratch.path() / "absolute").string() + ";");
  scratch.write("absolute", "d;");
  CHECK(text_of(read_configuration(file.string()).directives) == "<a>;<one>;<two>;<b>{<c>;<d>;}");
  const auto problem = [&] {
    try {
      (void)read_configuration(file.string());
    } catch (const Failure& failure) {
      CHECK(failure.error().code == "configuration-unreadable");
      return failure.error().message;
    }
    return std::string();
  };
  scratch.write("absolute", "include nginx.conf;");
  CHECK(problem().find("too deeply") != std::string::npos);
  scratch.write("absolute", "include missing;");
  CHECK(problem().find("missing") != std::string::npos);
  scratch.write("absolute", "d;\ne");
  CHECK(problem() == (scratch.path() / "absolute").string() + ":2: ends within a directive");
}

TEST_CASE("every address and name of a server with the certificate is asked") {
  CHECK(asked("http { server { listen 443 ssl; ssl_certificate /tls/other.pem; } }") == Lines{"unused"});
  CHECK(asked("events {} http {" +
              ours("listen 443 ssl; listen [::]:443 ssl; listen 192.0.2.1:8443 ssl; listen 80; "
                   "server_name www.example example;") +
              "}") == Lines{"127.0.0.1:443", "127.0.0.1:443 (example)", "127.0.0.1:443 (www.example)", "192.0.2.1:8443",
                            "192.0.2.1:8443 (example)", "192.0.2.1:8443 (www.example)", "[::1]:443",
                            "[::1]:443 (example)", "[::1]:443 (www.example)"});
  CHECK(asked("http {" + ours("listen 80;") + "}") == Lines{});
  CHECK(asked("http {" + ours("") + "}") == Lines{});
  CHECK(asked("http {" + ours("listen *:1-3 ssl;") + "}") == Lines{"127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"});
  CHECK(asked("http {" + ours("listen localhost:443 ssl; listen 0 ssl; listen a:b ssl;") + "}") ==
        Lines{"localhost:443"});
}

TEST_CASE("a certificate that is inherited, one of two, named relatively or through a link") {
  const std::string listens = "server { listen 443 ssl; }";
  CHECK(asked("http { ssl_certificate /tls/our.pem;" + listens + "}") == Lines{"127.0.0.1:443"});
  CHECK(asked("http { ssl_certificate /tls/our.pem; server { listen 443 ssl; ssl_certificate /tls/other.pem; } }") ==
        Lines{"unused"});
  CHECK(asked("stream { server { listen 993 ssl; ssl_certificate /tls/rsa.pem; ssl_certificate /tls/our.pem; } }") ==
        Lines{"127.0.0.1:993"});
  CHECK(asked("http { ssl_certificate /tls/$ssl_server_name.pem;" + listens + "}") == Lines{"unused"});
  const Scratch scratch;
  scratch.write("tls/our.pem", "x");
  std::filesystem::create_symlink("tls/our.pem", scratch.path() / "link.pem");
  for (const char* name : {"tls/our.pem", "./tls/../tls/our.pem", "link.pem"}) {
    CAPTURE(name);
    const auto file = scratch.write("nginx.conf", std::string("http { ssl_certificate ") + name + ";" + listens + "}");
    ListenerQuery query;
    query.certificate = (scratch.path() / "tls/our.pem").string();
    CHECK(find_listeners(read_configuration(file.string()), query).listeners.size() == 1);
  }
}

TEST_CASE("what one server says of a socket holds for all that share it") {
  const std::string other = "server { listen 443 ssl; ssl_certificate /tls/other.pem; server_name other.example; }\n";
  // the other is the default, by order
  CHECK(asked("http {" + other + ours("listen 443; server_name our.example;") + "}") ==
        Lines{"127.0.0.1:443 (our.example)"});
  // or ours is, by word
  CHECK(asked("http {" + other + ours("listen 443 default_server; server_name our.example;") + "}") ==
        Lines{"127.0.0.1:443", "127.0.0.1:443 (our.example)"});
  CHECK(asked("http { ssl on;" + ours("listen 8443;") + "}") == Lines{"127.0.0.1:8443"});
  CHECK(asked("http {" + ours("listen 443 ssl;") + "server { listen 443 proxy_protocol; } }") ==
        Lines{"not 0.0.0.0 port 443: it expects the PROXY protocol"});
}

TEST_CASE("a name that another server answers for is not asked") {
  const std::string other = "ssl_certificate /tls/other.pem; listen 443 ssl; ";
  CHECK(asked("http { server {" + other + "server_name our.example; }" +
              ours("listen 443 ssl; server_name our.example;") + "}") ==
        Lines{"not 0.0.0.0 port 443: no server name is known under which it answers with this certificate"});
  // an exact name wins over a wildcard, a longer wildcard over a shorter, all over an expression
  CHECK(asked("http { server {" + other + "server_name *.example; }" +
              ours("listen 443 ssl; server_name our.example;") + "}") == Lines{"127.0.0.1:443 (our.example)"});
  CHECK(asked("http { server {" + other + "server_name .our.example; }" +
              ours("listen 443 ssl; server_name *.example our.example;") + "}") ==
        Lines{"127.0.0.1:443 (certctl.example)", "127.0.0.1:443 (our.example)"});
  CHECK(asked("http { server {" + other + "server_name ~.; }" + ours("listen 443 ssl; server_name .example www.*;") +
              "}") ==
        Lines{"127.0.0.1:443 (certctl.example)", "127.0.0.1:443 (example)", "127.0.0.1:443 (www.certctl)"});
  CHECK(asked("http { server {" + other + "server_name certctl.example; }" +
              ours("listen 443 ssl; server_name *.example;") + "}")
            .size() == 1);
}

TEST_CASE("names that no client sends, and expressions: only the default is asked") {
  CHECK(asked("http {" + ours("listen 443 ssl; server_name _ \"\" ~^www\\d+ 192.0.2.1 $hostname ex_ä.example;") +
              "}") == Lines{"127.0.0.1:443"});
  CHECK(asked("http { server { listen 443 ssl; ssl_certificate /tls/other.pem; }" +
              ours("listen 443 ssl; server_name ~^www\\d+;") + "}") ==
        Lines{"not 0.0.0.0 port 443: no server name is known under which it answers with this certificate"});
}

TEST_CASE("all addresses become one that leads to the server and no other") {
  const std::string other =
      "server { listen 127.0.0.1:443 ssl; listen [::1]:443 ssl; ssl_certificate /tls/other.pem; }";
  CHECK(asked("http {" + other + ours("listen 443 ssl; listen [::]:443 ssl;") + "}") ==
        Lines{"127.0.0.2:443", "not :: port 443: no address of this machine leads to it and to it alone"});
  ListenerQuery query;
  query.ipv6 = false;
  CHECK(asked("http {" + ours("listen 443 ssl; listen [::]:443 ssl;") + "}", query) ==
        Lines{"127.0.0.1:443", "not :: port 443: no address of this machine leads to it and to it alone"});
  CHECK(asked("http {" + ours("listen unix:/run/x ssl; listen 443 quic; listen 443 ssl;") + "}") ==
        Lines{"127.0.0.1:443", "not 0.0.0.0 port 443: it speaks QUIC",
              "not a Unix socket: only local programs reach it"});
}

TEST_CASE("server names of the profile stand for those of the configuration") {
  ListenerQuery query;
  query.server_names = {"a.example", "b.example"};
  CHECK(asked("http {" + ours("listen 443 ssl; server_name c.example;") + "}", query) ==
        Lines{"127.0.0.1:443 (a.example)", "127.0.0.1:443 (b.example)"});
}
