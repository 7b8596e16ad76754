#include "framework/engine/served_probe.hpp"

#include <algorithm>

#include "framework/crypto/pem.hpp"
#include "framework/engine/ike_listing.hpp"
#include "framework/probe/comparison.hpp"
#include "framework/probe/listener.hpp"
#include "framework/sys/atomic_file.hpp"
#include "framework/sys/shown_output.hpp"
#include "framework/sys/subprocess.hpp"

namespace certctl::engine {
namespace {

// The listing of an IKE daemon with some thousand certificates.
constexpr std::size_t kMaxListing = 16U << 20U;

Served served(const crypto::Certificate& certificate, std::string detail) {
  Served result;
  result.known = true;
  result.fingerprint = certificate.fingerprint();
  result.detail = std::move(detail);
  return result;
}

Served ask_listeners(const config::Probe& probe, const Credential& expected, std::chrono::milliseconds limit) {
  std::vector<probe::Listener> listeners;
  for (const std::string& address : probe.connect) {
    probe::Listener listener = probe::listener_from(address);
    listener.server_name = probe.server_name;
    listener.alpn = probe.alpn;
    listener.greeting = probe.kind == config::ProbeKind::smtp ? probe::Greeting::smtp : probe::Greeting::none;
    listeners.push_back(std::move(listener));
  }
  return probe::look(listeners, expected, limit);
}

std::vector<crypto::Certificate> certificates_in(const std::string& text) {
  if (text.find("-----BEGIN") != std::string::npos || text.empty()) return crypto::Certificate::all_from_pem(text);
  return {crypto::Certificate::from_der({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()})};
}

bool is_private_key(const crypto::PemBlock& block) {
  static constexpr std::string_view kEnd = "PRIVATE KEY";
  return block.label.size() >= kEnd.size() &&
         block.label.compare(block.label.size() - kEnd.size(), kEnd.size(), kEnd) == 0;
}

Served look_into_file(const std::string& path, const Credential& expected) {
  try {
    const Secret content(sys::read_file(path, crypto::kMaxPemBytes));
    const auto found = certificates_in(content.reveal());
    if (found.empty()) throw Failure("not-served", "it holds no certificate");
    const probe::Expected wanted(expected);
    if (!(found.front() == wanted.certificate))
      return served(found.front(), path + " holds " + probe::difference(found.front(), wanted));
    for (const auto& block : crypto::split_pem(content.reveal())) {
      // An encrypted one cannot be compared.
      if (!is_private_key(block) || block.encrypted) continue;
      if (!wanted.certificate.carries(crypto::Key::from_pem(block.text)))
        throw Failure("not-served", "it holds the certificate with the private key of another");
    }
    return served(found.front(), path + " holds " + probe::describe(found.front()));
  } catch (const Failure& failure) {
    // Half written, or not written yet: it may be well with the next look.
    throw Failure("not-served", path + ": " + failure.error().message, failure.error().hint);
  }
}

std::string listing(const config::Probe& probe, const char* form, std::chrono::milliseconds limit) {
  sys::ProcessRequest request;
  request.command = probe.command;
  for (const char* word : {"--list-certs", "--type", "x509"}) request.command.arguments.emplace_back(word);
  if (*form != '\0') request.command.arguments.emplace_back(form);
  if (!probe.uri.empty()) {
    request.command.arguments.emplace_back("--uri");
    request.command.arguments.push_back(probe.uri);
  }
  request.environment = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C", "HOME=/"};
  request.timeout = limit;
  request.output_limit = kMaxListing;
  request.error_limit = 1024;
  const sys::ProcessResult result = sys::run_process(request);
  if (!result.succeeded()) {
    const std::string said = sys::shown_output(result.errors.empty() ? result.output : result.errors);
    throw Failure("unreachable",
                  "the IKE daemon cannot be asked: '" + sys::command_name(probe.command) +
                      "': " + sys::describe_end(result) + (said.empty() ? "" : "; it said: " + said),
                  "is the daemon running, and uri: its vici socket?");
  }
  if (result.output_cut)
    throw Failure("unreachable", "the IKE daemon lists more certificates than can be read",
                  "use `verify: command:` for this target");
  return result.output;
}

// One block after the other: a daemon may have more certificates than a PEM bundle.
std::vector<crypto::Certificate> listed_certificates(const std::string& text) {
  static constexpr std::string_view kEnd = "-----END CERTIFICATE-----";
  std::vector<crypto::Certificate> found;
  for (std::size_t at = 0;;) {
    const std::size_t end = text.find(kEnd, at);
    if (end == std::string::npos) return found;
    const auto block = crypto::Certificate::all_from_pem(std::string_view(text).substr(at, end + kEnd.size() - at));
    found.insert(found.end(), block.begin(), block.end());
    at = end + kEnd.size();
  }
}

Served ask_ike_daemon(const config::Probe& probe, const Credential& expected, std::chrono::milliseconds limit) {
  const probe::Expected wanted(expected);
  const auto loaded = listed_certificates(listing(probe, "--pem", limit));
  if (std::find(loaded.begin(), loaded.end(), wanted.certificate) == loaded.end()) {
    // The newest of the same name is what it uses instead.
    const crypto::Certificate* other = nullptr;
    for (const auto& one : loaded) {
      if (one.subject_der() != wanted.certificate.subject_der()) continue;
      if (other == nullptr || one.not_before_seconds() > other->not_before_seconds()) other = &one;
    }
    if (other != nullptr) return served(*other, "the IKE daemon has " + probe::difference(*other, wanted));
    throw Failure("not-served", "the IKE daemon has " + std::to_string(loaded.size()) +
                                    " certificates, and not serial " + wanted.certificate.serial());
  }
  if (!has_private_key(ike_certificates(listing(probe, "", limit)), wanted.certificate)) {
    throw Failure("not-served",
                  "the IKE daemon has " + probe::describe(wanted.certificate) + ", but not its private key",
                  "load the key too: `swanctl --load-creds`");
  }
  return served(wanted.certificate, "the IKE daemon has " + probe::describe(wanted.certificate) + ", and its key");
}

Served run_command(const config::Probe& probe, const Credential& expected, Host& host,
                   std::chrono::milliseconds limit) {
  const auto seconds = std::max(std::chrono::seconds(1), std::chrono::ceil<std::chrono::seconds>(limit));
  const CommandOutcome outcome = host.run(probe.command, &expected, seconds).value();
  const std::string name = "'" + sys::command_name(probe.command) + "'";
  if (!outcome.succeeded())
    throw Failure("not-served", "command " + name + ": " + sys::describe_failure(outcome, seconds));
  Served result;
  result.known = true;
  result.fingerprint = expected.fingerprint;
  result.detail = "command " + name + " says so";
  return result;
}

}  // namespace

Served ask_probe(const config::Probe& probe, const Credential& expected, Host& host, std::chrono::milliseconds limit) {
  switch (probe.kind) {
    case config::ProbeKind::tls:
    case config::ProbeKind::smtp: return ask_listeners(probe, expected, limit);
    case config::ProbeKind::file: return look_into_file(probe.file, expected);
    case config::ProbeKind::ike: return ask_ike_daemon(probe, expected, limit);
    case config::ProbeKind::command: return run_command(probe, expected, host, limit);
  }
  throw Failure::never("internal", "an unknown way to verify");
}

}  // namespace certctl::engine
