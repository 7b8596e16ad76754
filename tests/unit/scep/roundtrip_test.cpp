// Both directions of the protocol library against each other. It proves nothing about the wire: the vectors do that.
#include "enrollers/scep/protocol/ca_certificates.hpp"
#include "enrollers/scep/protocol/reply.hpp"
#include "enrollers/scep/protocol/request.hpp"
#include "framework/crypto/issue.hpp"
#include "framework/crypto/name.hpp"
#include "framework/crypto/self_signed.hpp"

#include <certctl/result.hpp>

#include <catch2/catch.hpp>

using namespace certctl;
using scep::FailInfo;
using scep::MessageType;

namespace {

const TimePoint kToday{std::chrono::seconds{1798761600}};

// A CA, a client with its self-signed certificate, and a request between them.
struct Pair {
  crypto::Key ca_key = crypto::Key::generate({});
  crypto::Key client_key;
  crypto::Certificate ca;
  crypto::Certificate client;

  explicit Pair(const KeySpec& client_spec = {}, const KeySpec& ca_spec = {})
      : ca_key(crypto::Key::generate(ca_spec)),
        client_key(crypto::Key::generate(client_spec)),
        ca(crypto::make_root_ca(ca_key, {{{"CN", "CA", false}},
                                         kToday - std::chrono::hours(1),
                                         kToday + std::chrono::hours(1000),
                                         {},
                                         crypto::kKeyCertSign | crypto::kDigitalSignature | crypto::kKeyEncipherment,
                                         crypto::Digest::sha256,
                                         {}})),
        client(crypto::make_self_signed(crypto::name_der({{"CN", "client", false}}), client_key, kToday,
                                        std::chrono::hours(100))) {}

  [[nodiscard]] scep::RequestSpec spec(MessageType type, Bytes content) const {
    scep::RequestSpec spec;
    spec.type = type;
    spec.transaction_id = "ABC123";
    spec.sender_nonce = Bytes(16, 7);
    spec.content = std::move(content);
    spec.signer = &client;
    spec.signer_key = client_key.get();
    spec.recipient = &ca;
    spec.signing_time = kToday;
    return spec;
  }
  [[nodiscard]] Bytes csr() const {
    return crypto::build_csr({{{"CN", "client", false}}, {}, {}, {}}, client_key, Secret("abc"));
  }
  [[nodiscard]] scep::ReceivedRequest receive(const Bytes& bytes, scep::ReceivePolicy policy = {}) const {
    const scep::DecryptionIdentity identity{&ca, ca_key.get()};
    return scep::parse_request(bytes, std::span(&identity, 1), policy);
  }
};

}  // namespace

TEST_CASE("every request type arrives as it was built", "[SCEP-016][SCEP-060][SCEP-118][SCEP-120]") {
  const Pair pair;
  for (const MessageType type : {MessageType::pkcs_req, MessageType::renewal_req}) {
    const auto request = pair.receive(scep::build_request(pair.spec(type, pair.csr())));
    CHECK_FALSE(request.problem);
    CHECK(request.type == type);
    CHECK(request.csr->challenge_password()->reveal() == "abc");
    CHECK(request.signing_time == "270101000000Z");
  }
  const scep::IssuerAndSubject poll{pair.ca.subject_der(), pair.client.subject_der()};
  auto request = pair.receive(scep::build_request(pair.spec(MessageType::cert_poll, scep::encode(poll))));
  REQUIRE(request.poll);
  CHECK(request.poll->issuer_der == poll.issuer_der);
  CHECK(request.poll->subject_der == poll.subject_der);
  const scep::IssuerAndSerial wanted{pair.ca.subject_der(), pair.ca.serial_octets()};
  for (const MessageType type : {MessageType::get_cert, MessageType::get_crl}) {
    request = pair.receive(scep::build_request(pair.spec(type, scep::encode(wanted))));
    REQUIRE(request.wanted);
    CHECK(request.wanted->serial == wanted.serial);
  }
}

