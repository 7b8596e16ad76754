#include "distributors/settings/editor/value.hpp"

#include "framework/crypto/digest.hpp"
#include "framework/crypto/pem.hpp"

#include <certctl/result.hpp>

#include <algorithm>

namespace certctl::settings {
namespace {

constexpr std::string_view kPemLabelBegin = "-----BEGIN ";

bool is_blank(std::string_view text) noexcept {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

bool is_pem(std::string_view text) {
  if (text.find(kPemLabelBegin) == std::string_view::npos) return false;
  try {
    return !crypto::split_pem(text).empty();
  } catch (const Failure&) {
    return false;
  }
}

std::string_view without_quotes(std::string_view raw, Quote& quote) noexcept {
  if (raw.size() >= 2 && raw.front() == raw.back() && (raw.front() == '"' || raw.front() == '\'')) {
    quote = raw.front() == '"' ? Quote::double_mark : Quote::single_mark;
    return raw.substr(1, raw.size() - 2);
  }
  return raw;
}

// "\n" and "\r" in two characters each become line breaks; nothing when there are none, or real ones too.
Secret without_escapes(std::string_view text) {
  if (text.find('\n') != std::string_view::npos || text.find("\\n") == std::string_view::npos) return {};
  std::string plain;
  plain.reserve(text.size());  // grows never: no copy of a key is left behind
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == 'n' || text[i + 1] == 'r')) {
      plain += text[++i] == 'n' ? '\n' : '\r';
    } else {
      plain += text[i];
    }
  }
  return Secret(std::move(plain));
}

// LF line breaks, exactly one at the end.
Secret normal(std::string_view text, bool& final_line_break) {
  std::string result;
  result.reserve(text.size() + 1);
  std::copy_if(text.begin(), text.end(), std::back_inserter(result), [](char c) { return c != '\r'; });
  const std::size_t end = result.find_last_not_of(" \t\n");
  final_line_break = result.find('\n', end) != std::string::npos;
  result.resize(end + 1);
  result += '\n';
  return Secret(std::move(result));
}

std::string quoted(std::string content, Quote quote) {
  if (quote == Quote::none) return content;
  const char mark = quote == Quote::double_mark ? '"' : '\'';
  std::string result;
  result.reserve(content.size() + 2);
  result += mark;
  result += content;
  result += mark;
  wipe(content.data(), content.size());
  return result;
}

}  // namespace

Decoded decode(std::string_view raw) {
  Decoded decoded;
  const std::string_view inner = without_quotes(raw, decoded.form.quote);
  if (is_blank(inner)) return decoded;
  decoded.content = Content::other;
  if (inner.find(kPemLabelBegin) != std::string_view::npos) {
    const Secret plain = without_escapes(inner);
    if (!plain.empty() && is_pem(plain.reveal())) {
      decoded.content = Content::pem;
      decoded.form.encoding = Encoding::pem_escaped;
      decoded.pem = normal(plain.reveal(), decoded.form.final_line_break);
    } else if (is_pem(inner)) {
      decoded.content = Content::pem;
      decoded.form.encoding = Encoding::pem_quoted;
      decoded.form.line_break = inner.find("\r\n") != std::string_view::npos ? "\r\n" : "\n";
      decoded.pem = normal(inner, decoded.form.final_line_break);
    }
    return decoded;
  }
  auto bytes = crypto::base64_decode(inner);
  if (!bytes) return decoded;
  const std::string_view text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  if (is_pem(text)) {
    decoded.content = Content::pem;
    decoded.form.encoding = Encoding::base64_line;
    decoded.pem = normal(text, decoded.form.final_line_break);
  }
  wipe(bytes->data(), bytes->size());
  return decoded;
}

Secret encode(std::string_view pem, const Form& form) {
  if (pem.empty()) return Secret(quoted({}, form.quote));
  if (!form.final_line_break && pem.ends_with('\n')) pem.remove_suffix(1);
  switch (form.encoding) {
    case Encoding::base64_line:
      return Secret(
          quoted(crypto::base64_encode({reinterpret_cast<const std::uint8_t*>(pem.data()), pem.size()}), form.quote));
    case Encoding::pem_quoted:
    case Encoding::pem_escaped: break;
  }
  const bool escaped = form.encoding == Encoding::pem_escaped;
  const std::string_view line_break = escaped ? "\\n" : std::string_view(form.line_break);
  std::string content;
  content.reserve(pem.size() * 2);
  for (const char c : pem) {
    if (c == '\n') {
      content += line_break;
    } else {
      content += c;
    }
  }
  return Secret(quoted(std::move(content), !escaped && form.quote == Quote::none ? Quote::double_mark : form.quote));
}

}  // namespace certctl::settings
