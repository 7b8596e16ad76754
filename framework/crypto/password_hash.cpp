#include "framework/crypto/password_hash.hpp"

#include <certctl/result.hpp>

#include <openssl/evp.h>

#include <charconv>
#include <optional>
#include <vector>

#include "framework/crypto/digest.hpp"
#include "framework/crypto/error_fence.hpp"
#include "framework/crypto/random.hpp"

namespace certctl::crypto {
namespace {

constexpr std::uint64_t kMostMemory = 80U << 20U;
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kHashBytes = 32;

struct Cost {
  unsigned log_n = 14;
  unsigned r = 8;
  unsigned p = 5;
};

std::optional<Bytes> derive(std::string_view password, const Bytes& salt, const Cost& cost) {
  const ErrorFence fence;
  Bytes key(kHashBytes);
  const int done = EVP_PBE_scrypt(password.data(), password.size(), salt.data(), salt.size(),
                                  std::uint64_t{1} << cost.log_n, cost.r, cost.p, kMostMemory, key.data(), key.size());
  if (done != 1) return std::nullopt;
  return key;
}

// "ln=14,r=8,p=5"
std::optional<Cost> parse_cost(std::string_view text) {
  Cost cost;
  for (const auto& [name, value] :
       {std::pair{"ln=", &cost.log_n}, std::pair{"r=", &cost.r}, std::pair{"p=", &cost.p}}) {
    if (!text.starts_with(name)) return std::nullopt;
    text.remove_prefix(std::string_view(name).size());
    const auto end = std::from_chars(text.data(), text.data() + text.size(), *value);
    if (end.ec != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end.ptr - text.data()));
    if (text.starts_with(',')) text.remove_prefix(1);
  }
  const bool sane = cost.log_n >= 10 && cost.log_n <= 16 && cost.r >= 1 && cost.r <= 8 && cost.p >= 1 && cost.p <= 16;
  if (!text.empty() || !sane) return std::nullopt;
  return cost;
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find('$');
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

std::string hash_password(std::string_view password) {
  const Bytes salt = random_bytes(kSaltBytes);
  const Cost cost;
  const auto key = derive(password, salt, cost);
  if (!key) throw Failure("hash-failed", "scrypt failed: not enough memory?");
  return "$scrypt$ln=" + std::to_string(cost.log_n) + ",r=" + std::to_string(cost.r) + ",p=" + std::to_string(cost.p) +
         "$" + hex_lower(salt) + "$" + hex_lower(*key);
}

bool password_matches(std::string_view password, std::string_view hash) {
  const auto parts = split(hash);
  if (parts.size() != 5 || !parts[0].empty() || parts[1] != "scrypt") return false;
  const auto cost = parse_cost(parts[2]);
  const auto salt = from_hex(parts[3]);
  const auto wanted = from_hex(parts[4]);
  if (!cost || !salt || salt->empty() || !wanted || wanted->size() != kHashBytes) return false;
  const auto key = derive(password, *salt, *cost);
  return key && constant_time_equal(BytesView(*key), BytesView(*wanted));
}

}  // namespace certctl::crypto
