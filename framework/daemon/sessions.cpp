#include "framework/daemon/sessions.hpp"

#include <algorithm>

#include "framework/crypto/digest.hpp"
#include "framework/crypto/random.hpp"

namespace certctl::daemon {
namespace {

constexpr std::size_t kTokenBytes = 32;

}  // namespace

std::string Sessions::begin(Time now) {
  std::erase_if(sessions_, [&](const auto& entry) { return over(entry.second, now); });
  if (sessions_.size() >= kMost) {
    sessions_.erase(std::min_element(sessions_.begin(), sessions_.end(),
                                     [](const auto& a, const auto& b) { return a.second.used < b.second.used; }));
  }
  const std::string token = crypto::hex_lower(crypto::random_bytes(kTokenBytes));
  sessions_[crypto::sha256_hex(token)] = {now, now};
  return token;
}

bool Sessions::use(std::string_view token, Time now) {
  if (token.size() != kTokenBytes * 2) return false;
  const auto found = sessions_.find(crypto::sha256_hex(token));
  if (found == sessions_.end()) return false;
  if (over(found->second, now)) {
    sessions_.erase(found);
    return false;
  }
  found->second.used = now;
  return true;
}

void Sessions::end(std::string_view token) {
  sessions_.erase(crypto::sha256_hex(token));
}

}  // namespace certctl::daemon
