#include "distributors/settings/editor/pem_lines.hpp"

#include "distributors/settings/editor/document.hpp"

namespace certctl::settings {
namespace {

std::string_view trimmed(std::string_view line) noexcept {
  const std::size_t begin = line.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return line.substr(begin, line.find_last_not_of(" \t\r") - begin + 1);
}

bool is_base64(std::string_view line) noexcept {
  const std::size_t digits = line.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
  return digits == std::string_view::npos || line.find_first_not_of('=', digits) == std::string_view::npos;
}

bool is_assignment(std::string_view line) noexcept {
  const std::size_t sign = line.find('=');
  return sign != std::string_view::npos && is_variable_name(line.substr(0, sign));
}

// RFC 1421 §4.6: "Proc-Type: 4,ENCRYPTED", and lines that continue one.
bool is_header(std::string_view line) noexcept {
  const std::size_t colon = line.find(':');
  return colon != std::string_view::npos && colon > 0 && line.find_first_of("=\"'") == std::string_view::npos;
}

}  // namespace

bool PemLines::accept(std::string_view untrimmed) noexcept {
  const std::string_view line = trimmed(untrimmed);
  const bool is_rule = line.starts_with("-----") && line.ends_with("-----") && line.size() > 10;
  if (is_rule && line.starts_with("-----BEGIN ")) {
    if (in_block_) return false;
    in_block_ = in_headers_ = true;
    return true;
  }
  if (is_rule && line.starts_with("-----END ")) {
    if (!in_block_) return false;
    in_block_ = false;
    return true;
  }
  if (line.empty()) return true;
  if (!in_block_) return !is_assignment(line);
  if (in_headers_ && is_header(line)) return true;
  in_headers_ = false;
  return is_base64(line);
}

}  // namespace certctl::settings
