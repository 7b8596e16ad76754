// A real OpenVPN server and its clients, in the test's own network. Its device is a real tun device.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/contract/background_program.hpp"
#include "tests/contract/distributor_suite.hpp"
#include "tests/contract/test_authority.hpp"

namespace openvpn_test {

using namespace certctl;
using namespace certctl::contract;
namespace fs = std::filesystem;

void deliver(DistributorApi& plugin, const Credential& credential);
void write(const fs::path& file, const std::string& text);

struct Scene {
  Scratch scratch;
  fs::path directory = scratch.path() / "openvpn";
  TestAuthority authority;
  Credential old_one = authority.issue("server", "server.test");
  Credential new_one = authority.issue("server", "server.test");
  TestHost host;
  std::unique_ptr<BackgroundProgram> server;
  int clients = 0;

  // Fails with words when there is no tun device.
  Scene();
  // Starts the server with the old credential and what `more` adds to its configuration; returns when it is ready.
  // `as_blocks`: the credential is inside of the configuration.
  void start(const std::string& more = {}, bool as_blocks = false);
  [[nodiscard]] fs::path file(const std::string& name) const { return directory / name; }
  [[nodiscard]] std::string log() const { return server->output(); }
  [[nodiscard]] bool logged(const std::string& part, std::size_t times = 1) const;
  // Serial of the certificate that the server shows to a new client, as the client's TLS library checked it.
  [[nodiscard]] std::string served_serial();
  [[nodiscard]] Made<DistributorApi> plugin(std::initializer_list<std::pair<std::string, OptionValue>> given);
  // The files `server.crt`, `server.key`, `server.pid`, and these.
  [[nodiscard]] Made<DistributorApi> with_files(std::initializer_list<std::pair<std::string, OptionValue>> more = {});
};

}  // namespace openvpn_test
