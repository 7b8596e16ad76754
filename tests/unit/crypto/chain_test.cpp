#include "framework/crypto/chain.hpp"
#include "framework/crypto/alt_name.hpp"
#include "framework/crypto/der.hpp"
#include "framework/crypto/name.hpp"
#include "framework/crypto/self_signed.hpp"
#include "tests/unit/crypto/openssl_program.hpp"
#include "tests/unit/crypto/scene.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace certctl;
using namespace certctl::crypto;
using namespace crypto_test;

namespace {

using List = std::vector<Certificate>;

// root (RSA) → upper (EC) → lower (RSA): an EC CA over RSA and the reverse.
struct Tree {
  Issuer upper{make_intermediate_ca(root(), ec_key(0), ca_spec("/O=Test/CN=Upper", 0, 2000)), ec_key(0)};
  Issuer lower{make_intermediate_ca(upper, rsa_key(1), ca_spec("/O=Test/CN=Lower", 0, 1000)), rsa_key(1)};
  Certificate end = leaf(lower, "/CN=router", ec_key(3), 0, 365);
};

const Tree& tree() {
  static const Tree kTree;
  return kTree;
}

std::string code(const Certificate& leaf, const List& candidates, const List& anchors,
                 std::optional<TimePoint> at = day(1)) {
  return code_of([&] { (void)build_path(leaf, candidates, anchors, at); });
}

// openssl's opinion of the same path.
bool openssl_verifies(const Certificate& leaf, const List& candidates, const List& anchors, TimePoint at) {
  const TempDirectory directory;
  const auto bundle = [](const List& list) {
    std::string all;
    for (const Certificate& one : list) all += one.to_pem();
    return all;
  };
  std::vector<std::string> words{"verify",
                                 "-partial_chain",
                                 "-purpose",
                                 "any",
                                 "-attime",
                                 std::to_string(std::chrono::system_clock::to_time_t(at)),
                                 "-CAfile",
                                 directory.write("anchors", bundle(anchors)),
                                 "-untrusted",
                                 directory.write("candidates", bundle(candidates)),
                                 directory.write("leaf", leaf.to_pem())};
  try {
    (void)openssl(words);
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace

TEST_CASE("a path is found whatever the order of the candidates") {
  const Tree& t = tree();
  List candidates{t.upper.certificate, t.lower.certificate, root().certificate, t.end};
  std::sort(candidates.begin(), candidates.end(),
            [](const Certificate& a, const Certificate& b) { return a.fingerprint() < b.fingerprint(); });
  do {
    const List path = build_path(t.end, candidates, List{root().certificate}, day(1));
    REQUIRE(path.size() == 2);
    CHECK(path[0] == t.lower.certificate);
    CHECK(path[1] == t.upper.certificate);
  } while (std::next_permutation(candidates.begin(), candidates.end(),
                                 [](const auto& a, const auto& b) { return a.fingerprint() < b.fingerprint(); }));
  CHECK(openssl_verifies(t.end, candidates, {root().certificate}, day(1)));
}

TEST_CASE("an anchor may be an intermediate, the issuer, or the certificate itself") {
  const Tree& t = tree();
  const List all{t.upper.certificate, t.lower.certificate};
  CHECK(build_path(t.end, all, List{t.upper.certificate}, day(1)) == List{t.lower.certificate});
  CHECK(build_path(t.end, {}, List{t.lower.certificate}, day(1)).empty());
  CHECK(build_path(t.end, {}, List{t.end}, day(1)).empty());
  CHECK(build_path(t.end, all, List{root().certificate, t.lower.certificate}, day(1)).empty());
  CHECK(build_path(root().certificate, {}, List{root().certificate}, day(1)).empty());
}

TEST_CASE("no path: nothing leads to an anchor", "[SCEP-008]") {
  const Tree& t = tree();
  CHECK(code(t.end, {}, {root().certificate}) == "path-none");
  CHECK(code(t.end, {t.upper.certificate}, {root().certificate}) == "path-none");
  CHECK(code(t.end, {t.upper.certificate, t.lower.certificate}, {}) == "path-none");
  const Certificate self =
      make_self_signed(name_der(parse_subject("/CN=me")), ec_key(3), day(1), std::chrono::hours(1));
  CHECK(code(self, {self}, {root().certificate}) == "path-none");
  const std::string message = message_of([&] { (void)build_path(t.end, {}, List{root().certificate}, day(1)); });
  CHECK(message == "no path leads from 'CN=router', issued by 'CN=Lower,O=Test', to a trust anchor");
}

TEST_CASE("time is judged for every certificate of the path, or for none", "[SCEP-008]") {
  const Tree& t = tree();
  const List all{t.upper.certificate, t.lower.certificate};
  const List anchors{root().certificate};
  for (const int when : {-1, 0, 364, 366, 999, 1001, 3651}) {
    INFO(when);
    const bool valid = when >= 0 && when <= 365;
    CHECK((code(t.end, all, anchors, day(when)).empty()) == valid);
    CHECK(openssl_verifies(t.end, all, anchors, day(when)) == valid);
    if (!valid) CHECK(code(t.end, all, anchors, day(when)) == "path-expired");
  }
  CHECK(code(t.end, all, anchors, std::nullopt).empty());
  const Certificate lasting = leaf(t.lower, "/CN=lasting", ec_key(3), 0, 3000);
  CHECK(message_of([&] { (void)build_path(lasting, all, anchors, day(1500)); }) == "'CN=Lower,O=Test' has expired");
}

TEST_CASE("an expired CA certificate does not hide its valid successor") {
  const Tree& t = tree();
  const Issuer old{make_intermediate_ca(t.upper, rsa_key(1), ca_spec("/O=Test/CN=Lower", 0, 10)), rsa_key(1)};
  const Certificate end = leaf(t.lower, "/CN=x", ec_key(3), 0, 365);
  const List path = build_path(end, List{old.certificate, t.upper.certificate, t.lower.certificate},
                               List{root().certificate}, day(50));
  REQUIRE(path.size() == 2);
  CHECK(path[0] == t.lower.certificate);
}

TEST_CASE("an end entity cannot issue, nor a CA whose usage forbids it") {
  const Certificate ordinary = leaf(root(), "/CN=ordinary", rsa_key(2));
  const Certificate forged = leaf({ordinary, rsa_key(2)}, "/CN=forged", ec_key(3));
  CHECK(code(forged, {ordinary}, {root().certificate}) == "path-not-ca");
  CHECK_FALSE(openssl_verifies(forged, {ordinary}, {root().certificate}, day(1)));
  CHECK(code(forged, {}, {ordinary}) == "path-not-ca");  // also when somebody pinned it

  CaSpec spec = ca_spec("/CN=Signs nothing");
  spec.key_usage = kDigitalSignature | kKeyEncipherment;
  const Issuer mute{make_intermediate_ca(root(), rsa_key(2), spec), rsa_key(2)};
  const Certificate end = leaf(mute, "/CN=x", ec_key(3));
  CHECK(code(end, {mute.certificate}, {root().certificate}) == "path-not-ca");
  CHECK(code(end, {}, {mute.certificate}).empty());  // an anchor is trusted as it is
}

TEST_CASE("a CA with the right name and the wrong key is no issuer, and does not hide the right one") {
  const Tree& t = tree();
  const Issuer fake{make_root_ca(rsa_key(2), ca_spec("/O=Test/CN=Lower", 0, 1000)), rsa_key(2)};
  CHECK(code(t.end, {fake.certificate}, {root().certificate}) == "path-bad-signature");
  CHECK(build_path(t.end, List{fake.certificate, t.lower.certificate, t.upper.certificate}, List{root().certificate},
                   day(1))
            .size() == 2);
  const Certificate of_fake = leaf(fake, "/CN=router", ec_key(3));
  CHECK(code(of_fake, {t.lower.certificate, t.upper.certificate, fake.certificate}, {root().certificate}) ==
        "path-bad-signature");
}

TEST_CASE("a changed signature breaks the path", "[SCEP-008]") {
  const Tree& t = tree();
  Bytes der = t.end.der();
  der.back() ^= 0x01;
  const Certificate damaged = Certificate::from_der(der);
  CHECK(code(damaged, {t.lower.certificate, t.upper.certificate}, {root().certificate}) == "path-bad-signature");
}

TEST_CASE("path lengths hold, self-issued certificates excepted") {
  CaSpec spec = ca_spec("/CN=Short");
  spec.path_length = 0;
  const Issuer shorter{make_intermediate_ca(root(), ec_key(1), spec), ec_key(1)};
  CHECK(code(leaf(shorter, "/CN=x", ec_key(3)), {shorter.certificate}, {root().certificate}).empty());
  const Issuer below{make_intermediate_ca(shorter, ec_key(2), ca_spec("/CN=Below")), ec_key(2)};
  const Certificate end = leaf(below, "/CN=x", ec_key(3));
  CHECK(code(end, {shorter.certificate, below.certificate}, {root().certificate}) == "path-invalid");
  CHECK_FALSE(openssl_verifies(end, {shorter.certificate, below.certificate}, {root().certificate}, day(1)));
  // A rollover certificate: the same name, another key.
  const Issuer rolled{make_intermediate_ca(shorter, ec_key(2), ca_spec("/CN=Short")), ec_key(2)};
  const Certificate under = leaf(rolled, "/CN=x", ec_key(3));
  CHECK(code(under, {shorter.certificate, rolled.certificate}, {root().certificate}).empty());
  CHECK(openssl_verifies(under, {shorter.certificate, rolled.certificate}, {root().certificate}, day(1)));
}

TEST_CASE("name constraints and unknown critical extensions of a CA hold") {
  const TempDirectory directory;
  const std::string key = directory.write("key", ec_key(1).to_pem_pkcs8().reveal());
  const std::string root_key = directory.write("root.key", root().key.to_pem_pkcs8().reveal());
  const std::string root_pem = directory.write("root.pem", root().certificate.to_pem());
  const auto ca = [&](const std::string& extensions) {
    const std::string config = directory.write("config",
                                               "[req]\ndistinguished_name=dn\nprompt=no\n[dn]\nCN=Special\n"
                                               "[ext]\nbasicConstraints=critical,CA:TRUE\n" +
                                                   extensions + "\n");
    const std::string csr = directory.write("csr", openssl({"req", "-new", "-key", key, "-config", config}));
    const std::string pem = openssl({"x509", "-req", "-in", csr, "-CA", root_pem, "-CAkey", root_key, "-set_serial",
                                     "7", "-days", "20000", "-extfile", config, "-extensions", "ext"});
    return Issuer{Certificate::from_pem(pem), ec_key(1)};
  };
  const auto named = [&](const Issuer& issuer, const std::string& name) {
    IssueSpec spec;
    spec.not_before = day(0);
    spec.not_after = day(100);
    spec.alt_names = parse_alt_names(name);
    return issue_certificate(issuer, request("/CN=x", ec_key(3)), spec);
  };
  const Issuer limited = ca("nameConstraints=critical,permitted;DNS:good.example");
  CHECK(code(named(limited, "DNS:a.good.example"), {limited.certificate}, {root().certificate}).empty());
  CHECK(code(named(limited, "DNS:a.evil.example"), {limited.certificate}, {root().certificate}) == "path-invalid");
  const Issuer strange = ca("1.2.3.4=critical,ASN1:NULL");
  CHECK(code(named(strange, "DNS:a.good.example"), {strange.certificate}, {root().certificate}) == "path-invalid");
  const Issuer broken = ca("2.5.29.15=critical,DER:0500");
  CHECK_FALSE(code(named(broken, "DNS:a.good.example"), {broken.certificate}, {root().certificate}).empty());
}

TEST_CASE("an intermediate that is signed with MD5 is refused") {
  CaSpec spec = ca_spec("/CN=Old");
  spec.digest = Digest::md5;
  const Issuer old{make_intermediate_ca(root(), ec_key(1), spec), ec_key(1)};
  const Certificate end = leaf(old, "/CN=x", ec_key(3));
  CHECK(code(end, {old.certificate}, {root().certificate}) == "path-invalid");
  CHECK(code(end, {}, {old.certificate}).empty());
}

TEST_CASE("a version 1 root is an anchor, but no intermediate") {
  const TempDirectory directory;
  const std::string key = directory.write("key", ec_key(1).to_pem_pkcs8().reveal());
  const std::string config = directory.write("config", "[req]\ndistinguished_name=dn\nprompt=no\n[dn]\nCN=V1\n");
  const std::string csr = directory.write("csr", openssl({"req", "-new", "-key", key, "-config", config}));
  const Certificate old =
      Certificate::from_pem(openssl({"x509", "-req", "-in", csr, "-signkey", key, "-days", "20000"}));
  const Certificate end = leaf({old, ec_key(1)}, "/CN=x", ec_key(3));
  CHECK(code(end, {}, {old}).empty());
  CHECK(code(end, {old}, {root().certificate}) == "path-not-ca");
}

TEST_CASE("hostile pools end, and quickly") {
  const Tree& t = tree();
  List many(kMaxPathPool + 1, t.lower.certificate);
  CHECK(code(t.end, many, {root().certificate}) == "path-too-large");
  CHECK(code(t.end, {}, many) == "path-too-large");

  // 60 CAs of one name and key, all signed by each other: more paths than anyone can try.
  List crossed;
  for (int i = 0; i < 60; ++i) {
    CaSpec spec = ca_spec("/CN=Same");
    crossed.push_back(make_root_ca(ec_key(1), spec));
  }
  const Certificate end = leaf({crossed[0], ec_key(1)}, "/CN=x", ec_key(3));
  const auto start = std::chrono::steady_clock::now();
  CHECK(code(end, crossed, {root().certificate}) == "path-too-large");
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));

  // A chain that is deeper than any real one.
  Issuer issuer = root();
  List deep;
  for (std::size_t i = 0; i <= kMaxPathDepth; ++i) {
    issuer = Issuer{make_intermediate_ca(issuer, ec_key(1), ca_spec("/CN=Level " + std::to_string(i))), ec_key(1)};
    deep.push_back(issuer.certificate);
  }
  CHECK(code(leaf(issuer, "/CN=x", ec_key(3)), deep, {root().certificate}) == "path-none");
}

TEST_CASE("a bundle is sorted into leaf, chain and rest") {
  const Tree& t = tree();
  const Certificate stranger =
      make_self_signed(name_der(parse_subject("/CN=s")), ec_key(2), day(1), std::chrono::hours(1));
  const Key key = ec_key(3);
  for (const List& bundle : {List{root().certificate, t.upper.certificate, t.end, t.lower.certificate},
                             List{t.end, t.lower.certificate, t.upper.certificate, root().certificate}}) {
    const LeafAndChain sorted = order_leaf_and_chain(bundle, &key);
    CHECK(sorted.leaf == t.end);
    CHECK(sorted.chain == List{t.lower.certificate, t.upper.certificate});
    CHECK(sorted.rest == List{root().certificate});
    CHECK(order_leaf_and_chain(bundle).leaf == t.end);
  }
  const Key nobody = ec_key(2);
  CHECK(code_of([&] { (void)order_leaf_and_chain(List{t.end}, &nobody); }) == "leaf-missing");
  CHECK(code_of([] { (void)order_leaf_and_chain({}); }) == "leaf-missing");
  CHECK(order_leaf_and_chain(List{stranger, t.end}, &key).rest == List{stranger});
}
