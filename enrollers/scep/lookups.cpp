#include "enrollers/scep/lookups.hpp"

#include "enrollers/scep/exchange.hpp"
#include "enrollers/scep/protocol/ca_certificates.hpp"
#include "enrollers/scep/server.hpp"
#include "enrollers/scep/trust/directory_entry.hpp"
#include "framework/crypto/crl.hpp"
#include "framework/crypto/digest.hpp"
#include "framework/sys/printable.hpp"

#include <algorithm>

namespace certctl::scep {
namespace {

std::optional<TimePoint> trusted_now(const Host& host) {
  return host.clock_trusted() ? std::optional(host.now()) : std::nullopt;
}

std::vector<std::string> pem_of(const std::vector<crypto::Certificate>& certificates) {
  std::vector<std::string> texts;
  texts.reserve(certificates.size());
  for (const crypto::Certificate& certificate : certificates) texts.push_back(certificate.to_pem());
  return texts;
}

// What a signed query needs; the query itself names a certificate.
Transaction query_transaction(const Settings& settings, Transport& transport, const EnrollRequest& request,
                              Host& host) {
  if (request.current == nullptr || request.current_key == nullptr)
    throw Failure::never("no-credential", "the CA answers such a query only to the holder of a certificate",
                         "enroll first");
  const AnnouncedCapabilities announced = fetch_capabilities(settings, transport);
  const trust::TrustedSet trusted =
      trust::apply_pin(settings.pin, fetch_ca_certificates(settings, transport), memory_from(request.memory).first_use,
                       trusted_now(host), crypto::Certificate::each_from_pem(request.vouched_pem));
  const Algorithms algorithms =
      choose_algorithms(announced.capabilities, settings.legacy, settings.cipher, settings.digest);
  for (const auto* list : {&announced.warnings, &trusted.warnings, &algorithms.warnings})
    for (const std::string& warning : *list) host.log(LogLevel::warning, warning);
  Transaction transaction;
  transaction.id = fresh_transaction_id();
  transaction.signer = crypto::Certificate::from_pem(request.current->certificate_pem);
  transaction.recipient = choose_recipient(trusted.vouched, trusted_now(host));
  transaction.ca_set = trusted.vouched;
  transaction.anchors = trusted.anchors;
  transaction.cipher = algorithms.cipher;
  transaction.digest = algorithms.digest;
  transaction.post =
      settings.http == HttpMethod::by_capability ? announced.capabilities.post : settings.http == HttpMethod::post;
  return transaction;
}

crypto::CertificateBag ask(const Settings& settings, Transport& transport, const EnrollRequest& request, Host& host,
                           MessageType type, const Bytes& serial) {
  const Transaction transaction = query_transaction(settings, transport, request, host);
  const std::string what(name_of(type));
  Secret challenge;
  if (transaction.recipient->key_type() != crypto::PublicKeyType::rsa && !settings.challenge.empty())
    challenge = host.read_secret(settings.challenge).value();
  Exchange exchange(settings, transport, host);
  // SCEP-120, SCEP-180
  Answer answer = exchange.send(type, encode(IssuerAndSerial{transaction.signer->issuer_der(), serial}), transaction,
                                request.current_key, challenge);
  if (!answer.reply) {
    Failure failure = failure_of(answer.http, what);
    if (answer.http.status < 500) throw failure;
    Error error = failure.error();
    error.hint =
        "many servers do not support " + what + "; a CRL is usually published at the address in the certificate";
    throw Failure(std::move(error));
  }
  // SCEP-179
  if (answer.reply->status != PkiStatus::success) {
    const bool refused = answer.reply->status == PkiStatus::failure;
    throw Failure::never("rejected", "the CA refused " + what + ": " +
                                         (refused ? describe_failure(*answer.reply, answer.http.reason)
                                                  : std::string("it answered PENDING")));
  }
  crypto::CertificateBag bag =
      open_reply(*answer.reply, {&*transaction.signer, request.current_key, challenge}, settings.legacy);
  for (const std::string& warning : answer.reply->warnings) host.log(LogLevel::warning, warning);
  return bag;
}

// Content octets of an INTEGER.
Bytes serial_from_hex(std::string serial) {
  const std::string given = serial;
  std::erase(serial, ':');
  if (serial.size() % 2 != 0) serial.insert(serial.begin(), '0');
  auto octets = crypto::from_hex(serial);
  if (!octets || octets->empty() || octets->size() > 64)
    throw Failure::never("bad-serial", "not a serial number in hexadecimal: " + sys::printable(given),
                         "write it as `openssl x509 -serial` prints it");
  if ((octets->front() & 0x80U) != 0) octets->insert(octets->begin(), 0);
  return *octets;
}

Bytes crl_in_directory(Transport& transport, const std::string& address) {
  const Bytes answer = transport.search(address);
  const auto values = trust::attribute_values({reinterpret_cast<const char*>(answer.data()), answer.size()},
                                              "certificateRevocationList");
  if (values.size() != 1)
    throw Failure("crl-unreadable", "the directory has " + std::to_string(values.size()) +
                                        " values of certificateRevocationList there, not one");
  return crypto::Crl::from_text({reinterpret_cast<const char*>(values.front().data()), values.front().size()}).der();
}

Bytes published_crl(Transport& transport, const std::string& address) {
  if (address.starts_with("ldap:")) return crl_in_directory(transport, address);
  const HttpReply reply = transport.get(address);
  if (reply.status != 200) throw failure_of(reply, "the request for a revocation list");
  return crypto::Crl::from_text({reinterpret_cast<const char*>(reply.body.data()), reply.body.size()}).der();
}

}  // namespace

TrustAnchors look_up_anchors(const Settings& settings, Transport& transport,
                             const std::vector<std::string>& vouched_pem, Host& host) {
  TrustAnchors anchors;
  anchors.capabilities = fetch_capabilities(settings, transport).capabilities.words;
  const std::vector<crypto::Certificate> fetched = fetch_ca_certificates(settings, transport);
  anchors.ca_set_pem = pem_of(fetched);
  const bool only_first_use =
      settings.pin.trust_on_first_use && settings.pin.fingerprints.empty() && settings.pin.ca_file.empty();
  if (only_first_use && vouched_pem.empty()) {
    anchors.pin_problem = "trust_on_first_use: no fingerprint is configured to compare with";
    return anchors;
  }
  try {
    anchors.anchors_pem = pem_of(
        trust::apply_pin(settings.pin, fetched, {}, trusted_now(host), crypto::Certificate::each_from_pem(vouched_pem))
            .anchors);
  } catch (const Failure& failure) {
    anchors.pin_problem = failure.error().message;
  }
  return anchors;
}

std::vector<std::string> look_up_next_anchors(const Settings& settings, Transport& transport,
                                              const std::vector<std::string>& current_ca_set_pem,
                                              const std::vector<std::string>& vouched_pem, Host& host) {
  const std::vector<crypto::Certificate> known = crypto::Certificate::each_from_pem(current_ca_set_pem);
  const trust::TrustedSet trusted =
      trust::apply_pin(settings.pin, known.empty() ? fetch_ca_certificates(settings, transport) : known, {},
                       trusted_now(host), crypto::Certificate::each_from_pem(vouched_pem));
  return pem_of(fetch_next_ca_certificates(settings, transport, trusted.vouched));
}

std::string look_up_certificate(const Settings& settings, Transport& transport, const std::string& serial,
                                const EnrollRequest& request, Host& host) {
  const Bytes octets = serial_from_hex(serial);
  const crypto::CertificateBag bag = ask(settings, transport, request, host, MessageType::get_cert, octets);
  // SCEP-113
  const auto found = std::find_if(bag.certificates.begin(), bag.certificates.end(),
                                  [&](const auto& certificate) { return certificate.serial_octets() == octets; });
  if (found == bag.certificates.end())
    throw Failure("wrong-certificate", "the CA sent another certificate than the one with the serial number " + serial);
  return found->to_pem();
}

Bytes look_up_crl(const Settings& settings, Transport& transport, const EnrollRequest& request, Host& host) {
  if (request.current == nullptr)
    throw Failure::never("no-credential", "without a certificate there is nothing to look up", "enroll first");
  const auto current = crypto::Certificate::from_pem(request.current->certificate_pem);
  // SCEP-121, SCEP-206
  for (const std::string& address : crypto::crl_addresses(current)) {
    try {
      return published_crl(transport, address);
    } catch (const Failure& failure) {
      host.log(LogLevel::warning, "revocation list at " + address + ": " + failure.error().message);
    }
  }
  const Bytes serial = current.serial_octets();
  const crypto::CertificateBag bag = ask(settings, transport, request, host, MessageType::get_crl, serial);
  // SCEP-114
  if (bag.crls.size() != 1)
    throw Failure("protocol-error",
                  "the CA's answer to GetCRL holds " + std::to_string(bag.crls.size()) + " revocation lists, not one");
  return bag.crls.front();
}

}  // namespace certctl::scep
