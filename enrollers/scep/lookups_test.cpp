// What the issuer is asked beside certificates.
#include "enrollers/scep/test_bench.hpp"

using namespace certctl;
using namespace scep_test;
using scep::FailInfo;
using scep::MessageType;

TEST_CASE("trust anchors, a certificate and a CRL can be looked up", "[SCEP-113][SCEP-114][SCEP-120]") {
  ScriptedCa ca = ScriptedCa::with_ra();
  Bench bench(ca);
  TrustAnchors anchors = scep::look_up_anchors(bench.settings, ca, {}, bench.host);
  CHECK(anchors.anchors_pem == std::vector<std::string>{ca.anchor().to_pem()});
  CHECK(anchors.ca_set_pem.size() == 2);
  CHECK(anchors.capabilities.size() == 4);
  CHECK(anchors.pin_problem.empty());
  bench.settings.pin.fingerprints = {trust::parse_fingerprint(std::string(64, 'a'))};
  anchors = scep::look_up_anchors(bench.settings, ca, {}, bench.host);
  CHECK(anchors.anchors_pem.empty());
  CHECK(contains(anchors.pin_problem, "aaaa"));

  Bench holder(ca);
  holder.renew();
  const auto held = crypto::Certificate::from_pem(holder.current.certificate_pem);
  const Bytes crl =
      crypto::make_crl(ca.issuer(), {test_time(), test_time() + std::chrono::hours(1), 1, {}, crypto::Digest::sha256});
  const auto answer = [&](const scep::ReceivedRequest& request, bool with_crl) {
    scep::ReplySpec spec;
    spec.transaction_id = *request.attributes.transaction_id;
    spec.recipient_nonce = *request.attributes.sender_nonce;
    spec.signer = &ca.responder().certificate;
    spec.signer_key = ca.responder().key.get();
    spec.recipient = &*request.signer;
    const std::vector<crypto::Certificate> certificates{held};
    const std::vector<Bytes> crls{crl};
    spec.content = with_crl ? crypto::build_certificates_only({}, crls) : crypto::build_certificates_only(certificates);
    return scep::HttpReply{200, "OK", "", scep::build_reply(spec)};
  };
  ca.script = {[&](const auto& request) { return answer(request, false); },
               [&](const auto& request) { return answer(request, true); }, ScriptedCa::http(500, "not implemented")};
  CHECK(scep::look_up_certificate(holder.settings, ca, held.serial(), holder.request, holder.host) == held.to_pem());
  CHECK(ca.seen[0].request.wanted->serial == held.serial_octets());
  CHECK(scep::look_up_crl(holder.settings, ca, holder.request, holder.host) == crl);
  CHECK(contains(Bench::error_of([&] { scep::look_up_crl(holder.settings, ca, holder.request, holder.host); }).hint,
                 "do not support"));
}

TEST_CASE("rollover: the next CA's certificates count only when the current CA signed them", "[SCEP-160][SCEP-162]") {
  ScriptedCa ca = ScriptedCa::single();
  ScriptedCa other = ScriptedCa::with_ra();
  Bench bench(ca);
  CHECK(Bench::error_of([&] { scep::look_up_next_anchors(bench.settings, ca, {}, {}, bench.host); }).code ==
        "http-error");
  ca.next = {other.anchor()};
  const std::vector<std::string> current{ca.anchor().to_pem()};
  CHECK(scep::look_up_next_anchors(bench.settings, ca, current, {}, bench.host) ==
        std::vector<std::string>{other.anchor().to_pem()});
  Bench elsewhere(other);
  CHECK(Bench::error_of([&] { scep::look_up_next_anchors(elsewhere.settings, ca, current, {}, bench.host); }).code ==
        "ca-not-trusted");
}
