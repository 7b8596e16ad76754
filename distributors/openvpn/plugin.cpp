// Distributor "openvpn": certificate and key as files, or inside of the configuration.
#include "distributors/files/output/file_set.hpp"
#include "distributors/openvpn/inline_target.hpp"
#include "distributors/openvpn/service.hpp"

#include <certctl/plugin.hpp>

#include <variant>

#include "framework/sys/atomic_file.hpp"

namespace certctl {
namespace {

constexpr OptionSpec kOptions[] = {
    {"certificate", OptionType::path, "", false, false, "", "file for the certificate and its chain (`cert`)"},
    {"key", OptionType::path, "", false, false, "", "file for the private key (`key`)"},
    {"ca", OptionType::path, "", false, false, "", "file for the CA certificates (`ca`); else it is not touched"},
    files::kOwnerOption,
    files::kGroupOption,
    files::kModeOption,
    files::kKeyModeOption,
    {"configuration", OptionType::path, "", false, false, "", "the configuration that openvpn was started with"},
    {"inline", OptionType::boolean, "false", false, false, "",
     "the credential is inside of the configuration: <cert>, <key>, <extra-certs>"},
    {"inline_ca", OptionType::boolean, "false", false, false, "", "also replace <ca>"},
    {"missing", OptionType::choice, "fail", false, false, "fail|append",
     "what happens when the configuration has no such block"},
    {"signal", OptionType::choice, "usr1", false, false, "usr1|hup|management|none",
     "how openvpn is told to read its credential again"},
    {"pid", OptionType::path, "", false, false, "", "pid file of openvpn (--writepid)"},
    {"management", OptionType::text, "", false, false, "", "management interface: a socket's path, or HOST:PORT"},
    {"management_password", OptionType::secret, "", false, false, "", "its password"},
    {"settle", OptionType::duration, "5s", false, false, "", "how long openvpn is watched after the signal"},
};

using Target = std::variant<files::FileSet, openvpn::InlineTarget>;

Failure bad_option(const std::string& message, const std::string& hint) {
  return Failure::never("bad-option", message, hint);
}

Target inline_target(const Options& options, Host& host) {
  for (const char* name : {"certificate", "key", "ca", "owner", "group", "mode", "key_mode"}) {
    if (options.has(name))
      throw bad_option("`" + std::string(name) + "` and `inline: true` of openvpn contradict each other",
                       "leave out one");
  }
  if (options.text("configuration").empty())
    throw bad_option("`inline: true` of openvpn needs `configuration`", "name the file");
  return Target(std::in_place_type<openvpn::InlineTarget>,
                openvpn::InlineSettings{options.text("configuration"), options.text("missing") == "append",
                                        options.flag("inline_ca")},
                host);
}

Target file_target(const Options& options, Host& host) {
  if (options.text("certificate").empty() || options.text("key").empty())
    throw bad_option("openvpn needs `certificate` and `key`, or `inline: true`", "name the files of its configuration");
  if (options.flag("inline_ca") || options.text("missing") == "append")
    throw bad_option("`inline_ca` and `missing` of openvpn are for `inline: true`", "leave them out");
  std::vector<files::Output> outputs{
      {options.text("key"), std::make_shared<files::PartContent>(files::Part::key)},
      {options.text("certificate"), std::make_shared<files::PartContent>(files::Part::fullchain)}};
  if (options.has("ca")) outputs.push_back({options.text("ca"), std::make_shared<files::PartContent>(files::Part::ca)});
  return Target(std::in_place_type<files::FileSet>, std::move(outputs), files::read_ownership(options, "openvpn"),
                host);
}

class OpenVpn final : public Distributor, public Reloads, public Verifies {
 public:
  OpenVpn(const Options& options, Host& host)
      : target_(options.flag("inline") ? inline_target(options, host) : file_target(options, host)),
        service_(options, host) {
    if (options.flag("inline")) {
      read_ = {options.text("configuration")};
    } else {
      read_ = {options.text("key"), options.text("certificate")};
      if (options.has("ca")) read_.push_back(options.text("ca"));
    }
  }

  Inspection inspect(const Credential* credential) override {
    Inspection inspection = std::visit([&](const auto& target) { return target.inspect(credential); }, target_);
    inspection.disturbance = service_.how() == openvpn::How::none ? "none" : "restart";
    return inspection;
  }
  Secret prepare(const Credential& credential, const Credential*) override {
    return std::visit([&](const auto& target) { return target.prepare(credential); }, target_);
  }
  InstallReport install(const Credential& credential, const Secret& undo_token) override {
    return std::visit([&](const auto& target) { return target.install(credential, undo_token); }, target_);
  }
  void undo(const Secret& undo_token) override {
    std::visit([&](const auto& target) { target.undo(undo_token); }, target_);
  }

  [[nodiscard]] std::string reload_key() const override { return "openvpn:" + service_.identity(); }
  void reload() override {
    if (service_.how() == openvpn::How::none) return;
    require_pair();
    service_.reload(read_);
  }

  // OpenVPN wraps TLS into packets of its own: nobody but its peers sees the certificate.
  Served verify(const Credential& expected) override {
    const Inspection inspection = inspect(&expected);
    if (inspection.present != Present::this_one)
      throw Failure("not-served", "what openvpn reads is another certificate: " + inspection.detail,
                    "`certctl deliver` writes the active pair");
    Served served;
    served.detail = service_.look() + "; what it serves, only its peers see";
    return served;
  }

 private:
  // With a pair that is none openvpn ends.
  void require_pair() const {
    std::string all;
    for (const std::string& path : read_) {
      const std::string text = sys::read_file(path, files::kMaxFileBytes);
      if (!std::holds_alternative<openvpn::InlineTarget>(target_)) {
        all += text;
        continue;
      }
      const openvpn::Configuration configuration(text);
      for (const char* tag : {"cert", "key"})
        if (const auto content = configuration.content(tag)) all += *content;
    }
    std::string why;
    try {
      if (crypto::Certificate::from_pem(all).carries(crypto::Key::from_pem(all))) return;
      why = "the certificate does not carry the key's public half";
    } catch (const Failure& failure) {
      why = failure.error().message;
    }
    throw Failure("reload-refused",
                  "key and certificate for openvpn do not belong together: " + why + "; openvpn was not signalled",
                  "`certctl deliver` writes the active pair");
  }

  Target target_;
  openvpn::Service service_;
  std::vector<std::string> read_;  // what openvpn reads again
};

}  // namespace
}  // namespace certctl

CERTCTL_PLUGIN(certctl::Distributor, certctl::OpenVpn, "openvpn", "1.0",
               "delivers to OpenVPN, as files or inside of its configuration", certctl::kOptions);
