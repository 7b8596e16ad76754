// Distributor "nginx": certificate and key as nginx reads them, its own configuration test, a reload that no client
// feels, and a look at every listener that the configuration gives the certificate to.
#include <certctl/plugin.hpp>

#include <memory>

#include "distributors/files/output/file_set.hpp"
#include "distributors/nginx/listeners.hpp"
#include "distributors/nginx/service.hpp"

namespace certctl {
namespace {

using namespace nginx;

constexpr std::chrono::seconds kLookLimit{10};  // for each listener

constexpr OptionSpec kOptions[] = {
    {"certificate", OptionType::path, "", true, false, "", "file that `ssl_certificate` names: certificate and chain"},
    {"key", OptionType::path, "", true, false, "",
     "file that `ssl_certificate_key` names; may be the same file: then it holds all"},
    files::kOwnerOption,
    files::kGroupOption,
    files::kModeOption,
    files::kKeyModeOption,
    {"binary", OptionType::path, "/usr/sbin/nginx", false, false, "", "the program, for its configuration test"},
    {"configuration", OptionType::path, "/etc/nginx/nginx.conf", false, false, "", "its configuration file (-c)"},
    {"prefix", OptionType::path, "", false, false, "", "its prefix (-p); else as it was compiled"},
    {"pid", OptionType::path, "", false, false, "", "its pid file; else as its configuration says, or as compiled"},
    {"listen", OptionType::list, "", false, false, "",
     "host:port of the listeners to verify; else as its configuration says"},
    {"server_names", OptionType::list, "", false, false, "",
     "server names to verify with; else as its configuration says"},
};

std::vector<files::Output> outputs(const Options& options) {
  const std::string certificate = options.text("certificate"), key = options.text("key");
  if (certificate == key) return {{key, std::make_shared<files::PartContent>(files::Part::combined)}};
  // The key first: nginx that starts between the two renames says so and does not start, whichever is first.
  return {{key, std::make_shared<files::PartContent>(files::Part::key)},
          {certificate, std::make_shared<files::PartContent>(files::Part::fullchain)}};
}

class Nginx final : public Distributor, public Reloads, public Verifies {
 public:
  Nginx(const Options& options, Host& host)
      : files_(outputs(options), files::read_ownership(options, "nginx"), host),
        service_({options.text("binary"), options.text("configuration"), options.text("prefix"), options.text("pid")},
                 host),
        host_(host),
        certificate_(options.text("certificate")),
        configuration_(options.text("configuration")),
        server_names_(options.list("server_names")) {
    for (const std::string& address : options.list("listen")) {
      const probe::Listener listener = probe::listener_from(address);
      given_.push_back(listener);
    }
  }

  Inspection inspect(const Credential* credential) override {
    Inspection inspection = files_.inspect(credential);
    inspection.disturbance = "reload";
    // Another delivery to the same nginx would see our files half switched in its configuration test.
    inspection.resources.push_back("nginx:" + configuration_);
    const std::string doubt = doubt_about_use();
    if (!doubt.empty()) inspection.detail += (inspection.detail.empty() ? "" : "; ") + doubt;
    return inspection;
  }
  Secret prepare(const Credential& credential, const Credential*) override { return files_.prepare(credential); }
  InstallReport install(const Credential& credential, const Secret& undo_token) override {
    return files_.install(credential, undo_token);
  }
  void undo(const Secret& undo_token) override { files_.undo(undo_token); }

  [[nodiscard]] std::string reload_key() const override { return "nginx:" + configuration_; }
  void reload() override { service_.reload(); }

  Served verify(const Credential& expected) override {
    std::vector<probe::Listener> listeners;
    Served unknown;
    try {
      listeners = listeners_to_ask();
      if (listeners.empty()) unknown.detail = nothing_to_ask();
    } catch (const Failure& failure) {
      if (failure.error().code != "configuration-unreadable") throw;
      unknown.detail = failure.error().message;
    }
    return listeners.empty() ? unknown : probe::look(listeners, expected, kLookLimit);
  }

 private:
  [[nodiscard]] Listeners from_configuration() const {
    ListenerQuery query;
    query.certificate = certificate_;
    query.server_names = server_names_;
    query.ipv6 = has_ipv6_loopback();
    return find_listeners(read_configuration(configuration_), query);
  }

  [[nodiscard]] std::vector<probe::Listener> listeners_to_ask() {
    if (given_.empty()) {
      Listeners found = from_configuration();
      for (const std::string& line : found.left_out) host_.log(LogLevel::debug, "not verified: " + line);
      return std::move(found.listeners);
    }
    if (server_names_.empty()) return given_;
    std::vector<probe::Listener> listeners;
    for (probe::Listener listener : given_) {
      for (const std::string& name : server_names_) {
        listener.server_name = name;
        listeners.push_back(listener);
      }
    }
    return listeners;
  }

  [[nodiscard]] std::string unused() const { return "no server block of nginx's configuration uses " + certificate_; }

  [[nodiscard]] std::string nothing_to_ask() const {
    const Listeners found = from_configuration();
    if (!found.used) return unused();
    return found.left_out.empty() ? "no server block with " + certificate_ + " listens with TLS"
                                  : "none of the listeners can be asked; " + found.left_out.front();
  }

  [[nodiscard]] std::string doubt_about_use() const {
    try {
      return from_configuration().used ? "" : unused();
    } catch (const Failure& failure) {
      return failure.error().message;
    }
  }

  files::FileSet files_;
  nginx::Service service_;
  Host& host_;
  std::string certificate_;
  std::string configuration_;
  std::vector<std::string> server_names_;
  std::vector<probe::Listener> given_;  // `listen`
};

}  // namespace
}  // namespace certctl

CERTCTL_PLUGIN(certctl::Distributor, certctl::Nginx, "nginx", "1.0",
               "delivers to nginx: its files, its configuration test, its reload", certctl::kOptions);
