#include "tests/contract/conformance.hpp"

#include <catch2/catch.hpp>

#include "tests/contract/test_host.hpp"

namespace certctl::contract {

void check_error(const Error& error) {
  INFO("code \"" << error.code << "\", message \"" << error.message << "\"");
  CHECK_FALSE(error.code.empty());
  CHECK(error.code.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos);
  CHECK_FALSE(error.message.empty());
  CHECK(error.message.find('\n') == std::string::npos);
  CHECK_FALSE(error.message.ends_with('.'));
  check_no_secret(error.message);
  check_no_secret(error.hint);
  if (error.retry == RetryClass::after) CHECK(error.delay.count() > 0);
}

void check_no_key_is_readable(const std::filesystem::path& directory) {
  namespace fs = std::filesystem;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file() || entry.is_symlink()) continue;
    if (Scratch::read(entry.path()).find("PRIVATE KEY-----") == std::string::npos) continue;
    INFO(entry.path());
    CHECK((entry.status().permissions() & (fs::perms::group_all | fs::perms::others_all)) == fs::perms::none);
  }
}

void check_no_secret(const std::string& text) {
  CHECK(text.find("PRIVATE KEY") == std::string::npos);
}

}  // namespace certctl::contract
