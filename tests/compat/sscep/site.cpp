#include "tests/compat/sscep/site.hpp"

#include "framework/sys/subprocess.hpp"

#include <algorithm>
#include <filesystem>
#include <map>

namespace sscep_test {
namespace {

constexpr const char* kProgram = CERTCTL_BINARY_DIR "/bin/sscep";

}  // namespace

bool Outcome::says(std::string_view line) const {
  return out.find(std::string(kProgram) + ": " + std::string(line) + "\n") != std::string::npos;
}

bool Outcome::warns(std::string_view words) const {
  return err.find(words) != std::string::npos;
}

Words operator+(Words left, const Words& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

Responder& responder() {
  static Responder one;
  return one;
}

const crypto::Key& key_number(int number) {
  static std::map<int, crypto::Key> keys;
  const auto it = keys.find(number);
  return it != keys.end() ? it->second : keys.emplace(number, crypto::Key::generate({})).first->second;
}

const crypto::Key& ec_key() {
  static const crypto::Key key = crypto::Key::generate({KeyType::ec, 0, "P-256"});
  return key;
}

Site::Site() {
  write_request(key_number(1));
  write("ca.pem", responder().root().certificate.to_pem());
}

std::string Site::path(const std::string& name) const {
  return (scratch_.path() / name).string();
}

void Site::write(const std::string& name, const std::string& content) const {
  (void)scratch_.write(name, content, 0644);
}

std::string Site::read(const std::string& name) const {
  return contract::Scratch::read(scratch_.path() / name);
}

bool Site::has(const std::string& name) const {
  return std::filesystem::exists(scratch_.path() / name);
}

std::vector<std::string> Site::names() const {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(scratch_.path()))
    found.push_back(entry.path().filename().string());
  std::sort(found.begin(), found.end());
  return found;
}

crypto::Certificate Site::certificate(const std::string& name) const {
  return crypto::Certificate::from_pem(read(name));
}

void Site::write_set(const std::string& base, const std::vector<crypto::Certificate>& set) const {
  for (std::size_t i = 0; i < set.size(); ++i) write(base + "-" + std::to_string(i), set[i].to_pem());
}

crypto::Csr Site::write_request(const crypto::Key& key, const std::string& key_name, const std::string& request_name,
                                const std::string& challenge) const {
  CertificateRequest wanted;
  wanted.subject = {{"O", "Test", false}, {"CN", "router", false}};
  const crypto::Csr csr = crypto::Csr::from_der(crypto::build_csr(wanted, key, Secret(challenge)));
  write(key_name, key.to_pem_pkcs8().reveal());
  write(request_name, csr.to_pem());
  return csr;
}

Outcome Site::sscep(const Words& words, int seconds) const {
  responder().forget();
  sys::ProcessRequest request;
  request.command.arguments = Words{kProgram} + words;
  request.environment = {"PATH=/usr/bin:/bin"};
  request.directory = scratch_.path();
  request.timeout = std::chrono::seconds(seconds);
  request.output_limit = request.error_limit = 1U << 20U;
  const sys::ProcessResult result = sys::run_process(request);
  return {result.exit_status, result.signal, result.output, result.errors};
}

Outcome Site::enroll(const std::string& knobs, const Words& more) const {
  return sscep(Words{"enroll", "-u", responder().url(knobs), "-c", "ca.pem", "-k", "key.pem", "-r", "req.pem", "-l",
                     "cert.pem", "-t", "0"} +
               more);
}

void prepare_renewal(Site& site, bool same_key) {
  const crypto::Csr old_request = site.write_request(key_number(2), "old-key.pem", "old-req.pem");
  const crypto::Certificate old = responder().issue(old_request, responder().root());
  site.write("old.pem", old.to_pem());
  responder().set_old(old);
  if (same_key) site.write_request(key_number(2));
}

Words renewal_words() {
  return {"-K", "old-key.pem", "-O", "old.pem"};
}

}  // namespace sscep_test
