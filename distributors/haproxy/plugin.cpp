// Distributor "haproxy": one file that HAProxy reads at its next start, and the same pair in the running process, by
// its runtime API where it has one, else by a reload of its master.
#include <certctl/plugin.hpp>

#include <memory>

#include "distributors/files/output/file_set.hpp"
#include "distributors/haproxy/process.hpp"
#include "distributors/haproxy/runtime.hpp"
#include "framework/crypto/certificate.hpp"
#include "framework/probe/listener.hpp"

namespace certctl {
namespace {

using namespace haproxy;

constexpr std::chrono::seconds kLookLimit{10};  // for each listener

constexpr OptionSpec kOptions[] = {
    {"combined", OptionType::path, "", true, false, "",
     "file that `crt` of a bind line names, or that lies in a directory or a list that it names"},
    files::kOwnerOption,
    files::kGroupOption,
    files::kKeyModeOption,
    {"name", OptionType::text, "", false, false, "",
     "name of the certificate inside HAProxy, as its configuration has it; else the path of `combined`"},
    {"runtime", OptionType::choice, "auto", false, false, "auto|never",
     "auto: exchange it in the running process where its socket knows the name, else reload; never: reload"},
    {"socket", OptionType::text, "/run/haproxy/admin.sock", false, false, "",
     "`stats socket` with level admin: a path, or a port of the loopback"},
    {"binary", OptionType::path, "/usr/sbin/haproxy", false, false, "", "the program, for its configuration test"},
    {"configuration", OptionType::path, "/etc/haproxy/haproxy.cfg", false, false, "",
     "its configuration, a file or a directory (-f)"},
    {"pid", OptionType::path, "/run/haproxy.pid", false, false, "", "pid file of its master process"},
    {"master_socket", OptionType::text, "", false, false, "",
     "socket of the master (-S), for the reload instead of a signal"},
    {"listen", OptionType::list, "", false, false, "", "host:port of the listeners to verify"},
    {"server_names", OptionType::list, "", false, false, "",
     "server names to verify with; else the default certificate is looked at"},
};

std::vector<uid_t> trusted_users(const files::Ownership& ownership) {
  return ownership.owner.empty() ? std::vector<uid_t>{} : std::vector<uid_t>{files::user_id(ownership.owner)};
}

std::string loaded_words(const LoadedCertificate& loaded) {
  return loaded.serial.empty() ? "no certificate" : "serial " + loaded.serial;
}

class Haproxy final : public Distributor, public Reloads, public Verifies {
 public:
  Haproxy(const Options& options, Host& host)
      : host_(host),
        path_(options.text("combined")),
        name_(options.text("name").empty() ? path_ : options.text("name")),
        configuration_(options.text("configuration")),
        ownership_(files::read_ownership(options, "haproxy")),
        files_({{path_, std::make_shared<files::PartContent>(files::Part::combined)}}, ownership_, host) {
    if (options.text("runtime") == "auto" && !options.text("socket").empty()) {
      require_sayable(name_);
      socket_ = socket_address_from(options.text("socket"), "socket");
    }
    process_ = {options.text("binary"), configuration_, options.text("pid"), std::nullopt};
    if (const std::string master = options.text("master_socket"); !master.empty())
      process_.master.emplace(socket_address_from(master, "master_socket"));
    const std::vector<std::string> names = options.list("server_names");
    for (const std::string& address : options.list("listen")) {
      probe::Listener listener = probe::listener_from(address);
      if (names.empty()) listeners_.push_back(listener);
      for (const std::string& name : names) {
        listener.server_name = name;
        listeners_.push_back(listener);
      }
    }
  }

  Inspection inspect(const Credential* credential) override {
    Inspection inspection = files_.inspect(credential);
    inspection.disturbance = "reload";
    // A configuration test of another delivery would see ours half done; and there is one transaction for all.
    inspection.resources.push_back("haproxy:" + configuration_);
    if (socket_) inspection.resources.push_back("haproxy:" + socket_->text());
    try {
      if (const auto loaded = loaded_certificate()) {
        inspection.disturbance = "none";
        add_loaded(inspection, *loaded, credential);
      }
    } catch (const Failure& failure) {
      inspection.detail += "; " + failure.error().message;
    }
    return inspection;
  }

