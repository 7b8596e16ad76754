// Hashes: what changes them, what does not, and values that must never change by themselves.
#include "framework/config/profile_hash.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/config/scene.hpp"

using namespace certctl;
using namespace certctl::config;
using namespace certctl::config_test;

namespace {

using Changes = std::map<std::string, std::string>;

ProfileHashes hashes(const Changes& changes) {
  return hash_profile(good_profile(changes));
}

struct Difference {
  bool request = false;
  bool subject = false;
  bool issuer = false;
  bool configuration = false;
  friend bool operator==(const Difference&, const Difference&) = default;
};
std::ostream& operator<<(std::ostream& out, const Difference& d) {
  return out << "request " << d.request << " subject " << d.subject << " issuer " << d.issuer << " configuration "
             << d.configuration;
}

Difference difference(const ProfileHashes& a, const ProfileHashes& b) {
  return {a.request != b.request, a.subject != b.subject, a.issuer != b.issuer, a.configuration != b.configuration};
}
Difference change(const Changes& a, const Changes& b) {
  return difference(hashes(a), hashes(b));
}

constexpr Difference kNone{};
constexpr Difference kConfiguration{false, false, false, true};
constexpr Difference kRequest{true, false, false, true};
constexpr Difference kSubject{true, true, false, true};
constexpr Difference kIssuer{true, false, true, true};

const std::string kIssuerText = "{ scep: { url: u, ca_file: /x";

Changes issuer(const std::string& more) {
  return {{"issuer", kIssuerText + more + " } }"}};
}

}  // namespace

TEST_CASE("hashes are the same in every version of certctl") {
  // Computed by another program (sha256 over "name length:value" lines).
  // A profile made by hand, so that no loader and no default is in it. Whoever changes these values renews every
  // certificate in the field at the next update.
  Profile p;
  p.issuers.resize(1);
  p.issuers[0].plugin = "scep";
  p.issuers[0].options.set("url", std::string("http://pki.example/scep"));
  p.issuers[0].options.set("ca_fingerprint", std::vector<std::string>{"b", "a"});
  p.issuers[0].options.set("timeout", std::chrono::seconds(60));
  p.issuers[0].identity = {"ca_fingerprint", "url"};
  p.key_provider.plugin = "file";
  p.request.subject = {{"DC", "org", false}, {"CN", "router-1", false}, {"OU", "x", true}};
  p.request.alt_names = {{AltNameKind::ip, "192.0.2.1"}, {AltNameKind::dns, "One.Example"}};
  p.request.certificate_template = {"tls", TemplateString::bmp};
  p.request.usage = {"serverAuth", "digitalSignature"};
  p.store.plugin = "scepclient";
  const ProfileHashes h = hash_profile(p);
  CHECK(h.request == "7d1b862e977f8960cb5958d0193ac9859bd5c92cf3b5107fa3d2170b5771df7e");
  CHECK(h.subject == "09fd13f02ce406655c565ffa7ac5043a90007d2df376224ffa99e129c6f0403f");
  CHECK(h.issuer == "ca5185e4e6994f21eca0ee7c33d97d911bf7f3748f748c6d5a5c3a9b50fd03a3");
  CHECK(h.configuration == "6e187ab8bd31cc249bb9df9641e0656c36fb6b06803658d3b41d9fa4117b05ae");
}

TEST_CASE("hashes do not depend on order or spelling") {
  CHECK(change({{"issuer", "{ scep: { url: u, ca_file: /x, ca_identifier: i } }"}},
               {{"issuer", "{ scep: { ca_identifier: i, ca_file: /y/../x, url: \"u\" } }"}}) == kNone);
  CHECK(change({{"issuer", "{ scep: { url: u, ca_fingerprint: [ a, b ] } }"}},
               {{"issuer", "{ scep: { url: u, ca_fingerprint: [ b, a ] } }"}}) == kNone);
  CHECK(change({{"san", "[ \"DNS:a.example\", \"IP:192.0.2.1\" ]"}}, {{"san", "\"IP:192.0.2.1,DNS:A.Example\""}}) ==
        kNone);
  CHECK(change({{"usage", "[ serverAuth, digitalSignature, nonRepudiation ]"}},
               {{"usage", "[ contentCommitment, digitalSignature, 1.3.6.1.5.5.7.3.1 ]"}}) == kNone);
  CHECK(change({{"key", "{ type: rsa, bits: 2048 }"}}, {}) == kNone);
  CHECK(change({{"subject", "/cn=host"}}, {}) == kNone);
}

