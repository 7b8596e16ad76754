// getcert and getcrl.
#include "enrollers/scep/protocol/names.hpp"

#include "framework/compat/sscep/exchange.hpp"
#include "framework/compat/sscep/files.hpp"
#include "framework/compat/sscep/operations.hpp"
#include "framework/compat/sscep/serial_number.hpp"
#include "framework/compat/sscep/stop.hpp"
#include "framework/crypto/pem.hpp"

#include <algorithm>

namespace certctl::sscep {
namespace {

// What both read, in the order in which problems show.
struct Inputs {
  crypto::Certificate local;
  CaSet set;
  crypto::Key key;
  std::optional<crypto::Certificate> named;  // -O
};

Inputs read_inputs(const Task& task) {
  const Options& options = task.options;
  crypto::Certificate local = read_certificate(*options.local_file);
  CaSet set = load_ca_set(options, task.console, std::chrono::system_clock::now());
  crypto::Key key = task.keys.load(*options.key_file);
  if (options.old_key_file && !options.old_certificate_file)
    throw Stop(ExitCode::file, "-K needs -O: a key without its certificate is of no use");
  std::optional<crypto::Certificate> named;
  if (options.old_certificate_file) named = read_certificate(*options.old_certificate_file);
  if (!local.carries(key))
    throw Stop(ExitCode::file,
               "the certificate in " + *options.local_file + " does not belong to the key in " + *options.key_file);
  check_writable(*options.output_file);
  return {std::move(local), std::move(set), std::move(key), std::move(named)};
}

crypto::CertificateBag ask(const Task& task, const Inputs& inputs, scep::MessageType type,
                           const scep::IssuerAndSerial& names) {
  Exchange exchange(task.options, task.console, task.server, inputs.set, task.capabilities);
  const Identity identity{inputs.local, inputs.key, Secret()};
  scep::Reply reply = exchange.send(type, scep::fresh_transaction_id(), scep::encode(names), identity);
  if (reply.status == scep::PkiStatus::failure) stop_failure(reply);
  // SCEP-179
  if (reply.status == scep::PkiStatus::pending)
    throw Stop(ExitCode::pending, "the CA has not decided; ask again later");
  return exchange.open(reply, identity);
}

scep::IssuerAndSerial revocation_names(const Task& task, const Inputs& inputs) {
  const auto names_of = [](const crypto::Certificate& certificate) {
    return scep::IssuerAndSerial{certificate.issuer_der(), certificate.serial_octets()};
  };
  if (inputs.named) return names_of(*inputs.named);
  const crypto::Certificate& ca = inputs.set.issuing ? *inputs.set.issuing : inputs.set.trusted.front();
  if (Compat(task.options.compat.value_or("")).has("crl-names")) return {ca.subject_der(), ca.serial_octets()};
  // RFC 8894 §3.3.4, SCEP-120: the certificate to be validated. A self-signed one is validated by no CRL.
  if (inputs.local.is_self_issued()) return {ca.subject_der(), ca.serial_octets()};
  return names_of(inputs.local);
}

}  // namespace

void get_certificate(const Task& task) {
  const Bytes serial = parse_serial(*task.options.serial);
  const Inputs inputs = read_inputs(task);
  const Bytes issuer = inputs.named ? inputs.named->subject_der() : inputs.set.issuer_name();
  task.console.say("requesting certificate");
  // SCEP-120, SCEP-180
  const crypto::CertificateBag bag = ask(task, inputs, scep::MessageType::get_cert, {issuer, serial});
  const auto found = std::find_if(bag.certificates.begin(), bag.certificates.end(),
                                  [&](const auto& certificate) { return certificate.serial_octets() == serial; });
  if (found == bag.certificates.end())
    throw Stop(ExitCode::file, "cannot find requested certificate: the reply holds " +
                                   std::to_string(bag.certificates.size()) + ", none with this serial number");
  write_output(*task.options.output_file, found->to_pem());
  task.console.verbose("certificate written as " + *task.options.output_file);
}

void get_crl(const Task& task) {
  std::optional<Bytes> serial;
  if (task.options.serial) serial = parse_serial(*task.options.serial);
  const Inputs inputs = read_inputs(task);
  scep::IssuerAndSerial names = revocation_names(task, inputs);
  if (serial) names.serial = *serial;
  task.console.say("requesting crl");
  const crypto::CertificateBag bag = ask(task, inputs, scep::MessageType::get_crl, names);
  if (bag.crls.empty()) throw Stop(ExitCode::file, "cannot find requested CRL: there is none in the reply");
  write_output(*task.options.output_file, crypto::pem_text("X509 CRL", bag.crls.front()));
  task.console.say("CRL written as " + *task.options.output_file);
}

}  // namespace certctl::sscep
