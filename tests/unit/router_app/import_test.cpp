// The router app's settings as a profile, and its two lines of status.
#include "framework/compat/router_app/import.hpp"

#include <catch2/catch.hpp>

#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "framework/compat/router_app/status_lines.hpp"

using namespace certctl;
using namespace certctl::router_app;
namespace fs = std::filesystem;

namespace {

struct Scene {
  Scene() {
    char name[] = "/tmp/certctl-import-XXXXXX";
    REQUIRE(mkdtemp(name) != nullptr);
    path = name;
    fs::create_directory(path / "store");
  }
  ~Scene() { fs::remove_all(path); }
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  Import import(const std::string& settings, const std::string& previous = "") const {
    std::ofstream(path / "settings") << settings;
    ImportRequest request;
    request.settings = (path / "settings").string();
    request.store = (path / "store").string();
    request.previous = previous;
    return import_settings(request);
  }
  void put(const std::string& data, const std::string& name) const {
    fs::copy_file(fs::path(CERTCTL_TEST_DATA) / "store" / data, path / "store" / name,
                  fs::copy_options::overwrite_existing);
  }

  fs::path path;
};

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

constexpr const char* kUrl = "MOD_SCEPCLIENT_SERVER_URL='http://pki.example/scep'\n";

}  // namespace

TEST_CASE("every item of the app has its place in the profile") {
  const Scene scene;
  const Import import = scene.import(
      std::string(kUrl) +
      "MOD_SCEPCLIENT_ENABLED='1'\nMOD_SCEPCLIENT_RENEW_DAYS='21'\nMOD_SCEPCLIENT_AWAIT_RESULT='45'\n"
      "MOD_SCEPCLIENT_MAX_AWAIT_RESULT='10'\nMOD_SCEPCLIENT_LEGACY_CIPHERS='1'\nMOD_SCEPCLIENT_KEY_SIZE='4096'\n"
      "MOD_SCEPCLIENT_SUBJECT='/DC=org/DC=Test Deployment/CN=router-SN'\n"
      "MOD_SCEPCLIENT_ALT_NAME='DNS:one.domain.com,email:my@other.address RID:1.2.3.4'\n"
      "MOD_SCEPCLIENT_TEMPLATE='tls-client'\nMOD_SCEPCLIENT_DIGITAL_SIGNATURE='1'\n"
      "MOD_SCEPCLIENT_KEY_ENCIPHERMENT='0'\nMOD_SCEPCLIENT_SERVER_AUTH='1'\nMOD_SCEPCLIENT_CLIENT_AUTH='0'\n"
      "MOD_SCEPCLIENT_SUCCESS_SCRIPT='scep_replace_pem /etc/settings.ipsec K pkey; echo \"$?\"'\n"
      "MOD_SCEPCLIENT_FAILURE_SCRIPT='logger failed'\nMOD_SCEPCLIENT_CHALLENGE_FILE='/etc/secret'\n");
  CHECK(import.diagnostics.empty());
  const std::string& yaml = import.yaml;
  INFO(yaml);
  CHECK(is_generated(yaml));
  CHECK(has_line(yaml, "profile: scepclient"));
  CHECK(has_line(yaml, "    url: http://pki.example/scep"));
  CHECK(has_line(yaml, "    trust_on_first_use: true"));
  CHECK(has_line(yaml, "    challenge: { file: /etc/secret }"));
  CHECK(has_line(yaml, "    legacy: allow"));
  CHECK(has_line(yaml, "key: { file: {}, type: rsa, bits: 4096, rotate: always }"));
  CHECK(has_line(yaml, "subject: \"/DC=org/DC=Test Deployment/CN=router-SN\""));
  CHECK(has_line(yaml, "san: \"DNS:one.domain.com,email:my@other.address RID:1.2.3.4\""));
  CHECK(has_line(yaml, "template: { name: tls-client, string: bmp }"));
  CHECK(has_line(yaml, "usage: [ digitalSignature, serverAuth ]"));
  CHECK(has_line(yaml, "renew: 21d left"));
  CHECK(has_line(yaml, "pending: { poll: 45s, give_up: 30d }"));
  CHECK(has_line(yaml, "store: { scepclient: { path: " + (scene.path / "store").string() + ", keep: 3 } }"));
  CHECK(has_line(yaml,
                 "  - script: { run: \"scep_replace_pem /etc/settings.ipsec K pkey; echo \\\"$?\\\"\", undo: none, "
                 "timeout: 5m }"));
  CHECK(has_line(yaml, "  - script: { run: \"logger failed\", timeout: 5m }"));
  CHECK(has_line(yaml, "    on: [ failed ]"));
}

