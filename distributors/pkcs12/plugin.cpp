// Distributor "pkcs12": key, certificate and chain as one file under a password.
#include <certctl/plugin.hpp>

#include "distributors/files/output/file_set.hpp"
#include "distributors/pkcs12/pkcs12_content.hpp"

namespace certctl {
namespace {

constexpr OptionSpec kOptions[] = {
    {"file", OptionType::path, "", true, false, "", "the file, often *.p12 or *.pfx"},
    {"password", OptionType::secret, "", false, false, "",
     "opens the file; required unless `allow_empty_password: true`"},
    {"allow_empty_password", OptionType::boolean, "false", false, false, "",
     "the password may be empty: only the file's mode protects the key"},
    {"friendly_name", OptionType::text, "", false, false, "", "name under which readers show the key (alias)"},
    {"ca", OptionType::boolean, "false", false, false, "", "add the root certificate after the chain"},
    {"encryption", OptionType::choice, "modern", false, false, "modern|legacy",
     "AES-256, PBKDF2 and SHA-256, or 3DES and SHA-1 for readers that know nothing newer"},
    files::kOwnerOption,
    files::kGroupOption,
    files::kKeyModeOption,
};

class Pkcs12File final : public Distributor {
 public:
  Pkcs12File(const Options& options, Host& host)
      : host_(host),
        path_(options.text("file")),
        password_(options.secret("password")),
        allow_empty_password_(options.flag("allow_empty_password")),
        settings_{options.text("friendly_name"), options.flag("ca"),
                  options.text("encryption") == "legacy" ? crypto::Pkcs12Encryption::legacy
                                                         : crypto::Pkcs12Encryption::modern},
        ownership_(files::read_ownership(options, "pkcs12")) {
    if (password_.empty() && !allow_empty_password_) throw no_password();
    if (settings_.friendly_name.find('\0') != std::string::npos || settings_.friendly_name.size() > 200)
      throw Failure::never("bad-option", "`friendly_name` of pkcs12 is no short text", "write a name of one line");
  }

  Inspection inspect(const Credential* credential) override { return files_with(password()).inspect(credential); }
  Secret prepare(const Credential& credential, const Credential*) override {
    return files_with(password()).prepare(credential);
  }
  // The token has the whole file: neither needs the password.
  InstallReport install(const Credential& credential, const Secret& undo_token) override {
    return files_with({}).install(credential, undo_token);
  }
  void undo(const Secret& undo_token) override { files_with({}).undo(undo_token); }

 private:
  [[nodiscard]] static Failure no_password() {
    return Failure::never("bad-option", "`password` of pkcs12 is empty",
                          "give one ({ file: PATH }), or say `allow_empty_password: true`");
  }

  [[nodiscard]] Secret password() const {
    Secret password = password_.empty() ? Secret() : host_.read_secret(password_).value();
    if (password.empty() && !allow_empty_password_) throw no_password();
    return password;
  }

  [[nodiscard]] files::FileSet files_with(Secret password) const {
    return {{{path_, std::make_shared<pkcs12::Pkcs12Content>(settings_, std::move(password))}}, ownership_, host_};
  }

  Host& host_;
  std::string path_;
  SecretSource password_;
  bool allow_empty_password_;
  pkcs12::Settings settings_;
  files::Ownership ownership_;
};

}  // namespace
}  // namespace certctl

CERTCTL_PLUGIN(certctl::Distributor, certctl::Pkcs12File, "pkcs12", "1.0",
               "writes key, certificate and chain as one PKCS #12 file", certctl::kOptions);
