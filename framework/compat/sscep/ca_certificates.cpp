// getca and getnextca.
#include "enrollers/scep/protocol/ca_certificates.hpp"

#include "enrollers/scep/protocol/query.hpp"
#include "framework/compat/sscep/algorithm_names.hpp"
#include "framework/compat/sscep/files.hpp"
#include "framework/compat/sscep/operations.hpp"
#include "framework/compat/sscep/stop.hpp"
#include "framework/crypto/chain.hpp"
#include "framework/crypto/cms_signed.hpp"
#include "framework/crypto/digest.hpp"
#include "framework/crypto/name.hpp"
#include "framework/crypto/random.hpp"

#include <algorithm>
#include <array>

namespace certctl::sscep {
namespace {

std::string fingerprint_line(const crypto::Certificate& certificate, crypto::Digest digest) {
  const std::string name = short_name(digest);
  const std::string hex = crypto::hex_text(crypto::digest(name, certificate.der()));
  std::string line = name + " fingerprint: ";
  for (std::size_t i = 0; i < hex.size(); i += 2) line.append(i == 0 ? "" : ":").append(hex, i, 2);
  return line;
}

std::string slash_name(const Bytes& der) {
  return crypto::subject_slash_text(crypto::name_attributes(der));
}

// The names under which OpenSSL shows them.
constexpr std::array<std::pair<unsigned, std::string_view>, 9> kUsages{{
    {crypto::kDigitalSignature, "Digital Signature"},
    {crypto::kNonRepudiation, "Non Repudiation"},
    {crypto::kKeyEncipherment, "Key Encipherment"},
    {crypto::kDataEncipherment, "Data Encipherment"},
    {crypto::kKeyAgreement, "Key Agreement"},
    {crypto::kKeyCertSign, "Certificate Sign"},
    {crypto::kCrlSign, "CRL Sign"},
    {crypto::kEncipherOnly, "Encipher Only"},
    {crypto::kDecipherOnly, "Decipher Only"},
}};

std::string usage_line(const crypto::Certificate& certificate) {
  std::string line;
  for (const auto& [bit, name] : kUsages)
    if ((certificate.key_usage().value_or(0) & bit) != 0) line.append(line.empty() ? "" : ", ").append(name);
  return line.empty() ? "none" : line;
}

void describe(const Console& console, const crypto::Certificate& certificate, crypto::Digest digest) {
  if (!console.is_verbose()) return;
  Console::plain("\n");
  console.verbose("found certificate with");
  console.detail("subject: " + slash_name(certificate.subject_der()));
  console.detail("issuer: " + slash_name(certificate.issuer_der()));
  console.detail(std::string("basic constraints: ") + (certificate.is_ca() ? "CA:TRUE" : "CA:FALSE"));
  console.detail("usage: " + usage_line(certificate));
  console.detail(fingerprint_line(certificate, digest));
}

// FILE-0, FILE-1 …, in the order of the reply; what is left of a longer set goes.
void write_set(const Task& task, const std::vector<crypto::Certificate>& certificates, crypto::Digest digest) {
  const std::string& base = *task.options.ca_file;
  for (std::size_t i = 0; i < certificates.size(); ++i) {
    const std::string path = base + "-" + std::to_string(i);
    describe(task.console, certificates[i], digest);
    write_output(path, certificates[i].to_pem());
    task.console.verbose("certificate written as " + path);
  }
  remove_set_from(base, certificates.size());
}

bool looks_like_certificates(const net::HttpReply& reply) {
  const std::string_view text(reinterpret_cast<const char*>(reply.body.data()), reply.body.size());
  return crypto::sniff_der(reply.body) != crypto::DerKind::other || text.find("-----BEGIN ") != std::string_view::npos;
}

// Who of the certificates in a GetNextCACert reply comes from the trusted roots.
std::vector<crypto::Certificate> with_path(std::span<const crypto::Certificate> certificates,
                                           std::span<const crypto::Certificate> anchors) {
  std::vector<crypto::Certificate> found;
  for (const crypto::Certificate& certificate : certificates) {
    try {
      (void)crypto::build_path(certificate, certificates, anchors, std::chrono::system_clock::now());
      found.push_back(certificate);
    } catch (const Failure&) {
      continue;
    }
  }
  return found;
}

std::vector<crypto::Certificate> read_anchors(const std::string& path) {
  const std::string text = read_input(path);
  std::vector<crypto::Certificate> anchors =
      or_stop(ExitCode::file, "cannot read " + path, [&] { return crypto::Certificate::all_from_pem(text); });
  if (anchors.empty()) throw Stop(ExitCode::file, "there is no certificate in PEM in " + path);
  return anchors;
}

}  // namespace

// SCEP-006: for people to compare.
crypto::Digest fingerprint_digest(const Options& options, const scep::Capabilities& capabilities) {
  if (options.fingerprint) return digest_named(*options.fingerprint, "-F");
  if (capabilities.sha512) return crypto::Digest::sha512;
  if (capabilities.sha384) return crypto::Digest::sha384;
  if (!capabilities.sha256 && capabilities.sha1) return crypto::Digest::sha1;
  return crypto::Digest::sha256;
}

void get_ca(const Task& task) {
  const crypto::Digest digest = fingerprint_digest(task.options, task.capabilities);
  const net::HttpReply reply = task.server.ask("GetCACert");
  const bool right_type = has_type(reply, scep::kContentTypeCaCert) || has_type(reply, scep::kContentTypeCaRaCert) ||
                          has_type(reply, "application/x-x509-ra-ca-certs");
  if (!right_type && !looks_like_certificates(reply)) stop_no_scep(reply, "GetCACert");
  const std::vector<crypto::Certificate> certificates = or_stop(
      ExitCode::file, "the CA's certificates cannot be read", [&] { return scep::parse_ca_certificates(reply.body); });
  task.console.verbose("valid response from server");
  // The bytes decide: servers label a list as one certificate, and the other way round.
  const bool is_set = crypto::sniff_der(reply.body) == crypto::DerKind::cms || certificates.size() > 1;
  if (is_set) {
    write_set(task, certificates, digest);
    return;
  }
  const std::string& path = *task.options.ca_file;
  task.console.verbose(fingerprint_line(certificates.front(), digest));
  try {
    write_output(path, certificates.front().to_pem());
  } catch (const Stop& stop) {
    throw Stop(ExitCode::error, stop.message());  // the code that it always was
  }
  task.console.verbose("CA certificate written as " + path);
}

void get_next_ca(const Task& task) {
  const crypto::Digest digest = fingerprint_digest(task.options, task.capabilities);
  const net::HttpReply reply = task.server.ask("GetNextCACert");
  if (crypto::sniff_der(reply.body) != crypto::DerKind::cms) {
    if (!has_type(reply, scep::kContentTypeNextCaCert)) stop_no_scep(reply, "GetNextCACert");
    throw Stop(ExitCode::message, scep::describe_non_scep(answer_of(reply), "GetNextCACert"));
  }
  task.console.debug("valid response from server");
  const auto message =
      or_stop(ExitCode::message, "the reply", [&] { return crypto::SignedMessage::parse(reply.body); });
  const bool believes_all = Compat(task.options.compat.value_or("")).has("next-ca");
  std::vector<crypto::Certificate> signers = message.certificates();
  if (!believes_all) {
    const std::vector<crypto::Certificate> anchors = read_anchors(*task.options.anchors_file);
    signers = with_path(signers, anchors);
    for (const crypto::Certificate& anchor : anchors)
      if (std::find(signers.begin(), signers.end(), anchor) == signers.end()) signers.push_back(anchor);
  }
  // SCEP-162
  const auto signer =
      or_stop(ExitCode::message,
              "the reply is not signed by anybody who comes from the certificates in " + *task.options.anchors_file,
              [&] { return signers.at(message.verify(signers)); });
  const std::vector<crypto::Certificate> next = or_stop(ExitCode::message, "the next CA's certificates", [&] {
    return scep::parse_next_ca_certificates(reply.body, std::span(&signer, 1));
  });
  write_set(task, next, digest);
  if (!task.options.output_file) return;
  write_output(*task.options.output_file, signer.to_pem());
  task.console.verbose("certificate written as " + *task.options.output_file);
}

}  // namespace certctl::sscep
