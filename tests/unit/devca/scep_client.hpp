// A small SCEP client for tests of the development CA: builds requests with the protocol library and opens replies. The
// wire itself is proved elsewhere, by vectors of other programs and by foreign clients.
#pragma once

#include "enrollers/scep/protocol/ca_certificates.hpp"
#include "enrollers/scep/protocol/query.hpp"
#include "enrollers/scep/protocol/reply.hpp"
#include "enrollers/scep/protocol/request.hpp"
#include "framework/crypto/alt_name.hpp"
#include "framework/crypto/csr.hpp"
#include "framework/crypto/name.hpp"
#include "framework/crypto/self_signed.hpp"
#include "framework/devca/responder.hpp"
#include "framework/devca/state.hpp"
#include "framework/sys/atomic_file.hpp"

#include <stdlib.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace certctl::devca::test {

inline const TimePoint kNow{std::chrono::seconds{1'800'000'000}};

// A development CA in a directory of its own, answering in this process.
struct TestCa {
  explicit TestCa(ServeSettings wanted = {}) : clock(kNow), settings(std::move(wanted)) {
    // Not on a disk: the CA fsyncs all that it does.
    const std::filesystem::path base =
        std::filesystem::is_directory("/dev/shm") ? "/dev/shm" : std::filesystem::temp_directory_path();
    std::string name = (base / "certctl-devca-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    scratch = name;
    settings.state = scratch + "/state";
    restart();
  }
  ~TestCa() {
    std::error_code ignored;
    std::filesystem::remove_all(scratch, ignored);
  }
  TestCa(const TestCa&) = delete;
  TestCa& operator=(const TestCa&) = delete;

  void restart() { responder = std::make_unique<Responder>(settings, clock); }
  void fault(const std::string& text) const { State(settings.state).set_faults(text + "\n"); }
  [[nodiscard]] std::vector<nlohmann::json> log() const {
    std::vector<nlohmann::json> lines;
    std::string text = sys::read_file_if_exists(settings.state + "/requests.log", 1U << 24U).value_or("");
    while (!text.empty()) {
      const auto end = text.find('\n');
      lines.push_back(nlohmann::json::parse(text.substr(0, end)));
      text.erase(0, end + 1);
    }
    return lines;
  }
  [[nodiscard]] std::vector<crypto::Certificate> ca_set() const {
    return scep::parse_ca_certificates(responder->answer(false, "operation=GetCACert", {}).body);
  }

  sys::FixedClock clock;
  ServeSettings settings;
  std::string scratch;
  std::unique_ptr<Responder> responder;
};

struct Identity {
  crypto::Key key;
  crypto::Certificate certificate;
};

struct Outcome {
  Answer answer;
  std::optional<scep::Reply> reply;
  std::vector<crypto::Certificate> certificates;
  std::vector<Bytes> crls;
  std::string failure;  // code of what the client found wrong with the reply
  [[nodiscard]] bool success() const { return reply && reply->status == scep::PkiStatus::success && failure.empty(); }
  [[nodiscard]] bool pending() const { return reply && reply->status == scep::PkiStatus::pending; }
  [[nodiscard]] bool refused(scep::FailInfo reason) const { return reply && reply->fail_info == reason; }
};

class TestClient {
 public:
  explicit TestClient(TestCa& ca, const std::string& common_name = "router-1",
                      const KeySpec& spec = {KeyType::rsa, 2048, ""})
      : ca_(ca), key(crypto::Key::generate(spec)), set(ca.ca_set()) {
    wanted.subject = {{"O", "Test", false}, {"CN", common_name, false}};
    wanted.alt_names = {{AltNameKind::dns, common_name + ".example"}, {AltNameKind::ip, "192.0.2.1"}};
    wanted.usage = {"digitalSignature", "keyEncipherment", "clientAuth"};
  }

  // A PKCS #10 for `key`.
  [[nodiscard]] Bytes csr() const { return crypto::build_csr(wanted, key, challenge); }
  [[nodiscard]] Identity self_signed() const {
    return {key, crypto::make_self_signed(crypto::name_der(wanted.subject), key, ca_.clock.now(),
                                          std::chrono::hours{24 * 7})};
  }

  Outcome enroll() {
    transaction_id = scep::fresh_transaction_id();
    last_csr = csr();
    if (!signer) signer = self_signed();
    return send(scep::MessageType::pkcs_req, last_csr, *signer);
  }
  Outcome renew(const Identity& old, scep::MessageType type = scep::MessageType::renewal_req) {
    transaction_id = scep::fresh_transaction_id();
    last_csr = csr();
    signer = old;
    return send(type, last_csr, old);
  }
  Outcome poll() {
    const scep::IssuerAndSubject names{scep::find_issuing_ca(set, std::nullopt)->subject_der(),
                                       crypto::name_der(wanted.subject)};
    return send(scep::MessageType::cert_poll, scep::encode(names), *signer);
  }
  Outcome query(scep::MessageType type, const crypto::Certificate& about, const Identity& by) {
    transaction_id = scep::fresh_transaction_id();
    return send(type, scep::encode(scep::IssuerAndSerial{about.issuer_der(), about.serial_octets()}), by);
  }

  // The whole message, as bytes.
  [[nodiscard]] Bytes message(scep::MessageType type, const Bytes& content, const Identity& by) {
    nonce = scep::fresh_nonce();
    const auto recipient = scep::choose_recipient(set, std::nullopt);
    scep::RequestSpec spec;
    spec.type = type;
    spec.transaction_id = transaction_id;
    spec.sender_nonce = nonce;
    spec.content = content;
    spec.signer = &by.certificate;
    spec.signer_key = by.key.get();
    spec.recipient = &*recipient;
    spec.password = challenge;
    spec.cipher = cipher;
    spec.digest = digest;
    spec.signing_time = ca_.clock.now();
    return scep::build_request(spec);
  }

  Outcome send(scep::MessageType type, const Bytes& content, const Identity& by) {
    return open(ca_.responder->answer(true, "operation=PKIOperation", message(type, content, by)), by);
  }

  [[nodiscard]] Outcome open(Answer answer, const Identity& by) const {
    Outcome outcome;
    outcome.answer = std::move(answer);
    if (outcome.answer.manner != Manner::whole || !scep::looks_like_message(outcome.answer.body)) return outcome;
    try {
      scep::ReplyExpectation expected;
      expected.transaction_id = transaction_id;
      expected.sender_nonce = nonce;
      expected.signers = set;
      outcome.reply = scep::read_reply(outcome.answer.body, expected);
      if (outcome.reply->status != scep::PkiStatus::success) return outcome;
      auto bag = scep::open_reply(*outcome.reply, {&by.certificate, by.key.get(), challenge}, scep::Legacy::receive);
      outcome.certificates = std::move(bag.certificates);
      outcome.crls = std::move(bag.crls);
    } catch (const Failure& failure) {
      outcome.failure = failure.error().code;
    }
    return outcome;
  }

 private:
  TestCa& ca_;

 public:
  crypto::Key key;
  std::vector<crypto::Certificate> set;
  CertificateRequest wanted;
  Secret challenge;
  crypto::ContentCipher cipher = crypto::ContentCipher::aes128_cbc;
  crypto::Digest digest = crypto::Digest::sha256;
  std::string transaction_id;
  Bytes nonce;
  Bytes last_csr;
  std::optional<Identity> signer;
};

inline Identity enrolled(TestClient& client) {
  const Outcome outcome = client.enroll();
  REQUIRE(outcome.success());
  return {client.key, scep::find_issued(outcome.certificates, client.key.get())};
}

inline ServeSettings with_challenge(const std::string& challenge) {
  ServeSettings settings;
  settings.challenges = {challenge};
  return settings;
}

}  // namespace certctl::devca::test
