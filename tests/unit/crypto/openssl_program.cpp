#include "tests/unit/crypto/openssl_program.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace crypto_test {
namespace {

struct Outcome {
  int status = -1;
  std::string output;
  std::string errors;
};

Outcome run(const std::vector<std::string>& arguments, const std::string& input) {
  const TempDirectory directory;
  const std::string in = directory.write("in", input);
  const std::string out = directory.path("out");
  const std::string err = directory.path("err");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, in.c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), O_WRONLY | O_CREAT, 0600);
  posix_spawn_file_actions_addopen(&actions, 2, err.c_str(), O_WRONLY | O_CREAT, 0600);
  std::vector<std::string> words{"openssl"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t pid = -1;
  const int spawned = posix_spawnp(&pid, "openssl", &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (spawned != 0) throw std::runtime_error("cannot start openssl");
  int status = 0;
  if (waitpid(pid, &status, 0) != pid) throw std::runtime_error("cannot wait for openssl");
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_file(out), read_file(err)};
}

}  // namespace

std::string openssl(const std::vector<std::string>& arguments, const std::string& input) {
  const Outcome outcome = run(arguments, input);
  if (outcome.status != 0) throw std::runtime_error("openssl " + arguments.front() + " failed: " + outcome.errors);
  return outcome.output;
}

std::string openssl_fails(const std::vector<std::string>& arguments, const std::string& input) {
  const Outcome outcome = run(arguments, input);
  if (outcome.status == 0) throw std::runtime_error("openssl " + arguments.front() + " did not fail");
  return outcome.errors;
}

TempDirectory::TempDirectory() {
  std::string name = (std::filesystem::temp_directory_path() / "certctl-crypto-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
  path_ = name;
}

TempDirectory::~TempDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TempDirectory::write(const std::string& name, const std::string& content) const {
  std::ofstream(path(name), std::ios::binary) << content;
  return path(name);
}

std::string read_file(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace crypto_test
