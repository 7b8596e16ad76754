// The layout of everything that crosses the border between host and plugin, against what was recorded for this contract
// revision. A plugin that was built with another layout crashes the host (measured: SIGSEGV without a word), and only
// the revision number keeps it out.
#include <certctl/plugin.hpp>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include "tests/unit/sdk/layout.hpp"

using namespace certctl;

#define TYPE(T) lines.push_back(layout::type_line<T>(#T))
#define MEMBER(T, member)                                                                                   \
  do {                                                                                                      \
    const T object{};                                                                                       \
    const auto at = reinterpret_cast<const char*>(&object.member) - reinterpret_cast<const char*>(&object); \
    lines.push_back(std::string(#T "." #member " at ") + std::to_string(at) + " size " +                    \
                    std::to_string(sizeof(object.member)));                                                 \
  } while (false)
#define INTERFACE(T) lines.push_back(layout::interface_line<T>(#T))
#define SLOT(T, member) lines.push_back(layout::slot_line(#T "::" #member, &T::member))
#define VALUE(name) lines.push_back(std::string(#name " = ") + std::to_string(static_cast<long>(name)))

namespace {

std::vector<std::string> descriptor_layout() {
  std::vector<std::string> lines;
  TYPE(certctl_build);
  MEMBER(certctl_build, contract);
  MEMBER(certctl_build, cxx11_abi);
  MEMBER(certctl_build, pointer_size);
  MEMBER(certctl_build, openssl_major);
  TYPE(certctl_descriptor);
  MEMBER(certctl_descriptor, magic);
  MEMBER(certctl_descriptor, struct_size);
  MEMBER(certctl_descriptor, kind);
  MEMBER(certctl_descriptor, build);
  MEMBER(certctl_descriptor, name);
  MEMBER(certctl_descriptor, version);
  MEMBER(certctl_descriptor, summary);
  MEMBER(certctl_descriptor, options);
  MEMBER(certctl_descriptor, option_count);
  MEMBER(certctl_descriptor, create);
  MEMBER(certctl_descriptor, destroy);
  VALUE(CERTCTL_KIND_ENROLLER);
  VALUE(CERTCTL_KIND_STORE);
  VALUE(CERTCTL_KIND_KEY_PROVIDER);
  VALUE(CERTCTL_KIND_DISTRIBUTOR);
  VALUE(CERTCTL_KIND_HOOK);
  return lines;
}

std::vector<std::string> value_layout() {
  std::vector<std::string> lines;
  TYPE(Error);
  MEMBER(Error, code);
  MEMBER(Error, message);
  MEMBER(Error, hint);
  MEMBER(Error, retry);
  MEMBER(Error, delay);
  VALUE(RetryClass::never);
  VALUE(RetryClass::later);
  VALUE(RetryClass::after);
  TYPE(Secret);
  TYPE(Bytes);
  TYPE(TimePoint);
  TYPE(KeySpec);
  MEMBER(KeySpec, type);
  MEMBER(KeySpec, bits);
  MEMBER(KeySpec, curve);
  VALUE(KeyType::rsa);
  VALUE(KeyType::ec);
  TYPE(KeyRef);
  MEMBER(KeyRef, provider);
  MEMBER(KeyRef, reference);
  MEMBER(KeyRef, pem);
  TYPE(Credential);
  MEMBER(Credential, generation);
  MEMBER(Credential, serial);
  MEMBER(Credential, fingerprint);
  MEMBER(Credential, certificate_pem);
  MEMBER(Credential, chain_pem);
  MEMBER(Credential, ca_set_pem);
  MEMBER(Credential, key);
  MEMBER(Credential, directory);
  TYPE(Generation);
  MEMBER(Generation, number);
  MEMBER(Generation, serial);
  MEMBER(Generation, fingerprint);
  MEMBER(Generation, directory);
  MEMBER(Generation, whole);
  MEMBER(Generation, active);
  MEMBER(Generation, problem);
  TYPE(NameAttribute);
  MEMBER(NameAttribute, type);
  MEMBER(NameAttribute, value);
  MEMBER(NameAttribute, same_rdn);
  TYPE(AltName);
  MEMBER(AltName, kind);
  MEMBER(AltName, value);
  VALUE(AltNameKind::email);
  VALUE(AltNameKind::uri);
  VALUE(AltNameKind::dns);
  VALUE(AltNameKind::rid);
  VALUE(AltNameKind::ip);
  VALUE(AltNameKind::dir_name);
  VALUE(AltNameKind::other_name);
  TYPE(CertificateTemplate);
  MEMBER(CertificateTemplate, name);
  MEMBER(CertificateTemplate, string);
  VALUE(TemplateString::bmp);
  VALUE(TemplateString::utf8);
  TYPE(CertificateRequest);
  MEMBER(CertificateRequest, subject);
  MEMBER(CertificateRequest, alt_names);
  MEMBER(CertificateRequest, certificate_template);
  MEMBER(CertificateRequest, usage);
  return lines;
}

std::vector<std::string> option_layout() {
  std::vector<std::string> lines;
  TYPE(OptionSpec);
  MEMBER(OptionSpec, name);
  MEMBER(OptionSpec, type);
  MEMBER(OptionSpec, default_value);
  MEMBER(OptionSpec, required);
  MEMBER(OptionSpec, identity);
  MEMBER(OptionSpec, choices);
  MEMBER(OptionSpec, text);
  VALUE(OptionType::text);
  VALUE(OptionType::path);
  VALUE(OptionType::integer);
  VALUE(OptionType::boolean);
  VALUE(OptionType::duration);
  VALUE(OptionType::size);
  VALUE(OptionType::choice);
  VALUE(OptionType::list);
  VALUE(OptionType::map);
  VALUE(OptionType::command);
  VALUE(OptionType::secret);
  TYPE(Command);
  MEMBER(Command, shell);
  MEMBER(Command, arguments);
  TYPE(SecretSource);
  MEMBER(SecretSource, file);
  MEMBER(SecretSource, inline_text);
  TYPE(OptionValue);
  lines.push_back("OptionValue alternatives " + std::to_string(std::variant_size_v<OptionValue>));
  TYPE(Options);
  return lines;
}

std::vector<std::string> host_layout() {
  std::vector<std::string> lines;
  TYPE(CommandOutcome);
  MEMBER(CommandOutcome, exit_status);
  MEMBER(CommandOutcome, signal);
  MEMBER(CommandOutcome, timed_out);
  MEMBER(CommandOutcome, reported_failure);
  MEMBER(CommandOutcome, output);
  VALUE(LogLevel::debug);
  VALUE(LogLevel::info);
  VALUE(LogLevel::warning);
  VALUE(LogLevel::error);
  INTERFACE(Host);
  SLOT(Host, profile);
  SLOT(Host, now);
  SLOT(Host, clock_trusted);
  SLOT(Host, log);
  SLOT(Host, work_directory);
  SLOT(Host, run);
  SLOT(Host, read_secret);
  INTERFACE(EnrollHost);
  SLOT(EnrollHost, checkpoint);
  VALUE(Checkpoint::about_to_send);
  VALUE(Checkpoint::not_sent);
  VALUE(Checkpoint::awaiting);
  return lines;
}

std::vector<std::string> enroller_layout() {
  std::vector<std::string> lines;
  TYPE(EnrollRequest);
  MEMBER(EnrollRequest, action);
  MEMBER(EnrollRequest, wanted);
  MEMBER(EnrollRequest, key);
  MEMBER(EnrollRequest, key_is_current);
  MEMBER(EnrollRequest, current);
  MEMBER(EnrollRequest, current_key);
  MEMBER(EnrollRequest, current_usable);
  MEMBER(EnrollRequest, memory);
  MEMBER(EnrollRequest, signer_lifetime);
  MEMBER(EnrollRequest, vouched_pem);
  VALUE(EnrollAction::enroll);
  VALUE(EnrollAction::renew);
  VALUE(ResumeReason::pending);
  VALUE(ResumeReason::in_doubt);
  VALUE(ResumeReason::last_poll);
  TYPE(EnrollOutcome);
  MEMBER(EnrollOutcome, state);
  MEMBER(EnrollOutcome, certificate_pem);
  MEMBER(EnrollOutcome, ca_set_pem);
  MEMBER(EnrollOutcome, anchors_pem);
  MEMBER(EnrollOutcome, self_signed_request);
  MEMBER(EnrollOutcome, transaction_id);
  MEMBER(EnrollOutcome, poll_after);
  MEMBER(EnrollOutcome, reason);
  MEMBER(EnrollOutcome, display);
  MEMBER(EnrollOutcome, warnings);
  MEMBER(EnrollOutcome, memory);
  MEMBER(EnrollOutcome, key_pem);
  VALUE(EnrollState::issued);
  VALUE(EnrollState::pending);
  VALUE(EnrollState::rejected);
  TYPE(TrustAnchors);
  MEMBER(TrustAnchors, ca_set_pem);
  MEMBER(TrustAnchors, anchors_pem);
  MEMBER(TrustAnchors, pin_problem);
  MEMBER(TrustAnchors, capabilities);
  INTERFACE(EnrollerApi);
  SLOT(EnrollerApi, supports);
  SLOT(EnrollerApi, enroll);
  SLOT(EnrollerApi, resume);
  SLOT(EnrollerApi, fetch_trust_anchors);
  SLOT(EnrollerApi, fetch_next_anchors);
  SLOT(EnrollerApi, fetch_certificate);
  SLOT(EnrollerApi, fetch_crl);
  SLOT(EnrollerApi, revoke);
  SLOT(EnrollerApi, renewal_window);
  VALUE(EnrollerPower::trust_anchors);
  VALUE(EnrollerPower::next_anchors);
  VALUE(EnrollerPower::certificate);
  VALUE(EnrollerPower::crl);
  VALUE(EnrollerPower::revoke);
  VALUE(EnrollerPower::renewal_window);
  TYPE(Result<EnrollOutcome>);
  TYPE(Result<TrustAnchors>);
  return lines;
}

std::vector<std::string> store_layout() {
  std::vector<std::string> lines;
  INTERFACE(StoreApi);
  SLOT(StoreApi, supports_adopt);
  SLOT(StoreApi, location);
  SLOT(StoreApi, put);
  SLOT(StoreApi, activate);
  SLOT(StoreApi, active);
  SLOT(StoreApi, list);
  SLOT(StoreApi, read);
  SLOT(StoreApi, prune);
  SLOT(StoreApi, adopt);
  TYPE(Result<void>);
  TYPE(Result<int>);
  TYPE(Result<std::string>);
  TYPE(Result<Credential>);
  TYPE(Result<std::optional<Generation>>);
  TYPE(Result<std::vector<Generation>>);
  INTERFACE(KeyProviderApi);
  SLOT(KeyProviderApi, supports_destroy);
  SLOT(KeyProviderApi, supports_attest);
  SLOT(KeyProviderApi, generate);
  SLOT(KeyProviderApi, load);
  SLOT(KeyProviderApi, destroy);
  SLOT(KeyProviderApi, attest);
  TYPE(KeyHandle);
  TYPE(Result<KeyRef>);
  TYPE(Result<KeyHandle>);
  return lines;
}

std::vector<std::string> delivery_layout() {
  std::vector<std::string> lines;
  TYPE(Inspection);
  MEMBER(Inspection, resources);
  MEMBER(Inspection, values);
  MEMBER(Inspection, output_files);
  MEMBER(Inspection, present);
  MEMBER(Inspection, serial);
  MEMBER(Inspection, detail);
  MEMBER(Inspection, diff);
  MEMBER(Inspection, disturbance);
  VALUE(Present::this_one);
  VALUE(Present::other);
  VALUE(Present::none);
  VALUE(Present::unreadable);
  VALUE(Present::unknown);
  TYPE(InstallReport);
  MEMBER(InstallReport, changed);
  MEMBER(InstallReport, warnings);
  TYPE(Served);
  MEMBER(Served, known);
  MEMBER(Served, fingerprint);
  MEMBER(Served, chain_fingerprints);
  MEMBER(Served, detail);
  INTERFACE(DistributorApi);
  SLOT(DistributorApi, supports_reload);
  SLOT(DistributorApi, supports_verify);
  SLOT(DistributorApi, inspect);
  SLOT(DistributorApi, prepare);
  SLOT(DistributorApi, install);
  SLOT(DistributorApi, undo);
  SLOT(DistributorApi, reload_key);
  SLOT(DistributorApi, reload);
  SLOT(DistributorApi, verify);
  TYPE(Result<Inspection>);
  TYPE(Result<Secret>);
  TYPE(Result<InstallReport>);
  TYPE(Result<Served>);
  TYPE(Event);
  MEMBER(Event, name);
  MEMBER(Event, profile);
  MEMBER(Event, at);
  MEMBER(Event, message);
  MEMBER(Event, code);
  MEMBER(Event, hint);
  MEMBER(Event, credential);
  MEMBER(Event, facts);
  INTERFACE(HookApi);
  SLOT(HookApi, supports_veto);
  SLOT(HookApi, on_event);
  SLOT(HookApi, veto);
  return lines;
}

std::vector<std::string> measured() {
  std::vector<std::string> all;
  for (const auto& part : {descriptor_layout(), value_layout(), option_layout(), host_layout(), enroller_layout(),
                           store_layout(), delivery_layout()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream stream(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);)
    if (!line.empty() && line.front() != '#') lines.push_back(line);
  return lines;
}

std::string difference(const std::vector<std::string>& recorded, const std::vector<std::string>& now) {
  std::string text;
  for (const auto& line : recorded)
    if (std::find(now.begin(), now.end(), line) == now.end()) text += "  recorded: " + line + "\n";
  for (const auto& line : now)
    if (std::find(recorded.begin(), recorded.end(), line) == recorded.end()) text += "  now:      " + line + "\n";
  return text;
}

}  // namespace

TEST_CASE("the contract's layout is the one recorded for its revision") {
  if (sizeof(void*) != 8 || _GLIBCXX_USE_CXX11_ABI != 1) {
    WARN("the layout is recorded for 64-bit programs only");
    return;
  }
  const std::string revision = std::to_string(CERTCTL_CONTRACT_REVISION);
  const std::string path = CERTCTL_TEST_DATA "/abi/revision-" + revision + ".txt";
  const std::vector<std::string> now = measured();
  if (std::getenv("CERTCTL_RECORD_LAYOUT") != nullptr) {
    std::ofstream stream(path);
    stream << "# Layout of the plugin contract, revision " << revision << ", 64 bit. Written by unit_sdk; see there.\n";
    for (const auto& line : now) stream << line << '\n';
    REQUIRE(stream.flush());
  }
  const std::vector<std::string> recorded = lines_of(path);
  INFO(
      "Plugins that are built already would be called with another layout than they have.\n"
      "What to do: raise CERTCTL_CONTRACT_REVISION in framework/sdk/include/certctl/abi.h, then record the layout of\n"
      "the new revision: CERTCTL_RECORD_LAYOUT=1 unit_sdk. A file tests/data/abi/revision-N.txt that is on main is\n"
      "never written again. A type that is new here must be listed in abi_layout_test.cpp.\n"
      << difference(recorded, now));
  CHECK(recorded == now);
}
