// Any bytes as a SCEP request, and as what lies inside of one.
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "enrollers/scep/protocol/request.hpp"
#include "framework/sys/printable.hpp"
#include "tests/fuzz/require.hpp"

using namespace certctl;
using fuzz::accepts;
using fuzz::require;

namespace {

std::string file(const std::string& name) {
  std::ifstream stream(CERTCTL_TEST_DATA "/scep/req-sscep-pkcsreq-post-aes128-sha256/" + name, std::ios::binary);
  if (!stream) throw std::runtime_error("cannot read " + name);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

void read(crypto::BytesView body) {
  static const crypto::Certificate authority = crypto::Certificate::from_pem(file("ca.pem"));
  static const crypto::Key key = crypto::Key::from_pem(file("ca.key"));
  const scep::DecryptionIdentity identity{&authority, key.get()};
  scep::ReceivedRequest request = scep::parse_request(body, {&identity, 1}, {true, {}});
  if (fuzz::planted_bug) request.type.reset();
  require(request.problem.has_value() || request.type.has_value(), "a request has a type, or a problem");
  require(!request.problem || !request.problem_text.empty(), "a problem has a text");
  require(sys::printable(request.problem_text) == request.problem_text, "the text of a problem is one clean line");
  if (request.problem) return;
  switch (*request.type) {
    case scep::MessageType::pkcs_req:
    case scep::MessageType::renewal_req: require(request.csr && request.csr->verify(), "it has a good CSR"); break;
    case scep::MessageType::cert_poll: require(request.poll.has_value(), "a poll says for what"); break;
    case scep::MessageType::get_cert:
    case scep::MessageType::get_crl: require(request.wanted.has_value(), "it says what it wants"); break;
    case scep::MessageType::cert_rep: require(false, "a reply is no request");
  }
}

void read_csr(crypto::BytesView body) {
  const crypto::Csr csr = crypto::Csr::from_der(body);
  require(Bytes(body.begin(), body.end()) == csr.der(), "a CSR keeps its bytes");
  require(sys::printable(csr.subject_text()) == csr.subject_text(), "a subject is one clean line");
  (void)csr.verify();
  accepts([&] { (void)csr.alt_names(); });
  accepts([&] { (void)csr.subject(); });
  accepts([&] { (void)csr.key_usage(); });
  accepts([&] { (void)csr.extended_usages(); });
  accepts([&] { (void)csr.template_name(); });
  accepts([&] { (void)csr.public_key(); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const crypto::BytesView body(data, size);
  accepts([&] { read(body); });
  // What lies behind a signature and an encryption that a fuzzer cannot make.
  accepts([&] { read_csr(body); });
  accepts([&] { require(!scep::encode(scep::decode_issuer_and_serial(body)).empty(), "names can be written again"); });
  accepts([&] { require(!scep::encode(scep::decode_issuer_and_subject(body)).empty(), "names can be written again"); });
  return 0;
}
