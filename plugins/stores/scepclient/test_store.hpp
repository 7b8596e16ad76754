// What the tests of this store share: a store in a directory of its own, and pairs made by the openssl tool.
#pragma once

#include "plugins/stores/scepclient/store.hpp"

#include <catch2/catch.hpp>

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include <iterator>
#include <memory>
#include <string>
#include <vector>

namespace certctl::scepclient::test {

namespace fs = std::filesystem;

inline constexpr const char* kOneSerial = "11FF3FAA993B23E3BDA8";  // of tests/data/store/one.crt

inline std::string content_of(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

inline void write(const fs::path& path, const std::string& content) {
  std::ofstream stream(path, std::ios::binary | std::ios::trunc);
  stream << content;
  if (!stream.flush()) throw std::runtime_error("cannot write " + path.string());
}

class TestHost final : public Host {
 public:
  explicit TestHost(std::string profile) : profile_(std::move(profile)) {}
  [[nodiscard]] const std::string& profile() const noexcept override { return profile_; }
  [[nodiscard]] TimePoint now() const noexcept override { return TimePoint{std::chrono::seconds{1'800'000'000}}; }
  [[nodiscard]] bool clock_trusted() const noexcept override { return true; }
  void log(LogLevel, std::string_view line) noexcept override { lines.emplace_back(line); }
  [[nodiscard]] Result<std::string> work_directory() noexcept override { return Error{"unused", "", ""}; }
  [[nodiscard]] Result<CommandOutcome> run(const Command&, const Credential*, std::chrono::seconds) noexcept override {
    return Error{"unused", "", ""};
  }
  [[nodiscard]] Result<Secret> read_secret(const SecretSource&) noexcept override { return Error{"unused", "", ""}; }
  std::vector<std::string> lines;

 private:
  std::string profile_;
};

// A directory that goes away with the test.
class Scratch {
 public:
  enum class Where { disk, memory };  // memory: where thousands of runs would wait for the disk
  explicit Scratch(Where where = Where::disk) {
    const fs::path base =
        where == Where::memory && fs::is_directory("/dev/shm") ? "/dev/shm" : fs::temp_directory_path();
    std::string name = (base / "certctl-store-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path = name;
    fs::permissions(path, fs::perms(0755));
  }
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  fs::path path;
};

inline Options options_for(const fs::path& path) {
  Options options;
  options.set("path", path.string());
  options.set("keep", std::int64_t{3});
  return options;
}

// A store of a profile; made anew, it is what the next run of certctl is.
struct Opened {
  explicit Opened(const fs::path& path, const std::string& profile = "ipsec")
      : host(profile), options(options_for(path)), store(options, host) {}
  TestHost host;
  Options options;
  ScepclientStore store;
};

inline fs::path data() {
  return fs::path(CERTCTL_TEST_DATA) / "store";
}

// The pair NAME of tests/data/store, with the issuing CA as chain and both CAs as set.
inline Credential credential(const std::string& name) {
  Credential made;
  made.certificate_pem = content_of(data() / (name + ".crt"));
  made.key.provider = "file";
  made.key.pem = Secret(content_of(data() / (name + ".key")));
  made.chain_pem = {content_of(data() / "ca-issuing.pem")};
  made.ca_set_pem = {content_of(data() / "ca-issuing.pem"), content_of(data() / "ca-root.pem")};
  return made;
}

inline std::string code_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Failure& failure) {
    return failure.error().code;
  }
  return "";
}

}  // namespace certctl::scepclient::test
