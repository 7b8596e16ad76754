// Requests to the page of a module whose programs are scripts that say what they were called with.
#include "framework/compat/router_page/page.hpp"

#include <catch2/catch.hpp>

#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "framework/compat/router_page/cgi.hpp"
#include "framework/page/form.hpp"

using namespace certctl;
using namespace certctl::page;
using namespace certctl::router_page;
namespace fs = std::filesystem;

namespace {

constexpr long long kNow = 1800000000;

struct Scene {
  Scene() {
    char name[] = "/tmp/certctl-page-XXXXXX";
    REQUIRE(mkdtemp(name) != nullptr);
    path = name;
    for (const char* part : {"bin", "etc", "licenses", "store"}) fs::create_directory(path / part);
    script(
        "bin/certctl",
        "case $* in *--router-app) echo '{\"module\":\"Module scepClient not running\",\"certificate\":\"Certificate "
        "enrolled as AB\",\"running\":false}';; *) cat \"" +
            (path / "status").string() + "\";; esac");
    script("etc/init", "echo \"$*\" >>\"" + (path / "calls").string() + "\"");
    write("status", R"({"profiles":[{"profile":"scepclient","subject":"CN=<b>x</b>"}]})");
    write("licenses/x.txt", "<i>free</i>");
  }
  ~Scene() { fs::remove_all(path); }
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  void write(const std::string& name, const std::string& text) const { std::ofstream(path / name) << text; }
  void script(const std::string& name, const std::string& text) const {
    write(name, "#!/bin/sh\n" + text + "\n");
    fs::permissions(path / name, fs::perms::owner_all);
  }
  [[nodiscard]] std::string read(const std::string& name) const {
    std::ifstream in(path / name);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  [[nodiscard]] Response ask(const Request& request) const {
    const Module module(path.string(), "", (path / "store").string());
    return answer(request, module, {"router-1", kNow});
  }
  [[nodiscard]] Response get(const std::string& query) const {
    Request request;
    request.method = "GET";
    request.query = query;
    request.host = "192.168.1.1";
    return ask(request);
  }
  [[nodiscard]] std::string token() const {
    const std::string html = get("page=global").body;
    const std::string mark = "name=\"token\" value=\"";
    const auto begin = html.find(mark) + mark.size();
    return html.substr(begin, html.find('"', begin) - begin);
  }
  // A good form; `more` is appended.
  [[nodiscard]] Request form(const std::string& more) const {
    Request request;
    request.method = "POST";
    request.query = "page=global";
    request.host = "192.168.1.1";
    request.origin = "http://192.168.1.1";
    request.content_type = "application/x-www-form-urlencoded";
    request.body = "token=" + token() + "&SUBJECT=%2FCN%3Drouter-SN" + more;
    return request;
  }
  [[nodiscard]] bool touched() const { return fs::exists(path / "etc/settings") || fs::exists(path / "calls"); }

  fs::path path;
};

}  // namespace

TEST_CASE("the pages are shown, and nothing is touched") {
  const Scene scene;
  for (const char* query : {"", "page=global", "page=status", "page=licenses", "page=style"}) {
    CHECK(scene.get(query).status == 200);
    CHECK_FALSE(scene.touched());
  }
  CHECK(scene.get("page=nonsense").status == 404);
  CHECK(scene.get("page=global&x=%").status == 200);
  CHECK(scene.get("page=status").body.find("Module scepClient not running\nCertificate enrolled as AB") !=
        std::string::npos);
  CHECK(scene.get("page=status").body.find("CN=&lt;b&gt;x&lt;/b&gt;") != std::string::npos);
  CHECK(scene.get("page=licenses").body.find("&lt;i&gt;free&lt;/i&gt;") != std::string::npos);
}

TEST_CASE("Apply writes the settings, all others of the file stay, and starts the check") {
  const Scene scene;
  scene.write("etc/settings", "# mine\nX=1\nMOD_SCEPCLIENT_RENEW_DAYS=5\n");
  const Response response =
      scene.ask(scene.form("&ENABLED=1&SERVER_URL=http%3A%2F%2Fpki%2Fscep&RENEW_DAYS=+21+&SUCCESS_SCRIPT=a%0D%0Ait's"));
  CHECK(response.status == 200);
  CHECK(response.body.find("checked in the background") != std::string::npos);
  CHECK(scene.read("calls") == "restart\n");
  const std::string settings = scene.read("etc/settings");
  CHECK(settings.find("# mine\nX=1\nMOD_SCEPCLIENT_RENEW_DAYS='21'\n") == 0);
  CHECK(settings.find("\nMOD_SCEPCLIENT_ENABLED='1'\n") != std::string::npos);
  CHECK(settings.find("\nMOD_SCEPCLIENT_SUCCESS_SCRIPT='a\nit'\\''s'\n") != std::string::npos);
  // A box that is not ticked is off.
  CHECK(settings.find("\nMOD_SCEPCLIENT_CLIENT_AUTH='0'\n") != std::string::npos);
}

TEST_CASE("settings that sh cannot read are put aside, not written after") {
  const Scene scene;
  scene.write("etc/settings", "A='never ends\n");
  CHECK(scene.get("page=global").body.find("the quote of A never ends") != std::string::npos);
  CHECK(scene.ask(scene.form("")).status == 200);
  CHECK(scene.read("etc/settings").find("never ends") == std::string::npos);
  CHECK(scene.read("etc/settings.unreadable") == "A='never ends\n");
}

TEST_CASE("wrong values are shown beside their fields, and nothing is saved") {
  const Scene scene;
  const Response response = scene.ask(scene.form("&ENABLED=1&RENEW_DAYS=0&TEMPLATE=%22%3E%3Cscript%3E"));
  CHECK(response.status == 422);
  CHECK_FALSE(scene.touched());
  CHECK(response.body.find("Renew day must be a number from 1 to 3650") != std::string::npos);
  CHECK(response.body.find("Server URL is missing") != std::string::npos);
  CHECK(response.body.find("<script>") == std::string::npos);
  CHECK(response.body.find("value=\"&quot;&gt;&lt;script&gt;\"") != std::string::npos);
  CHECK(response.body.find("name=\"ENABLED\" value=\"1\" checked") != std::string::npos);
}

TEST_CASE("what is not this page's own form changes nothing") {
  const Scene scene;
  const auto refused = [&](int status, const auto& change) {
    Request request = scene.form("");
    change(request);
    CHECK(scene.ask(request).status == status);
    CHECK_FALSE(scene.touched());
  };
  refused(403, [](Request& r) { r.origin = "http://evil.example"; });
  refused(403, [](Request& r) { r.origin = "null"; });
  refused(403, [](Request& r) { r.origin = ""; });
  refused(403, [](Request& r) { r.fetch_site = "cross-site"; });
  refused(403, [](Request& r) { r.body = "SUBJECT=%2FCN%3Dx"; });
  refused(403, [](Request& r) { r.body = "token=0&SUBJECT=%2FCN%3Dx"; });
  refused(403, [](Request& r) { r.user = "somebody"; });
  refused(421, [](Request& r) { r.host = "evil.example", r.origin = "http://evil.example"; });
  refused(421, [](Request& r) { r.host = ""; });
  refused(415, [](Request& r) { r.content_type = "text/plain"; });
  refused(415, [](Request& r) { r.content_type = "multipart/form-data"; });
  refused(400, [](Request& r) { r.body += "&a=%zz"; });
  refused(400, [](Request& r) { r.body += "&SUBJECT=2"; });
  refused(413, [](Request& r) { r.body_too_long = true; });
  refused(404, [](Request& r) { r.query = "page=status"; });
  refused(405, [](Request& r) { r.method = "PUT"; });
  // The same as GET is only looked at.
  Request get = scene.form("");
  get.method = "GET";
  get.query = "page=global&" + get.body;
  CHECK(scene.ask(get).status == 200);
  CHECK_FALSE(scene.touched());
}

TEST_CASE("names of the page come from the settings") {
  const Scene scene;
  scene.write("etc/settings", "MOD_SCEPCLIENT_PAGE_HOSTS='a.example, router.example'\n");
  Request request;
  request.method = "GET";
  request.host = "router.example:8080";
  CHECK(scene.ask(request).status == 200);
  request.host = "b.example";
  CHECK(scene.ask(request).status == 421);
}

TEST_CASE("the secret of the tokens is nobody else's, and never shown") {
  const Scene scene;
  (void)scene.token();
  struct stat status {};
  REQUIRE(stat((scene.path / "etc/.page-secret").c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0600);
  const std::string secret = scene.read("etc/.page-secret");
  CHECK(secret.size() == 64);
  for (const char* query : {"page=global", "page=status", "page=licenses"})
    CHECK(scene.get(query).body.find(secret) == std::string::npos);
}

TEST_CASE("a status that cannot be read is a page all the same") {
  const Scene scene;
  for (const char* status : {"", "no json", "[]", "{\"profiles\": 7}", "{\"profiles\": [7, null, {\"targets\": 3}]}",
                             "{\"profiles\": [{\"due\": {\"action\": 7}, \"last_error\": {}}]}"}) {
    scene.write("status", status);
    CHECK(scene.get("page=status").status == 200);
  }
  scene.script("bin/certctl", "echo '<b>broken</b>' >&2; exit 2");
  const Response response = scene.get("page=status");
  CHECK(response.status == 200);
  CHECK(response.body.find("&lt;b&gt;broken") != std::string::npos);
  fs::remove(scene.path / "bin/certctl");
  CHECK(scene.get("page=status").status == 200);
}

TEST_CASE("every answer forbids scripts and frames") {
  const Scene scene;
  const std::string text = cgi_text(scene.get("page=global"));
  CHECK(text.find("Status: 200 OK\r\n") == 0);
  CHECK(text.find("Content-Security-Policy: default-src 'none'; style-src 'self'") != std::string::npos);
  CHECK(text.find("X-Frame-Options: DENY\r\n") != std::string::npos);
  CHECK(text.find("Cache-Control: no-store\r\n") != std::string::npos);
}