TEST_CASE("what is left empty is not asked for") {
  const Scene scene;
  const std::string yaml = scene.import(std::string(kUrl) + "MOD_SCEPCLIENT_SUCCESS_SCRIPT=' '\n").yaml;
  for (const char* absent : {"san:", "template:", "deliver:", "hooks:", "legacy:", "challenge:"})
    CHECK(yaml.find(absent) == std::string::npos);
}

TEST_CASE("the CA certificates in the store are pinned, however the second one is spelt") {
  for (const char* second : {"ca.crt-1", "ca.crt.1"}) {
    const Scene scene;
    scene.put("ca-issuing.pem", "ca.crt-0");
    scene.put("ca-root.pem", second);
    const Import import = scene.import(kUrl);
    CHECK(import.notes.size() == 2);
    CHECK(import.yaml.find("trust_on_first_use") == std::string::npos);
    const auto line = import.yaml.find("    ca_fingerprint: [ sha256:");
    REQUIRE(line != std::string::npos);
    CHECK(import.yaml.find(", sha256:", line) != std::string::npos);
  }
}

TEST_CASE("without a CA certificate the first one met is trusted, and that is said") {
  const Scene scene;
  const Import import = scene.import(kUrl);
  REQUIRE(import.notes.size() == 1);
  CHECK(import.notes.front().find("met first is trusted") != std::string::npos);
}

TEST_CASE("the pins of the first import stay: others would be a new issuer") {
  const Scene scene;
  const std::string first = scene.import(kUrl).yaml;
  scene.put("ca-root.pem", "ca.crt-0");
  CHECK(scene.import(kUrl, first).yaml == first);
  const std::string second = scene.import(kUrl).yaml;
  CHECK(second.find("ca_fingerprint") != std::string::npos);
  fs::remove(scene.path / "store" / "ca.crt-0");
  CHECK(scene.import(kUrl, second).yaml == second);
}

TEST_CASE("a stated fingerprint counts instead of what was found") {
  const Scene scene;
  scene.put("ca-root.pem", "ca.crt-0");
  const std::string stated = "sha256:" + std::string(64, 'a');
  const std::string yaml = scene.import(std::string(kUrl) + "MOD_SCEPCLIENT_CA_FINGERPRINT='" + stated + "'\n").yaml;
  CHECK(has_line(yaml, "    ca_fingerprint: [ " + stated + " ]"));
}

TEST_CASE("hostile values stay inside of their scalar") {
  const Scene scene;
  const std::string yaml = scene
                               .import(std::string(kUrl) +
                                       "MOD_SCEPCLIENT_TEMPLATE='x, string: utf8 }'\n"
                                       "MOD_SCEPCLIENT_SUCCESS_SCRIPT='a\nhooks: []\n# \"b\"'\n")
                               .yaml;
  CHECK(has_line(yaml, "template: { name: \"x, string: utf8 }\", string: bmp }"));
  CHECK(yaml.find("\nhooks:") == std::string::npos);
}

TEST_CASE("errors give no profile, and a file that is missing is a failure") {
  const Scene scene;
  CHECK(scene.import("MOD_SCEPCLIENT_ENABLED='0'\n").yaml.empty());  // nothing can be asked without a server
  CHECK(scene.import(std::string(kUrl) + "oops\n").yaml.empty());
  ImportRequest request;
  request.settings = (scene.path / "none").string();
  CHECK_THROWS_AS(import_settings(request), Failure);
}

TEST_CASE("the two lines of status, word for word") {
  const auto lines = [](bool automation, const char* transaction, const char* serial, bool failed = false) {
    const StatusLines made = status_lines({automation, transaction, failed, serial});
    return made.module + " | " + made.certificate;
  };
  const std::string enrolled = "Certificate enrolled as 11FF3FAA993B23E3BDA8";
  const char* serial = "11FF3FAA993B23E3BDA8";
  CHECK(lines(false, "none", "") == "Module scepClient disabled | Certificate not enrolled");
  CHECK(lines(false, "none", serial) == "Module scepClient disabled | " + enrolled);
  CHECK(lines(false, "pending", serial) == "Module scepClient disabled | " + enrolled);
  CHECK(lines(true, "none", "") == "Module scepClient not running | Certificate not enrolled");
  CHECK(lines(true, "none", serial) == "Module scepClient not running | " + enrolled);
  for (const char* open : {"enrolling", "pending", "in_doubt", "issued"}) {
    CHECK(lines(true, open, "") == "Module scepClient running | Certificate enrollment");
    CHECK(lines(true, open, serial) == "Module scepClient running | Certificate re-enrollment");
  }
  for (const char* ended : {"failed", "rejected"}) {
    CHECK(lines(true, ended, "", true) == "Module scepClient not running | Certificate not enrolled");
    CHECK(lines(true, ended, serial, true) == "Module scepClient not running | " + enrolled);
  }
  CHECK(lines(true, "enrolling", serial, true) == "Module scepClient not running | " + enrolled);
}
