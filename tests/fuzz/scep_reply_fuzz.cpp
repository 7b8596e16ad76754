// Any bytes as the reply of a SCEP server, read by the client that it pretends to answer.
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "enrollers/scep/protocol/display_text.hpp"
#include "enrollers/scep/protocol/reply.hpp"
#include "framework/sys/printable.hpp"
#include "tests/fuzz/require.hpp"

using namespace certctl;
using fuzz::accepts;
using fuzz::require;

namespace {

std::string file(const std::string& name) {
  std::ifstream stream(CERTCTL_TEST_DATA "/scep/rep-jscep-success-sscep-aes256/" + name, std::ios::binary);
  if (!stream) throw std::runtime_error("cannot read " + name);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

void read(crypto::BytesView body) {
  static const crypto::Certificate requester = crypto::Certificate::from_pem(file("requester.pem"));
  static const crypto::Key key = crypto::Key::from_pem(file("requester.key"));
  static const crypto::Certificate authority = crypto::Certificate::from_pem(file("ca.pem"));
  const crypto::SignedMessage message = crypto::SignedMessage::parse(body);
  require(scep::looks_like_message(body), "what can be parsed looks like a message");
  const scep::MessageAttributes attributes = scep::read_attributes(message);
  std::vector<crypto::Certificate> signers = message.certificates();
  signers.push_back(authority);
  scep::ReplyExpectation expected;
  expected.transaction_id = attributes.transaction_id.value_or("");
  expected.sender_nonce = attributes.recipient_nonce.value_or(Bytes());
  expected.legacy = scep::Legacy::allow;
  expected.signers = signers;
  scep::Reply reply = scep::read_reply(body, expected);
  if (fuzz::planted_bug && reply.status == scep::PkiStatus::pending) reply.status = scep::PkiStatus::success;
  require(reply.signer.has_value(), "a reply has a signer");
  require((reply.status == scep::PkiStatus::failure) == reply.fail_info.has_value(), "a FAILURE says which");
  require((reply.status == scep::PkiStatus::success) != reply.envelope.empty(), "a SUCCESS alone has an envelope");
  const std::string shown = scep::describe_failure(reply, reply.fail_info_text);
  require(sys::printable(shown) == shown, "what is shown is one clean line");
  if (reply.status != scep::PkiStatus::success) return;
  const crypto::CertificateBag bag = scep::open_reply(reply, {&requester, key.get(), {}}, scep::Legacy::allow);
  require(scep::find_issued(bag.certificates, key.get()).carries(key), "the issued certificate carries our key");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const crypto::BytesView body(data, size);
  (void)scep::looks_like_message(body);
  accepts([&] { read(body); });
  // What lies behind a signature and an encryption that a fuzzer cannot make.
  accepts([&] { (void)crypto::inspect_envelope(body); });
  accepts([&] {
    for (const auto& certificate : crypto::parse_certificates_only(body).certificates)
      require(sys::printable(certificate.subject_text()) == certificate.subject_text(), "a subject is a clean line");
  });
  return 0;
}
