#include "framework/compat/replace_pem/stored_pair.hpp"

#include "framework/crypto/certificate.hpp"
#include "framework/crypto/chain.hpp"
#include "framework/crypto/key.hpp"
#include "framework/sys/atomic_file.hpp"

#include <certctl/result.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>

namespace certctl::replace_pem {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestFile = 1U << 20U;
constexpr int kMostAuthorities = 20;
constexpr int kTries = 20;
constexpr std::chrono::milliseconds kBetweenTries{50};
// How the store writes a key that never leaves its provider.
constexpr std::string_view kReferenceMark = "certctl key reference\n";

Failure unreadable(const std::string& why) {
  return Failure::never("pair-unreadable", "the pair cannot be read: " + why,
                        "`certctl status` says what is wrong with the store");
}

KeyRef key_from(std::string text, const std::string& path) {
  KeyRef key;
  if (text.starts_with(kReferenceMark)) {
    key.provider = "its provider";
    key.reference = path;
  } else {
    key.provider = "file";
    key.pem = Secret(std::move(text));
  }
  return key;
}

std::vector<std::string> certificates_of(const std::string& path) {
  std::vector<std::string> pems;
  const auto text = sys::read_file_if_exists(path, kLongestFile);
  if (!text) return pems;
  for (const auto& certificate : crypto::Certificate::all_from_pem(*text)) pems.push_back(certificate.to_pem());
  return pems;
}

Credential read_files(const std::string& key_path, const std::string& certificate_path) {
  Credential credential;
  credential.key = key_from(sys::read_file(key_path, kLongestFile), key_path);
  credential.certificate_pem = sys::read_file(certificate_path, kLongestFile);
  return credential;
}

bool belong_together(const Credential& credential) {
  if (!credential.key.exportable()) return true;
  return crypto::Certificate::from_pem(credential.certificate_pem).carries(crypto::Key::from_pem(credential.key.pem));
}

// As the old app and sscep name them; its manual has ca.crt.1 as well.
std::vector<std::string> old_authorities(const std::string& store) {
  std::vector<std::string> all;
  const auto add = [&](const std::string& name) {
    for (auto& pem : certificates_of(store + "/" + name))
      if (std::find(all.begin(), all.end(), pem) == all.end()) all.push_back(std::move(pem));
  };
  for (int i = 0; i < kMostAuthorities; ++i) {
    add("ca.crt-" + std::to_string(i));
    add("ca.crt." + std::to_string(i));
  }
  if (all.empty()) add("ca.crt");
  return all;
}

std::vector<std::string> chain_of(const Credential& credential) {
  std::vector<std::string> chain;
  std::vector<crypto::Certificate> bundle{crypto::Certificate::from_pem(credential.certificate_pem)};
  const crypto::Key key = bundle.front().public_key();
  for (const auto& pem : credential.ca_set_pem) bundle.push_back(crypto::Certificate::from_pem(pem));
  for (const auto& certificate : crypto::order_leaf_and_chain(bundle, &key).chain)
    chain.push_back(certificate.to_pem());
  return chain;
}

Credential read_old_store(const std::string& store) {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(store + "/latest.crt", error))) {
    throw Failure("no-pair", "there is no certificate in " + store + " yet",
                  "`certctl renew` gets one; --store names another store");
  }
  for (int i = 0; i < kTries; ++i) {
    if (i > 0) std::this_thread::sleep_for(kBetweenTries);
    Credential credential = read_files(store + "/latest.key", store + "/latest.crt");
    // The old app switches the two links one after the other.
    if (!belong_together(credential)) continue;
    credential.ca_set_pem = old_authorities(store);
    credential.chain_pem = chain_of(credential);
    return credential;
  }
  throw Failure::never("pair-unreadable", "latest.key and latest.crt in " + store + " do not belong together");
}

}  // namespace

Credential read_generation(const std::string& directory) {
  try {
    Credential credential = read_files(directory + "/key", directory + "/crt");
    credential.chain_pem = certificates_of(directory + "/chain.pem");
    credential.ca_set_pem = certificates_of(directory + "/ca.pem");
    credential.directory = directory;
    return credential;
  } catch (const Failure& failure) {
    throw unreadable(failure.error().message);
  }
}

Credential read_active(const std::string& store) {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(store + "/.active", error))) return read_old_store(store);
  const fs::path active = fs::canonical(store + "/.active", error);
  if (error) throw unreadable(store + "/.active leads nowhere");
  return read_generation(active.string());
}

}  // namespace certctl::replace_pem
