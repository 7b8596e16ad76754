#include "tests/fault/hostile_replies/ca_family.hpp"

#include "enrollers/scep/protocol/ca_certificates.hpp"
#include "framework/crypto/cms_certificates.hpp"
#include "tests/fault/hostile_replies/signed_parts.hpp"

namespace certctl::hostile {
namespace {

using namespace std::string_literals;

using scep_test::rsa_key;
using scep_test::test_time;

void hear_body(Court& court, Question question, Asked asked, const std::string& name, const Bytes& body,
               Expected expected, const Genuine& genuine = {}) {
  Case one;
  one.name = name;
  one.hostile = asked;
  one.change = [body](scep::HttpReply& reply) { reply.body = body; };
  court.hear(question, one, genuine, expected);
}

Bytes bytes(const std::string& text) {
  return {text.begin(), text.end()};
}

crypto::CaSpec spec_of(const std::vector<NameAttribute>& subject) {
  crypto::CaSpec spec;
  spec.subject = subject;
  spec.not_before = test_time() - kDay;
  spec.not_after = test_time() + kDay * 1000;
  return spec;
}

}  // namespace

void wrong_capabilities(Court& court) {
  const auto caps = [&](const std::string& name, const std::string& text, Expected expected) {
    hear_body(court, Question::enroll, Asked::capabilities, name, bytes(text), expected);
  };
  // Without capabilities the requests are weaker, as the profile allows, and the answer is the CA's all the same.
  caps("H01: none", "", Expected::genuine);
  caps("H01: a web page", "<!DOCTYPE html><html>AES SHA-256</html>", Expected::genuine);
  caps("H02: DES and MD5 alone", "DES\nMD5\n", Expected::harmless);
  caps("H02: SHA-1 alone", "AES\nSHA-1\n", Expected::harmless);
  caps("H03: 400 kB", std::string(400'000, 'A'), Expected::genuine);
  std::string lines;
  for (int i = 0; i < 50'000; ++i) lines += "Cap" + std::to_string(i) + "\n";
  caps("H03: 50000 lines", lines, Expected::harmless);
  caps("H03: binary", "AES\0SHA-256\xFF\x1B[31m\r\rPOSTPKIOperation"s, Expected::harmless);
  caps("control characters", "AES\nSHA-256\n\x1B[2J\x07\nPOSTPKIOperation\nRenewal\n", Expected::genuine);
  caps("all that there is",
       "AES\nSHA-512\nSHA-256\nSHA-1\nMD5\nDES\nDES3\nSCEPStandard\nRenewal\nUpdate\nGetNextCACert\n"
       "POSTPKIOperation\n",
       Expected::genuine);
  for (const int status : {404, 500, 302}) {
    Case one;
    one.name = "H01: status " + std::to_string(status);
    one.hostile = Asked::capabilities;
    one.change = [status](scep::HttpReply& reply) { reply.status = status; };
    court.hear(Question::enroll, one, {}, Expected::harmless);
  }
}

void wrong_ca_sets(Court& court) {
  Scene& scene = court.scene();
  const crypto::Certificate ra = scene.known()[0];
  const crypto::Certificate root = scene.known()[1];
  const auto set = [&](const std::string& name, const std::vector<crypto::Certificate>& certificates,
                       Expected expected) {
    std::vector<Bytes> ders;
    for (const auto& certificate : certificates) ders.push_back(certificate.der());
    hear_body(court, Question::enroll, Asked::ca_set, name, ders.size() == 1 ? ders.front() : bag_of(ders), expected);
  };
  const crypto::Issuer stranger{crypto::make_root_ca(rsa_key(20), spec_of({{"CN", "Nobody", false}})), rsa_key(20)};
  const crypto::Issuer twin{crypto::make_root_ca(rsa_key(21), spec_of(root.subject())), rsa_key(21)};
  crypto::RaSpec spec;
  spec.subject = ra.subject();
  spec.not_before = test_time() - kDay;
  spec.not_after = test_time() + kDay * 100;
  spec.serial = ra.serial_octets();
  set("as it should be", {ra, root}, Expected::genuine);
  set("the other way round", {root, ra}, Expected::genuine);
  set("H04: another CA", {stranger.certificate}, Expected::refused);
  set("H04: another CA of the same name", {twin.certificate}, Expected::refused);
  set("H05: the CA, and an RA of a stranger", {crypto::make_ra(stranger, rsa_key(22), spec), root}, Expected::harmless);
  set("H05: the CA, and an RA of a CA of the same name", {crypto::make_ra(twin, rsa_key(22), spec), root},
      Expected::harmless);
  set("H05: that RA beside the right one", {crypto::make_ra(twin, rsa_key(22), spec), ra, root}, Expected::genuine);
  set("H05: that RA and its CA before the right ones",
      {crypto::make_ra(twin, rsa_key(22), spec), twin.certificate, ra, root}, Expected::genuine);
  set("the RA alone", {ra}, Expected::refused);
  // A client's certificate for an RA: it reads the request, and the CA's certificate is all that can come of it.
  Case client;
  client.name = "H05: a client's certificate for an RA";
  client.hostile = Asked::ca_set;
  client.stranger_may_read = true;
  client.change = [bag = bag_of({scene.held().der(), scene.known().back().der(), root.der()})](scep::HttpReply& reply) {
    reply.body = bag;
  };
  court.hear(Question::enroll, client, {}, Expected::harmless);
  std::vector<crypto::Certificate> many(3'000, ra);
  many.push_back(root);
  set("H06: the RA 3000 times", many, Expected::harmless);
  many.assign(300, twin.certificate);
  many.insert(many.end(), {ra, root});
  set("H06: 300 CAs of the same name", many, Expected::harmless);
  // Two CAs that certified each other.
  const auto left = crypto::make_intermediate_ca(twin, rsa_key(20), spec_of({{"CN", "Left", false}}));
  const auto right = crypto::make_intermediate_ca({left, rsa_key(20)}, rsa_key(21), spec_of({{"CN", "Right", false}}));
  const auto back = crypto::make_intermediate_ca({right, rsa_key(21)}, rsa_key(20), spec_of({{"CN", "Left", false}}));
  set("H06: a circle of CAs", {back, right, left, ra, root}, Expected::genuine);
  const auto body = [&](const std::string& name, const Bytes& text, Expected expected) {
    hear_body(court, Question::enroll, Asked::ca_set, name, text, expected);
  };
  body("nothing", {}, Expected::refused);
  body("a web page", bytes("<html>" + root.to_pem() + "</html>"), Expected::harmless);
  body("no certificates", crypto::build_certificates_only({}), Expected::refused);
  Bytes behind = root.der();
  behind.push_back(0);
  body("an octet behind it", behind, Expected::refused);
  Bytes giant = bytes(ra.to_pem() + root.to_pem());
  while (giant.size() < 500'000) giant.push_back('\n');
  body("PEM with half a megabyte of empty lines", giant, Expected::harmless);
  // H08
  const auto ra_with = [&](const std::string& name, const std::function<void(crypto::RaSpec&)>& change) {
    crypto::RaSpec changed = spec;
    change(changed);
    // The root's own key signs it: the fault is in what it says alone.
    const crypto::Issuer issuer{root, rsa_key(2)};
    set("H08: an RA that " + name, {crypto::make_ra(issuer, rsa_key(3), changed), root}, Expected::refused);
  };
  ra_with("has expired", [](crypto::RaSpec& one) { one.not_after = test_time() - std::chrono::hours(1); });
  ra_with("is not valid yet", [](crypto::RaSpec& one) { one.not_before = test_time() + kDay; });
}

void wrong_next_sets(Court& court) {
  Scene& scene = court.scene();
  Case whole;
  whole.hostile = Asked::next_set;
  const Genuine genuine = court.baseline(Question::look_up_next, whole);
  const crypto::Issuer stranger{crypto::make_root_ca(rsa_key(20), spec_of({{"CN", "Nobody", false}})), rsa_key(20)};
  const crypto::Issuer twin{crypto::make_root_ca(rsa_key(21), spec_of(scene.known()[1].subject())), rsa_key(21)};
  const auto next = [&](const std::string& name, const Bytes& body) {
    hear_body(court, Question::look_up_next, Asked::next_set, "H41: " + name, body, Expected::refused, genuine);
  };
  const std::vector<crypto::Certificate> set{stranger.certificate};
  const auto by = [&](const crypto::Issuer& signer) {
    return scep::print_next_ca_certificates(set, signer.certificate, signer.key.get(), test_time());
  };
  next("nothing", {});
  next("unsigned", crypto::build_certificates_only(set));
  next("signed by the next CA itself", by(stranger));
  next("signed by a CA of the same name", by(twin));
  next("signed by a client", by({scene.held(), rsa_key(11)}));
  next("signed, and empty", scep::print_next_ca_certificates({}, scene.ca().responder().certificate,
                                                             scene.ca().responder().key.get(), test_time()));
}

}  // namespace certctl::hostile
