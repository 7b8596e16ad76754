#include "framework/crypto/pem.hpp"

#include "framework/crypto/digest.hpp"

#include <certctl/result.hpp>

#include <algorithm>

namespace certctl::crypto {
namespace {

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";
constexpr std::string_view kDashes = "-----";

[[noreturn]] void bad(const std::string& what) {
  throw Failure::never("pem-malformed", "not valid PEM: " + what, "the file is damaged or cut off: write it again");
}

std::string_view trimmed(std::string_view line) noexcept {
  const std::size_t first = line.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
}

// The label of a line "-----BEGIN label-----"; empty when it is none.
std::string_view label_of(std::string_view line, std::string_view start) noexcept {
  if (line.substr(0, start.size()) != start || line.size() <= start.size() + kDashes.size()) return {};
  if (line.substr(line.size() - kDashes.size()) != kDashes) return {};
  return line.substr(start.size(), line.size() - start.size() - kDashes.size());
}

bool is_base64(std::string_view body) noexcept {
  return std::all_of(body.begin(), body.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/' ||
           c == '=' || c == '\n' || c == '\r' || c == ' ' || c == '\t';
  });
}

bool is_label(std::string_view label) noexcept {
  return label.size() <= 64 && std::all_of(label.begin(), label.end(), [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ' || c == '#' || c == '-' || c == '_';
         });
}

}  // namespace

std::vector<PemBlock> split_pem(std::string_view text) {
  if (text.size() > kMaxPemBytes) bad("the text is larger than " + std::to_string(kMaxPemBytes) + " octets");
  std::vector<PemBlock> blocks;
  bool inside = false;
  PemBlock block;
  std::size_t block_begin = 0;
  std::size_t body_begin = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t line_end = std::min(text.find('\n', at), text.size());
    const std::string_view line = trimmed(text.substr(at, line_end - at));
    if (const std::string_view begin = label_of(line, kBegin); !begin.empty()) {
      if (inside) bad("a block begins inside another");
      if (!is_label(begin)) bad("a block has no proper label");
      if (blocks.size() == kMaxPemBlocks) bad("more than " + std::to_string(kMaxPemBlocks) + " blocks");
      inside = true;
      block = PemBlock{std::string(begin), begin == "ENCRYPTED PRIVATE KEY", {}, {}};
      block_begin = at + text.substr(at).find(kBegin);
      body_begin = std::min(line_end + 1, text.size());
    } else if (const std::string_view end = label_of(line, kEnd); inside && !end.empty()) {
      if (end != block.label) bad("the end of the block " + block.label + " has another label");
      block.text = text.substr(
          block_begin, at + text.substr(at).find(kEnd) + kEnd.size() + end.size() + kDashes.size() - block_begin);
      block.body = text.substr(body_begin, at - body_begin);
      if (block.body.find("Proc-Type:") != std::string_view::npos) block.encrypted = true;
      const bool headers = block.body.find(':') != std::string_view::npos;
      if (!headers && !is_base64(block.body)) bad("the block " + block.label + " is no base64");
      blocks.push_back(block);
      inside = false;
    }
    at = line_end + 1;
  }
  if (inside) bad("the block " + block.label + " has no end");
  return blocks;
}

Bytes pem_decode(const PemBlock& block) {
  auto der = base64_decode(block.body);
  if (!der || der->empty()) bad("the block " + block.label + " is no base64");
  return std::move(*der);
}

std::string pem_text(std::string_view label, BytesView der) {
  const std::string base64 = base64_encode(der);
  std::string text;
  text.reserve(base64.size() + base64.size() / 64 + 2 * label.size() + 40);
  text.append(kBegin).append(label).append(kDashes).append("\n");
  for (std::size_t at = 0; at < base64.size(); at += 64) text.append(base64, at, 64).append("\n");
  text.append(kEnd).append(label).append(kDashes).append("\n");
  return text;
}

}  // namespace certctl::crypto
