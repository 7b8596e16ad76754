// The one password of the page: a file in the state directory that only root reads. No file: the page is closed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace certctl::daemon {

[[nodiscard]] std::string page_password_file(const std::string& state_directory);

// Keeps its hash. Failures: bad-password (shorter than 8 or longer than 200 octets, or not UTF-8 text), those of files.
void set_page_password(const std::string& state_directory, std::string_view password);

// The hash; nothing: none is set. Failure unsafe-file when others could have written it, those of files.
[[nodiscard]] std::optional<std::string> page_password_hash(const std::string& state_directory);

}  // namespace certctl::daemon