TEST_CASE("a server is told what is wrong, with transaction ID and nonce to answer",
          "[SCEP-032][SCEP-063][SCEP-066][SCEP-085][SCEP-204]") {
  const Pair pair;
  const Pair stranger;
  const auto problem_of = [&](const scep::RequestSpec& spec, scep::ReceivePolicy policy = {}) {
    const auto request = pair.receive(scep::build_request(spec), policy);
    if (request.problem) {
      CHECK(request.attributes.transaction_id == "ABC123");
      CHECK(request.attributes.sender_nonce == Bytes(16, 7));
      CHECK_FALSE(request.problem_text.empty());
    }
    return request.problem;
  };
  auto spec = pair.spec(MessageType::pkcs_req, pair.csr());
  CHECK_FALSE(problem_of(spec));
  spec.recipient = &stranger.ca;
  CHECK(problem_of(spec) == FailInfo::bad_request);
  spec.recipient = &pair.ca;
  spec.digest = crypto::Digest::md5;
  CHECK(problem_of(spec) == FailInfo::bad_alg);
  CHECK_FALSE(problem_of(spec, {true, {}}));
  spec.digest = crypto::Digest::sha256;
  spec.cipher = crypto::ContentCipher::des_cbc;
  CHECK(problem_of(spec) == FailInfo::bad_alg);
  CHECK_FALSE(problem_of(spec, {true, {}}));
  spec.cipher = crypto::ContentCipher::aes128_cbc;
  spec.type = MessageType::cert_rep;
  CHECK(problem_of(spec) == FailInfo::bad_request);
  spec.type = static_cast<MessageType>(18);
  CHECK(problem_of(spec) == FailInfo::bad_request);
  spec.type = MessageType::pkcs_req;
  spec.content = Bytes{1, 2, 3};
  CHECK(problem_of(spec) == FailInfo::bad_request);
  Bytes tampered = pair.csr();
  tampered.back() ^= 1U;
  spec.content = tampered;
  CHECK(problem_of(spec) == FailInfo::bad_message_check);

  Bytes bytes = scep::build_request(pair.spec(MessageType::pkcs_req, pair.csr()));
  bytes.back() ^= 1U;  // the signature stands last
  const auto request = pair.receive(bytes);
  CHECK(request.problem == FailInfo::bad_message_check);
  REQUIRE(request.signer);
  CHECK(*request.signer == pair.client);
  CHECK_THROWS_AS(pair.receive(Bytes{'h', 'e', 'l', 'l', 'o'}), Failure);
}

TEST_CASE("an EC client and an EC CA: the challenge takes the place of the key, in each direction",
          "[SCEP-070][SCEP-101][SCEP-102]") {
  const KeySpec ec{KeyType::ec, 0, "P-256"};
  const Pair ec_client(ec);
  auto request = ec_client.receive(scep::build_request(ec_client.spec(MessageType::pkcs_req, ec_client.csr())));
  REQUIRE_FALSE(request.problem);
  CHECK_FALSE(scep::can_answer(*request.signer, {}));
  CHECK(scep::can_answer(*request.signer, Secret("abc")));
  const std::vector<crypto::Certificate> inside{ec_client.ca};
  scep::ReplySpec answer;
  answer.transaction_id = "ABC123";
  answer.recipient_nonce = Bytes(16, 7);
  answer.signer = &ec_client.ca;
  answer.signer_key = ec_client.ca_key.get();
  answer.recipient = &*request.signer;
  answer.content = crypto::build_certificates_only(inside);
  CHECK_THROWS_AS(scep::build_reply(answer), Failure);
  answer.password = Secret("abc");
  scep::ReplyExpectation expected;
  expected.transaction_id = "ABC123";
  expected.sender_nonce = Bytes(16, 7);
  expected.signers = inside;
  scep::Reply reply = scep::read_reply(scep::build_reply(answer), expected);
  CHECK(scep::open_reply(reply, {&ec_client.client, ec_client.client_key.get(), Secret("abc")}, scep::Legacy::receive)
            .certificates.size() == 1);
  // Without a challenge of ours a password recipient is none.
  CHECK_THROWS_AS(scep::open_reply(reply, {&ec_client.client, ec_client.client_key.get(), {}}, scep::Legacy::receive),
                  Failure);
  CHECK_THROWS_AS(
      scep::open_reply(reply, {&ec_client.client, ec_client.client_key.get(), Secret("x")}, scep::Legacy::receive),
      Failure);

  const Pair ec_ca({}, ec);
  auto spec = ec_ca.spec(MessageType::pkcs_req, ec_ca.csr());
  CHECK_THROWS_AS(scep::build_request(spec), Failure);
  spec.password = Secret("abc");
  const Bytes bytes = scep::build_request(spec);
  CHECK(ec_ca.receive(bytes).problem == FailInfo::bad_request);
  CHECK_FALSE(ec_ca.receive(bytes, {false, Secret("abc")}).problem);
}

