#include "distributors/openvpn/test_openvpn.hpp"

#include <algorithm>
#include <fstream>
#include <stdexcept>

namespace openvpn_test {
namespace {

constexpr const char* kPort = "21194";  // in a network of the test's own all are free

std::string certificates(const Credential& credential) {
  return credential.certificate_pem + credential.chain_pem.at(0);
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'a' && c <= 'f' ? c - 'a' + 'A' : c; });
  return text;
}

}  // namespace

void deliver(DistributorApi& plugin, const Credential& credential) {
  plugin.install(credential, plugin.prepare(credential, nullptr).value()).value();
}

void write(const fs::path& file, const std::string& text) {
  std::ofstream stream(file, std::ios::binary | std::ios::trunc);
  stream << text;
  if (!stream.flush()) throw std::runtime_error("cannot write " + file.string());
}

Scene::Scene() {
  if (!fs::exists("/dev/net/tun")) throw std::runtime_error("this test needs /dev/net/tun (modprobe tun)");
  fs::create_directory(directory);
  fs::permissions(scratch.path(), fs::perms::owner_all | fs::perms::others_exec);
  fs::permissions(directory, fs::perms::owner_all | fs::perms::others_exec);
  write(file("ca.crt"), authority.root().to_pem());
}

void Scene::start(const std::string& more, bool as_blocks) {
  const std::string certs = certificates(old_one);
  const std::string key = old_one.key.pem.reveal();
  std::string credential = "cert server.crt\nkey server.key\n";
  if (as_blocks) {
    credential = "<cert>\n" + certs + "</cert>\n<key>\n" + key + "</key>\n";
  } else {
    write(file("server.crt"), certs);
    write(file("server.key"), key);
  }
  write(file("server.conf"),
        "dev tun\nserver 10.9.0.0 255.255.255.0\ntopology subnet\nproto udp4\nlocal 127.0.0.1\nport " +
            std::string(kPort) + "\nca ca.crt\ndh none\nkeepalive 10 60\ndisable-dco\ncd " + directory.string() +
            "\nwritepid server.pid\n" +
            (more.find("management ") == std::string::npos ? "management management.socket unix\n" : "") + more +
            credential);
  server = std::make_unique<BackgroundProgram>(std::vector<std::string>{"openvpn", "--config", file("server.conf")},
                                               file("log"), "openvpn");
  if (!soon([&] { return !server->is_alive() || logged("Initialization Sequence Completed"); }) || !server->is_alive())
    throw std::runtime_error("openvpn does not start: " + log());
}

bool Scene::logged(const std::string& part, std::size_t times) const {
  const std::string text = log();
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found >= times;
}

std::string Scene::served_serial() {
  const std::string name = "client" + std::to_string(++clients);
  const Credential own = authority.issue(name);
  write(file(name + ".crt"), certificates(own));
  write(file(name + ".key"), own.key.pem.reveal());
  // Depth 0 is the server's own certificate; the library has checked it by then.
  write(file(name + ".sh"), "#!/bin/sh\nif [ \"$1\" = 0 ]; then echo \"$tls_serial_hex_0\" >" +
                                file(name + ".serial").string() + "; fi\nexit 0\n");
  fs::permissions(file(name + ".sh"), fs::perms::owner_all);
  BackgroundProgram client({"openvpn",
                            "--client",
                            "--dev",
                            "null",
                            "--proto",
                            "udp4",
                            "--remote",
                            "127.0.0.1",
                            kPort,
                            "--nobind",
                            "--ca",
                            file("ca.crt"),
                            "--cert",
                            file(name + ".crt"),
                            "--key",
                            file(name + ".key"),
                            "--verify-x509-name",
                            "server",
                            "name",
                            "--script-security",
                            "2",
                            "--tls-verify",
                            file(name + ".sh"),
                            "--ifconfig-noexec",
                            "--route-noexec"},
                           file(name + ".log"), "openvpn");
  std::string serial;
  const bool seen = soon([&] {
    if (fs::exists(file(name + ".serial"))) serial = Scratch::read(file(name + ".serial"));
    return serial.ends_with('\n') || !client.is_alive();
  });
  if (!seen || !serial.ends_with('\n')) throw std::runtime_error("no certificate is seen: " + client.output() + log());
  serial.erase(std::remove_if(serial.begin(), serial.end(), [](char c) { return c == ':' || c == '\n'; }),
               serial.end());
  return upper(serial);
}

Made<DistributorApi> Scene::plugin(std::initializer_list<std::pair<std::string, OptionValue>> given) {
  return instance<DistributorApi>("openvpn", given, host);
}

Made<DistributorApi> Scene::with_files(std::initializer_list<std::pair<std::string, OptionValue>> more) {
  Options options = contract::options(CERTCTL_KIND_DISTRIBUTOR, "openvpn",
                                      {{"certificate", file("server.crt").string()},
                                       {"key", file("server.key").string()},
                                       {"pid", file("server.pid").string()}});
  for (const auto& [name, value] : more) options.set(name, value);
  return instance<DistributorApi>("openvpn", std::move(options), host);
}

}  // namespace openvpn_test
