#include "enrollers/acme/account_key.hpp"

#include "framework/sys/atomic_file.hpp"
#include "framework/sys/lock.hpp"

#include <filesystem>

namespace certctl::acme {
namespace {

constexpr std::size_t kLargestFile = 64 * 1024;
constexpr std::chrono::seconds kLockTimeout{30};

crypto::Key key_from(const std::string& path, const Secret& text) {
  try {
    return crypto::Key::from_pem(text);
  } catch (const Failure& failure) {
    throw Failure::never("account-key-unreadable", "cannot read account_key: " + path + ": " + failure.error().message,
                         "it must be an unencrypted key in PEM; move it away only to have another account made");
  }
}

}  // namespace

crypto::Key load_or_make_account_key(const Settings& settings) {
  const std::string& path = settings.account_key;
  const std::string directory = std::filesystem::path(path).parent_path().string();
  if (!std::filesystem::exists(directory)) sys::make_private_directory(directory);
  const auto lock = sys::FileLock::acquire(path + ".lock", kLockTimeout, "account key " + path);
  if (auto text = sys::read_file_if_exists(path, kLargestFile)) return key_from(path, Secret(std::move(*text)));
  crypto::Key key = crypto::Key::generate(settings.account_key_spec);
  // ACME-005, COM-008: an account whose key is lost can do nothing any more, not even end.
  if (!sys::create_file(path, key.to_pem_pkcs8().reveal()))
    return key_from(path, Secret(sys::read_file(path, kLargestFile)));
  return key;
}

}  // namespace certctl::acme
