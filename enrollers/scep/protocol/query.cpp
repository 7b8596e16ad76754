#include "enrollers/scep/protocol/query.hpp"

#include <algorithm>
#include <array>

namespace certctl::scep {
namespace {

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kHex = "0123456789ABCDEF";

bool is_unreserved(char c) {  // RFC 3986 §2.3
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

std::string percent_escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
    } else {
      const auto octet = static_cast<unsigned char>(c);
      out += '%';
      out += kHex[octet >> 4U];
      out += kHex[octet & 0x0FU];
    }
  }
  return out;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// A '%' that starts no escape stays as it is.
std::string percent_unescaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

int base64_value(char c) {
  if (c == '-' || c == ' ') return 62;  // base64url; a '+' that somebody decoded as a blank
  if (c == '_') return 63;
  const std::size_t at = kBase64.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

}  // namespace

// SCEP-034, SCEP-150, SCEP-160
std::string plain_query(std::string_view operation, std::string_view ca_identifier) {
  std::string query = "operation=" + std::string(operation);
  if (!ca_identifier.empty()) query += "&message=" + percent_escaped(ca_identifier);
  return query;
}

std::string encode_base64(std::span<const std::uint8_t> bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) group = (group << 8U) | (k < count ? bytes[i + k] : 0U);
    for (std::size_t k = 0; k < 4; ++k) out += k <= count ? kBase64[(group >> (18 - 6 * k)) & 0x3FU] : '=';
  }
  return out;
}

// SCEP-031, SCEP-130, SCEP-134, SCEP-170
std::string message_query(std::span<const std::uint8_t> message) {
  return "operation=PKIOperation&message=" + percent_escaped(encode_base64(message));
}

std::string url_with_query(std::string_view url, std::string_view query) {
  std::string whole(url.substr(0, url.find('#')));
  if (whole.find('?') == std::string::npos) {
    whole += '?';
  } else if (whole.back() != '?' && whole.back() != '&') {
    whole += '&';
  }
  return whole.append(query);
}

Query parse_query(std::string_view query) {
  Query parsed;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view argument = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const std::size_t equals = std::min(argument.find('='), argument.size());
    const std::string name = percent_unescaped(argument.substr(0, equals));
    const std::string_view raw = argument.substr(std::min(equals + 1, argument.size()));
    std::string value = percent_unescaped(raw);
    if (same_operation(name, "operation") && parsed.operation.empty()) {
      parsed.operation = std::move(value);
    } else if (same_operation(name, "message") && !parsed.message) {
      std::string form(raw);
      std::replace(form.begin(), form.end(), '+', ' ');
      parsed.identifier = percent_unescaped(form);
      parsed.message = std::move(value);
    }
  }
  return parsed;
}

bool same_operation(std::string_view given, std::string_view operation) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(given.begin(), given.end(), operation.begin(), operation.end(),
                    [&](char a, char b) { return lower(a) == lower(b); });
}

std::optional<Bytes> decode_message(std::string_view message) {
  std::string text(message);
  if (text.find('%') != std::string::npos) text = percent_unescaped(text);
  Bytes out;
  out.reserve(text.size() / 4 * 3);
  std::uint32_t group = 0;
  int bits = 0;
  bool padding = false;
  for (const char c : text) {
    if (c == '\r' || c == '\n' || c == '\t') continue;
    if (c == '=') {
      padding = true;
      continue;
    }
    if (padding && c == ' ') continue;  // layout; before the padding a blank was a '+'
    const int value = base64_value(c);
    if (value < 0 || padding) return std::nullopt;
    group = (group << 6U) | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out.push_back(static_cast<std::uint8_t>((group >> static_cast<unsigned>(bits)) & 0xFFU));
    }
  }
  if (out.empty() || bits >= 6) return std::nullopt;
  return out;
}

}  // namespace certctl::scep