TEST_CASE("replies: failInfo, text, Microsoft's error number and the HTTP reason become one line",
          "[SCEP-088][SCEP-089][SCEP-090][SCEP-116]") {
  const Pair pair;
  scep::ReplySpec answer;
  answer.status = scep::PkiStatus::failure;
  answer.transaction_id = "ABC123";
  answer.recipient_nonce = Bytes(16, 7);
  answer.signer = &pair.ca;
  answer.signer_key = pair.ca_key.get();
  answer.fail_info = FailInfo::bad_time;
  answer.fail_info_text = "Uhr geht falsch: ü\n";
  answer.hresult = "-2146762487";
  const std::vector<crypto::Certificate> signers{pair.ca};
  scep::ReplyExpectation expected;
  expected.transaction_id = "ABC123";
  expected.sender_nonce = Bytes(16, 7);
  expected.signers = signers;
  const scep::Reply reply = scep::read_reply(scep::build_reply(answer), expected);
  CHECK(reply.fail_info == FailInfo::bad_time);
  CHECK(reply.hresult == "0x800B0109");
  const std::string line = scep::describe_failure(reply, "Not\r\nNow");
  CHECK(line.find("badTime") != std::string::npos);
  CHECK(line.find("Uhr geht falsch: ü") != std::string::npos);
  CHECK(line.find("0x800B0109") != std::string::npos);
  CHECK(line.find("Not Now") != std::string::npos);
  CHECK(line.find('\n') == std::string::npos);

  // What is not defined, or is not there, is an error, which says what the CA wrote.
  for (const char* undefined : {"77", "5", "-1", ""}) {
    CAPTURE(undefined);
    answer.faults.fail_info = undefined;
    try {
      (void)scep::read_reply(scep::build_reply(answer), expected);
      FAIL("accepted");
    } catch (const Failure& failure) {
      CHECK(failure.error().code == "protocol-error");
      CHECK(failure.error().message.find("Uhr geht falsch: ü") != std::string::npos);
    }
  }
}

TEST_CASE("find_issued: by key, not by place; several different ones are an error", "[SCEP-111][SCEP-112]") {
  const Pair pair;
  const crypto::Issuer issuer{pair.ca, pair.ca_key};
  const crypto::Csr csr = crypto::Csr::from_der(pair.csr());
  const auto issue = [&] {
    crypto::IssueSpec spec;
    spec.not_before = kToday;
    spec.not_after = kToday + std::chrono::hours(1);
    return crypto::issue_certificate(issuer, csr, spec);
  };
  const crypto::Certificate leaf = issue();
  const std::vector<crypto::Certificate> last{pair.ca, leaf};
  CHECK(scep::find_issued(last, pair.client_key.get()) == leaf);
  const std::vector<crypto::Certificate> twice{leaf, pair.ca, leaf};
  CHECK(scep::find_issued(twice, pair.client_key.get()) == leaf);
  const std::vector<crypto::Certificate> two{leaf, issue()};
  CHECK_THROWS_AS(scep::find_issued(two, pair.client_key.get()), Failure);
  CHECK_THROWS_AS(scep::find_issued({}, pair.client_key.get()), Failure);
}

TEST_CASE("roles: an expired RA does not win over a CA that is valid, and a set of EC certificates has a CA to name",
          "[SCEP-048][SCEP-154]") {
  const Pair pair;
  const crypto::Issuer issuer{pair.ca, pair.ca_key};
  const auto ra = [&](TimePoint end, unsigned usage) {
    return crypto::make_ra(
        issuer, pair.client_key,
        {{{"CN", "RA", false}}, kToday - std::chrono::hours(10), end, usage, crypto::Digest::sha256, {}});
  };
  const auto expired = ra(kToday - std::chrono::hours(1), crypto::kKeyEncipherment);
  const auto signing = ra(kToday + std::chrono::hours(1), crypto::kDigitalSignature);
  const auto valid = ra(kToday + std::chrono::hours(1), crypto::kKeyEncipherment);
  CHECK(scep::choose_recipient(std::vector{expired, pair.ca}, kToday) == pair.ca);
  CHECK(scep::choose_recipient(std::vector{expired, pair.ca}, std::nullopt) == expired);
  CHECK(scep::choose_recipient(std::vector{signing, pair.ca, expired, valid}, kToday) == valid);
  CHECK(scep::choose_recipient(std::vector{signing, pair.ca}, kToday) == pair.ca);
  CHECK(scep::choose_recipient(std::vector{signing, signing}, kToday) == signing);  // nobody says that it decrypts
  CHECK_FALSE(scep::choose_recipient({}, kToday));
}