TEST_CASE("a default that is written out changes nothing") {
  CHECK(change(issuer(""), issuer(", trust_on_first_use: false, timeout: 60s, http: auto")) == kNone);
}

TEST_CASE("what is asked of the issuer is drift") {
  CHECK(change({{"subject", "/CN=other"}}, {}) == kSubject);
  CHECK(change({{"subject", "/CN=host/O=x"}}, {{"subject", "/CN=host+O=x"}}) == kSubject);
  CHECK(change({{"subject", "/O=x/CN=host"}}, {{"subject", "/CN=host/O=x"}}) == kSubject);
  CHECK(change({{"san", "DNS:a.example"}}, {}) == kRequest);
  CHECK(change({{"san", "DNS:a.example"}}, {{"san", "URI:http://a.example"}}) == kRequest);
  CHECK(change({{"usage", "serverAuth"}}, {}) == kRequest);
  CHECK(change({{"template", "{ name: t }"}}, {}) == kRequest);
  CHECK(change({{"template", "{ name: t }"}}, {{"template", "{ name: t, string: utf8 }"}}) == kRequest);
  CHECK(change({{"key", "{ bits: 3072 }"}}, {}) == kRequest);
  CHECK(change({{"issuer", "{ other: {} }"}, {"key", "{ type: ec }"}}, {{"issuer", "{ other: {} }"}}) == kRequest);
  CHECK(change(issuer(""), issuer(", ca_identifier: i")) == kIssuer);
  CHECK(change(issuer(""), {{"issuer", "{ other: {} }"}}) == kIssuer);
}

TEST_CASE("what the issuer does not see is no drift, but a change") {
  CHECK(change(issuer(""), issuer(", timeout: 61s")) == kConfiguration);
  CHECK(change(issuer(""), issuer(", challenge: secret")) == kConfiguration);
  CHECK(change(issuer(", challenge: secret"), issuer(", challenge: other")) == kConfiguration);
  CHECK(change({{"key", "{ rotate: never }"}}, {}) == kConfiguration);
  CHECK(change({{"renew", "20% left"}}, {}) == kConfiguration);
  CHECK(change({{"names", "refuse"}}, {}) == kConfiguration);
  CHECK(change({{"pending", "{ poll: 61s }"}}, {}) == kConfiguration);
  CHECK(change({{"store", "{ scepclient: { path: /other } }"}}, {}) == kConfiguration);
  CHECK(change({{"deliver", "[ { script: { run: x } } ]"}}, {}) == kConfiguration);
  CHECK(change({{"deliver", "[ { script: { run: x } } ]"}}, {{"deliver", "[ { script: { run: [ x ] } } ]"}}) ==
        kConfiguration);
  CHECK(change({{"hooks", "[ { syslog: , on: failed } ]"}}, {{"hooks", "[ { syslog: , on: pending } ]"}}) ==
        kConfiguration);
}

TEST_CASE("a challenge or a CA file that is exchanged is a change, without its content") {
  Scene scene;
  scene.profile("p", profile_text({{"issuer", "{ scep: { url: u, ca_file: ../ca, challenge: { file: ../c } } }"}}));
  const auto now = [&] { return hash_profile(*scene.load().find("p")); };
  const ProfileHashes absent = now();
  scene.directory.write("c", "one");
  const ProfileHashes one = now();
  CHECK(difference(absent, one) == kConfiguration);
  CHECK(difference(one, now()) == kNone);
  scene.directory.write("c", "three");
  CHECK(difference(one, now()) == kConfiguration);
  const ProfileHashes before = now();
  scene.directory.write("ca", "pem");
  CHECK(difference(before, now()) == kConfiguration);
}
