// Distributor "swanctl": the credential for strongSwan's charon, as swanctl loads it.
#include "distributors/swanctl/control.hpp"
#include "distributors/swanctl/layout.hpp"
#include "distributors/swanctl/loaded.hpp"

#include <certctl/plugin.hpp>

#include "framework/sys/atomic_file.hpp"

namespace certctl {
namespace {

constexpr OptionSpec kOptions[] = {
    {"directory", OptionType::path, "/etc/swanctl", false, false, "", "where swanctl finds its files"},
    {"name", OptionType::text, "", true, false, "",
     "name of the files: x509/NAME.pem, private/NAME.pem, x509ca/NAME-1.pem ..."},
    {"root", OptionType::boolean, "false", false, false, "", "also write the root certificate into x509ca"},
    {"reauthenticate", OptionType::list, "", false, false, "",
     "connections whose living IKE_SAs are authenticated anew after loading"},
    {"binary", OptionType::text, "swanctl", false, false, "", "the program: a path, or a name that PATH has"},
    {"uri", OptionType::text, "", false, false, "", "vici socket of charon, as in unix:///run/charon.vici"},
    {"timeout", OptionType::duration, "30s", false, false, "", "how long one call of the program may take"},
};

class Swanctl final : public Distributor, public Reloads, public Verifies {
 public:
  Swanctl(const Options& options, Host& host)
      : host_(host),
        layout_(swanctl::read_layout(options)),
        files_(swanctl::outputs_of(layout_), {}, host),
        control_(options),
        reauthenticate_(options.list("reauthenticate")) {}

  Inspection inspect(const Credential* credential) override {
    Inspection inspection = files_.inspect(credential);
    inspection.resources.push_back("swanctl:" + control_.identity());  // loading reads everybody's files
    inspection.disturbance = "reload";
    return inspection;
  }
  Secret prepare(const Credential& credential, const Credential*) override { return files_.prepare(credential); }
  InstallReport install(const Credential& credential, const Secret& undo_token) override {
    return files_.install(credential, undo_token);
  }
  void undo(const Secret& undo_token) override { files_.undo(undo_token); }

  [[nodiscard]] std::string reload_key() const override {
    std::string key = "swanctl:" + control_.identity();
    for (const std::string& ike : reauthenticate_) key += "\n" + ike;
    return key;
  }

  void reload() override {
    if (!control_.test_configuration())
      host_.log(LogLevel::warning, "swanctl: it cannot be told whether the configuration can be read: no loopback");
    const auto problems = control_.load_credentials(paths());
    if (!problems.files.empty()) {
      host_.log(
          LogLevel::warning,
          "swanctl: " + problems.first + ", and charon has forgotten what it had of it" +
              (problems.files.size() == 1 ? "" : " (so of " + std::to_string(problems.files.size() - 1) + " more)"));
    }
    require_own_key();
    control_.load_connections();
    for (const std::string& ike : reauthenticate_) {
      if (!control_.reauthenticate(ike))
        host_.log(LogLevel::info, "swanctl: no IKE_SA of '" + ike + "' is up, none is authenticated anew");
    }
  }

  Served verify(const Credential& expected) override {
    const crypto::Material material(expected);
    return swanctl::served_of(control_.loaded(), material.certificate(),
                              swanctl::authorities_of(material, layout_.root));
  }

 private:
  [[nodiscard]] std::vector<std::string> paths() const {
    std::vector<std::string> paths;
    for (const auto& output : files_.outputs()) paths.push_back(output.path);
    return paths;
  }

  // The certificate that is there: after an undo it may be none.
  void require_own_key() const {
    const auto pem = sys::read_file_if_exists(swanctl::certificate_path(layout_), files::kMaxFileBytes);
    if (pem) swanctl::require_loaded_with_key(control_.loaded(), crypto::Certificate::from_pem(*pem));
  }

  Host& host_;
  swanctl::Layout layout_;
  files::FileSet files_;
  swanctl::Control control_;
  std::vector<std::string> reauthenticate_;
};

}  // namespace
}  // namespace certctl

CERTCTL_PLUGIN(certctl::Distributor, certctl::Swanctl, "swanctl", "1.0",
               "delivers to strongSwan through the files and the program of swanctl", certctl::kOptions);
