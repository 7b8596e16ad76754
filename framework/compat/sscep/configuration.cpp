#include "framework/compat/sscep/configuration.hpp"

#include "framework/compat/sscep/stop.hpp"

#include <algorithm>
#include <array>

namespace certctl::sscep {
namespace {

constexpr const char* kGeneral = "sscep";

struct TextKey {
  const char* section;
  const char* key;
  Text Options::*value;
};
constexpr std::array<TextKey, 39> kTextKeys{{
    {kGeneral, "URL", &Options::url},
    {kGeneral, "CACertFile", &Options::ca_file},
    {kGeneral, "CAIdentifier", &Options::identifier},
    {kGeneral, "EncAlgorithm", &Options::cipher},
    {kGeneral, "SigAlgorithm", &Options::digest},
    {kGeneral, "Proxy", &Options::proxy},
    {kGeneral, "MonitorInformation", &Options::monitor},
    {kGeneral, "RetryTime", &Options::retry_time},
    {kGeneral, "TLSCAFile", &Options::tls_ca_file},
    {kGeneral, "Legacy", &Options::legacy},
    {kGeneral, "Compat", &Options::compat},
    {"sscep_getca", "CAIdentifier", &Options::identifier},
    {"sscep_getca", "FingerPrint", &Options::fingerprint},
    {"sscep_getnextca", "CAIdentifier", &Options::identifier},
    {"sscep_getnextca", "ChainRootCACertFile", &Options::anchors_file},
    {"sscep_getnextca", "FingerPrint", &Options::fingerprint},
    {"sscep_getnextca", "SignerCertificateFile", &Options::output_file},
    {"sscep_enroll", "PrivateKeyFile", &Options::key_file},
    {"sscep_enroll", "CertReqFile", &Options::request_file},
    {"sscep_enroll", "SignKeyFile", &Options::old_key_file},
    {"sscep_enroll", "SignCertFile", &Options::old_certificate_file},
    {"sscep_enroll", "LocalCertFile", &Options::local_file},
    {"sscep_enroll", "EncCertFile", &Options::encryption_file},
    {"sscep_enroll", "SelfSignedFile", &Options::signer_file},
    {"sscep_enroll", "ChainFile", &Options::chain_file},
    {"sscep_enroll", "PollInterval", &Options::interval},
    {"sscep_enroll", "MaxPollTime", &Options::poll_time},
    {"sscep_enroll", "MaxPollCount", &Options::polls},
    {"sscep_getcert", "PrivateKeyFile", &Options::key_file},
    {"sscep_getcert", "LocalCertFile", &Options::local_file},
    {"sscep_getcert", "GetCertSerial", &Options::serial},
    {"sscep_getcert", "GetCertFile", &Options::output_file},
    {"sscep_getcert", "SignCertFile", &Options::old_certificate_file},
    {"sscep_getcrl", "PrivateKeyFile", &Options::key_file},
    {"sscep_getcrl", "LocalCertFile", &Options::local_file},
    {"sscep_getcrl", "GetCrlFile", &Options::output_file},
    {"sscep_getcrl", "GetCertSerial", &Options::serial},
    {"sscep_getcrl", "SignCertFile", &Options::old_certificate_file},
    {"sscep_getcaps", "CAIdentifier", &Options::identifier},
}};

struct FlagKey {
  const char* section;
  const char* key;
  bool Options::*value;
};
constexpr std::array<FlagKey, 3> kFlagKeys{{
    {kGeneral, "Verbose", &Options::verbose},
    {kGeneral, "Debug", &Options::debug},
    {"sscep_enroll", "Resume", &Options::resume},
}};

// What the reference tool reads out of the sections of other operations; only with `--compat sections`.
constexpr std::array<TextKey, 2> kForeignKeys{{
    {"sscep_enroll", "SignCertFile", &Options::old_certificate_file},  // getcert, getcrl
    {"sscep_getcert", "GetCertSerial", &Options::serial},              // getcrl
}};

void fill(const crypto::ConfFile& file, const TextKey& row, Options& options) {
  Text& value = options.*row.value;
  if (!value) value = file.value(row.section, row.key);
}

bool is_true(const crypto::ConfFile& file, const FlagKey& row, const Console& console) {
  const auto text = file.value(row.section, row.key);
  if (!text) return false;
  std::string word;
  for (const char c : *text) word += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (word.starts_with("tru") || word == "yes" || word == "on" || word == "1") return true;
  if (word != "false" && word != "no" && word != "off" && word != "0" && !word.empty())
    console.problem("[" + std::string(row.section) + "] " + row.key + " is yes or no, not \"" + *text +
                    "\": taken for no");
  return false;
}

}  // namespace

void apply_configuration(const crypto::ConfFile& file, Options& options, const Console& console) {
  const std::string own = "sscep_" + std::string(name_of(options.operation));
  for (const std::string& section : {std::string(kGeneral), own}) {
    for (const TextKey& row : kTextKeys)
      if (section == row.section) fill(file, row, options);
    for (const FlagKey& row : kFlagKeys)
      if (section == row.section && is_true(file, row, console)) options.*row.value = true;
  }
  const bool getcert = options.operation == Operation::get_cert;
  const bool getcrl = options.operation == Operation::get_crl;
  if ((getcert || getcrl) && Compat(options.compat.value_or("")).has("sections"))
    for (const TextKey& row : kForeignKeys)
      if (own != row.section) fill(file, row, options);
}

std::optional<crypto::ConfFile> load_configuration(Options& options, const Console& console) {
  if (!options.configuration) return std::nullopt;
  return or_stop(ExitCode::file, "", [&] {
    crypto::ConfFile file = crypto::ConfFile::load(*options.configuration);
    apply_configuration(file, options, console);
    return file;
  });
}

}  // namespace certctl::sscep
