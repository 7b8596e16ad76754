#include "framework/compat/router_app/store_facts.hpp"

#include <certctl/result.hpp>

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "framework/crypto/certificate.hpp"
#include "framework/sys/atomic_file.hpp"

namespace certctl::router_app {
namespace {

constexpr std::size_t kLongestFile = 1U << 20U;
constexpr int kMostFiles = 20;

std::vector<crypto::Certificate> certificates_of(const std::string& path) {
  try {
    const auto text = sys::read_file_if_exists(path, kLongestFile);
    return text ? crypto::Certificate::all_from_pem(*text) : std::vector<crypto::Certificate>();
  } catch (const Failure&) {
    return {};
  }
}

// An old root has no basicConstraints; a certificate of a registration authority is none.
bool is_authority(const crypto::Certificate& certificate) {
  return certificate.is_ca() || certificate.signed_by(certificate);
}

std::vector<crypto::Certificate> all_authorities(const std::string& store) {
  std::vector<crypto::Certificate> all;
  const auto add = [&](const std::string& name) {
    for (auto& certificate : certificates_of(store + "/" + name)) {
      if (is_authority(certificate) && std::find(all.begin(), all.end(), certificate) == all.end())
        all.push_back(std::move(certificate));
    }
  };
  for (int i = 0; i < kMostFiles; ++i) {
    add("ca.crt-" + std::to_string(i));
    add("ca.crt." + std::to_string(i));
  }
  if (all.empty()) add("ca.crt");
  return all;
}

std::vector<crypto::Certificate> above(const crypto::Certificate& certificate, std::vector<crypto::Certificate> pool) {
  std::vector<crypto::Certificate> path;
  crypto::Certificate below = certificate;
  for (;;) {
    const auto issuer =
        std::find_if(pool.begin(), pool.end(), [&](const auto& candidate) { return below.signed_by(candidate); });
    if (issuer == pool.end()) return path;
    below = *issuer;
    path.push_back(*issuer);
    pool.erase(issuer);
  }
}

std::optional<crypto::Certificate> latest(const std::string& store) {
  const auto found = certificates_of(store + "/latest.crt");
  return found.empty() ? std::nullopt : std::optional(found.front());
}

}  // namespace

std::string default_store() {
  const char* named = std::getenv("SCEPCLIENT_STORE");
  return named != nullptr && *named != '\0' ? named : "/var/data/scepClient";
}

std::vector<Authority> authorities_in(const std::string& store) {
  auto authorities = all_authorities(store);
  if (const auto certificate = latest(store)) {
    auto path = above(*certificate, authorities);
    if (!path.empty()) authorities = std::move(path);
  }
  std::vector<Authority> result;
  for (const auto& authority : authorities) result.push_back({authority.fingerprint(), authority.subject_text()});
  return result;
}

std::string serial_in(const std::string& store) {
  const auto certificate = latest(store);
  return certificate ? certificate->serial() : "";
}

}  // namespace certctl::router_app
