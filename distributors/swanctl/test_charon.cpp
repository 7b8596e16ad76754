#include "distributors/swanctl/test_charon.hpp"

#include <fstream>
#include <stdexcept>

#include "framework/sys/subprocess.hpp"

namespace swanctl_test {
namespace {

void write(const fs::path& file, const std::string& text) {
  std::ofstream stream(file, std::ios::binary | std::ios::trunc);
  stream << text;
  if (!stream.flush()) throw std::runtime_error("cannot write " + file.string());
}

// Below another path, so that no AppArmor profile of the system's own one keeps it out of a scratch directory.
fs::path copy_of(const std::string& program, const std::string& package, const fs::path& directory) {
  fs::path copy = directory / "bin" / program;
  fs::create_directory(copy.parent_path());
  write(copy, Scratch::read(program_path(program, package)));
  fs::permissions(copy, fs::perms::owner_all);
  return copy;
}

}  // namespace

void make_directories(const fs::path& swanctl_directory) {
  for (const char* name : {"x509", "x509ca", "private", "conf.d"}) fs::create_directories(swanctl_directory / name);
}

Charon::Charon(const fs::path& directory, const End& end, const std::vector<std::string>& prefix)
    : directory_(directory), end_(end) {
  make_directories(files());
  binary_ = copy_of("swanctl", "strongswan-swanctl", directory_);
  // kernel-libipsec: a tunnel needs no ESP in the kernel, only a tun device.
  write(directory_ / "strongswan.conf",
        "charon-systemd {\n  load = random nonce openssl pem pkcs1 pkcs8 x509 constraints pubkey kdf socket-default "
        "kernel-libipsec kernel-netlink vici\n"
        "  plugins {\n    vici {\n      socket = " +
            uri() + "\n    }\n  }\n  filelog {\n    log {\n      path = " + (directory_ / "log").string() +
            "\n      default = 1\n      flush_line = yes\n    }\n  }\n}\n");
  write_configuration();
  std::vector<std::string> arguments = prefix;
  arguments.push_back(copy_of("charon-systemd", "charon-systemd libcharon-extra-plugins", directory_));
  program_ = std::make_unique<BackgroundProgram>(
      arguments, directory_ / "output", "util-linux",
      std::vector<std::string>{"STRONGSWAN_CONF=" + (directory_ / "strongswan.conf").string()});
  if (!wait_until_ready()) throw std::runtime_error("charon does not start: " + program_->output() + log());
}

bool Charon::wait_until_ready() const {
  return soon([&] { return !program_->is_alive() || swanctl("--stats").find("uptime") != std::string::npos; }) &&
         program_->is_alive();
}

void Charon::write_configuration(const std::string& more) const {
  write(files() / "swanctl.conf",
        "connections {\n  tunnel {\n    version = 2\n    local_addrs = " + end_.address +
            "\n    remote_addrs = " + end_.peer_address +
            "\n    local {\n      auth = pubkey\n      certs = gateway.pem\n      id = " + end_.name +
            ".test\n    }\n    remote {\n      auth = pubkey\n      id = " + end_.peer_name +
            ".test\n    }\n    children {\n      inside {\n        local_ts = " + end_.inner +
            "/32\n        remote_ts = " + end_.peer_inner + "/32\n      }\n    }\n  }\n}\n" + more);
}

void Charon::give(const Credential& credential, const TestAuthority& authority) {
  write(files() / "x509/gateway.pem", credential.certificate_pem);
  write(files() / "private/gateway.pem", credential.key.pem.reveal());
  write(files() / "x509ca/gateway-1.pem", authority.intermediate().to_pem());
  write(files() / "x509ca/root.pem", authority.root().to_pem());
  if (swanctl("--load-creds --clear --noprompt").find("loaded private key") == std::string::npos)
    throw std::runtime_error("charon does not load the credential");
  (void)swanctl("--load-conns");
}

std::string Charon::swanctl(const std::string& arguments) const {
  sys::ProcessRequest request;
  request.command = {true, {binary_.string() + " " + arguments + " --uri " + uri() + " 2>&1"}};
  request.environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "SWANCTL_DIR=" + files().string()};
  request.output_limit = 1U << 20U;
  return sys::run_process(request).output;
}

std::string Charon::log() const {
  std::ifstream stream(directory_ / "log", std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

Options Charon::options(std::initializer_list<std::pair<std::string, OptionValue>> more) const {
  Options options = contract::options(CERTCTL_KIND_DISTRIBUTOR, "swanctl",
                                      {{"directory", files().string()},
                                       {"name", std::string("gateway")},
                                       {"binary", binary_.string()},
                                       {"uri", uri()}});
  for (const auto& [name, value] : more) options.set(name, value);
  return options;
}

void deliver(DistributorApi& plugin, const Credential& credential) {
  plugin.install(credential, plugin.prepare(credential, nullptr).value()).value();
}

std::string shell(const std::string& text) {
  sys::ProcessRequest request;
  request.command = {true, {text}};
  request.environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin"};
  request.output_limit = 1U << 16U;
  const auto result = sys::run_process(request);
  if (!result.succeeded()) throw std::runtime_error(text + ": " + result.output);
  return result.output;
}

}  // namespace swanctl_test
