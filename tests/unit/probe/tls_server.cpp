#include "tests/unit/probe/tls_server.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>

#include "framework/crypto/issue.hpp"
#include "tests/unit/crypto/scene.hpp"

namespace certctl::probe::test {
namespace {

// Generous: a busy machine may be ten times slower.
constexpr std::chrono::seconds kStart{60};

Credential credential_of(const crypto::Certificate& certificate, const crypto::Key& key,
                         const crypto::Certificate& intermediate) {
  Credential credential;
  credential.generation = 1;
  credential.serial = certificate.serial();
  credential.fingerprint = certificate.fingerprint();
  credential.certificate_pem = certificate.to_pem();
  credential.chain_pem = {intermediate.to_pem()};
  credential.key.provider = "file";
  credential.key.pem = key.to_pem_pkcs8();
  return credential;
}

}  // namespace

Program::Program(std::vector<std::string> words) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const int spawned = posix_spawnp(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  output_ = ends[0];
  if (spawned != 0) throw std::runtime_error("cannot start " + words[0] + ": see scripts/packages/test");
  std::string said;
  const auto deadline = std::chrono::steady_clock::now() + kStart;
  while (port_ == 0 && std::chrono::steady_clock::now() < deadline) {
    pollfd one{output_, POLLIN, 0};
    if (::poll(&one, 1, 100) <= 0) continue;
    char buffer[512];
    const ssize_t got = ::read(output_, buffer, sizeof buffer);
    if (got <= 0) break;
    said.append(buffer, static_cast<std::size_t>(got));
    const std::size_t at = said.find("ACCEPT ");
    const std::size_t end = at == std::string::npos ? at : said.find('\n', at);
    if (end != std::string::npos) port_ = std::stoi(said.substr(said.rfind(':', end) + 1));
  }
  if (port_ != 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  ::close(output_);
  throw std::runtime_error(words[0] + " does not listen: " + said);
}

Program::~Program() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  ::close(output_);
}

const Pairs& pairs() {
  using namespace crypto_test;
  static const Pairs kPairs = [] {
    const auto& top = root();
    const crypto::Certificate middle = crypto::make_intermediate_ca(top, rsa_key(1), ca_spec("/O=Test/CN=Issuing"));
    const crypto::Issuer issuing{middle, rsa_key(1)};
    return Pairs{credential_of(leaf(issuing, "/CN=www", rsa_key(2)), rsa_key(2), middle),
                 credential_of(leaf(issuing, "/CN=www", ec_key(2)), ec_key(2), middle),
                 credential_of(leaf(issuing, "/CN=other", rsa_key(3)), rsa_key(3), middle), top.certificate};
  }();
  return kPairs;
}

Files::Files(const Credential& credential) {
  const auto chain = credential.chain_pem.empty() ? std::string() : credential.chain_pem.front();
  static_cast<void>(directory_.write("cert", credential.certificate_pem));
  static_cast<void>(directory_.write("key", credential.key.pem.reveal()));
  static_cast<void>(directory_.write("chain", chain));
  static_cast<void>(directory_.write("full", credential.certificate_pem + chain));
}

std::vector<std::string> s_server(const std::vector<std::string>& arguments) {
  std::vector<std::string> words{"openssl", "s_server", "-accept", "127.0.0.1:0", "-www"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return words;
}

}  // namespace certctl::probe::test