  Secret prepare(const Credential& credential, const Credential*) override { return files_.prepare(credential); }

  InstallReport install(const Credential& credential, const Secret& undo_token) override {
    InstallReport report = files_.install(credential, undo_token);
    try {
      const auto loaded = report.changed ? std::nullopt : loaded_certificate();
      if (loaded && loaded->sha1 != sha1_of(credential)) report.changed = true;  // the reload is still to be done
    } catch (const Failure&) {
      // Whether the process has it is not known; verify() will tell.
    }
    return report;
  }

  void undo(const Secret& undo_token) override { files_.undo(undo_token); }

  [[nodiscard]] std::string reload_key() const override {
    return "haproxy:" + configuration_ + (socket_ ? ":" + path_ : "");
  }

  void reload() override {
    if (!loaded_certificate()) {
      Process(process_, host_).reload();
      return;
    }
    const auto file = files::Place::find(path_).read();
    if (!file) {
      throw Failure("nothing-to-load", path_ + " is not there: HAProxy keeps the certificate that it has until it ends",
                    "give it a certificate before it is started again");
    }
    runtime().replace(name_, file->content);
  }

  Served verify(const Credential& expected) override {
    const auto loaded = loaded_certificate();
    if (loaded && loaded->sha1 != sha1_of(expected)) {
      Served served;
      served.known = true;
      served.fingerprint = loaded->sha1.empty() ? "" : "sha1:" + loaded->sha1;
      served.detail =
          "HAProxy has " + loaded_words(*loaded) + " under the name " + name_ + ", not serial " + expected.serial;
      return served;
    }
    if (!listeners_.empty()) return probe::look(listeners_, expected, kLookLimit);
    Served served;
    if (!loaded) {
      served.detail = "nobody can be asked: no `listen`, and no socket that knows " + name_;
    } else if (!loaded->used) {
      served.detail = "HAProxy has this certificate under the name " + name_ + ", but no bind line uses it";
    } else {
      served.known = true;
      served.fingerprint = expected.fingerprint;
      served.detail = "HAProxy says that it uses serial " + expected.serial + " under the name " + name_ +
                      "; no `listen`, so no handshake was tried";
    }
    return served;
  }

 private:
  [[nodiscard]] Runtime runtime() const { return Runtime(RuntimeSocket(*socket_, trusted_users(ownership_))); }

  // Nothing: there is no socket, nobody listens there, or the process does not know the name.
  [[nodiscard]] std::optional<LoadedCertificate> loaded_certificate() const {
    if (!socket_) return std::nullopt;
    try {
      return runtime().show(name_);
    } catch (const Failure& failure) {
      if (failure.error().code != "runtime-absent") throw;
      host_.log(LogLevel::debug, failure.error().message);
      return std::nullopt;
    }
  }

  [[nodiscard]] static std::string sha1_of(const Credential& credential) {
    return crypto::Certificate::from_pem(credential.certificate_pem).sha1_fingerprint();
  }

  // The file may hold what the process has not been given yet.
  void add_loaded(Inspection& inspection, const LoadedCertificate& loaded, const Credential* credential) const {
    if (credential == nullptr || inspection.present == Present::unreadable || loaded.sha1 == sha1_of(*credential))
      return;
    if (inspection.present == Present::this_one) {
      inspection.present = Present::other;
      inspection.serial = loaded.serial;
      inspection.detail = "the file holds this certificate, but HAProxy still has " + loaded_words(loaded);
    }
    inspection.diff.push_back("in HAProxy " + name_ + ": " + loaded_words(loaded) + " -> serial " + credential->serial);
  }

  Host& host_;
  std::string path_;
  std::string name_;
  std::string configuration_;
  files::Ownership ownership_;
  files::FileSet files_;
  std::optional<SocketAddress> socket_;
  ProcessOptions process_;
  std::vector<probe::Listener> listeners_;
};

}  // namespace
}  // namespace certctl

CERTCTL_PLUGIN(certctl::Distributor, certctl::Haproxy, "haproxy", "1.0",
               "delivers to HAProxy: its file, and its running process without a reload", certctl::kOptions);
