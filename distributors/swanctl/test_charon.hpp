// strongSwan's charon in a test: its own configuration, sockets and files below a scratch directory.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/contract/background_program.hpp"
#include "tests/contract/distributor_suite.hpp"
#include "tests/contract/test_authority.hpp"

namespace swanctl_test {

using namespace certctl;
using namespace certctl::contract;
namespace fs = std::filesystem;

// One end of a tunnel.
struct End {
  std::string name;  // IKE identity NAME.test
  std::string address;
  std::string inner;  // what goes through the tunnel
  std::string peer_name;
  std::string peer_address;
  std::string peer_inner;
};

class Charon {
 public:
  // `prefix`: arguments before the program's, as of nsenter. Its files are in `directory`, which is made.
  Charon(const fs::path& directory, const End& end, const std::vector<std::string>& prefix = {});

  // Writes a credential as a person would, and loads it.
  void give(const Credential& credential, const TestAuthority& authority);
  // The output of a call of swanctl.
  [[nodiscard]] std::string swanctl(const std::string& arguments) const;
  // What it logged.
  [[nodiscard]] std::string log() const;
  [[nodiscard]] Options options(std::initializer_list<std::pair<std::string, OptionValue>> more = {}) const;
  [[nodiscard]] fs::path files() const { return directory_ / "swanctl"; }
  void write_configuration(const std::string& more = {}) const;
  [[nodiscard]] std::string uri() const { return "unix://" + (directory_ / "vici").string(); }
  [[nodiscard]] bool wait_until_ready() const;
  void end() { program_->end(); }

 private:
  fs::path directory_;
  End end_;
  fs::path binary_;
  std::unique_ptr<BackgroundProgram> program_;
};

// The directories that swanctl has.
void make_directories(const fs::path& swanctl_directory);

void deliver(DistributorApi& plugin, const Credential& credential);
// The text of a command that must succeed.
std::string shell(const std::string& text);

}  // namespace swanctl_test
