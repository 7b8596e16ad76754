#include "tests/unit/settings/fixture.hpp"

#include "framework/crypto/certificate.hpp"
#include "framework/sys/subprocess.hpp"

#include <certctl/result.hpp>

#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>

namespace settings_test {
namespace {

std::string data(const std::string& name) {
  return content_of(std::string(CERTCTL_TEST_DATA) + "/store/" + name);
}

}  // namespace

std::string content_of(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

std::string key_pem(const std::string& name) {
  return data(name + ".key");
}

std::string certificate_pem(const std::string& name) {
  return data(name + ".crt");
}

certctl::Credential credential(const std::string& name) {
  certctl::Credential made;
  const auto certificate = certctl::crypto::Certificate::from_pem(certificate_pem(name));
  made.generation = 1;
  made.serial = certificate.serial();
  made.fingerprint = certificate.fingerprint();
  made.certificate_pem = certificate_pem(name);
  made.chain_pem = {data("ca-issuing.pem")};
  made.ca_set_pem = {data("ca-root.pem"), data("ca-issuing.pem")};
  made.key.provider = "file";
  made.key.pem = certctl::Secret(key_pem(name));
  return made;
}

std::string run(const std::string& shell_text, const std::string& input, const std::string& directory) {
  certctl::sys::ProcessRequest request;
  request.command = {true, {shell_text}};
  request.environment = {"PATH=/usr/bin:/bin"};
  request.directory = directory;
  request.input = input;
  request.output_limit = 1U << 20U;
  const auto result = certctl::sys::run_process(request);
  if (!result.succeeded()) throw std::runtime_error(shell_text + ": " + result.output);
  return result.output;
}

std::string traditional_pem(const std::string& name) {
  static std::map<std::string, std::string> known;
  std::string& pem = known[name];
  if (pem.empty()) {
    const bool rsa = name == "one" || name == "two";
    pem = run(rsa ? "openssl rsa -traditional 2>/dev/null" : "openssl ec 2>/dev/null", key_pem(name));
  }
  return pem;
}

std::string base64_line(const std::string& text) {
  return run("base64 -w0", text);
}

std::string escaped(const std::string& pem) {
  return run("sed 's/$/\\\\n/' | tr -d '\\n'", pem);
}

std::string code_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const certctl::Failure& failure) {
    return failure.error().code;
  }
  return {};
}

}  // namespace settings_test
