#include "framework/crypto/alt_name_text.hpp"

#include "framework/crypto/alt_name.hpp"
#include "framework/crypto/asn1_string.hpp"
#include "framework/crypto/der.hpp"
#include "framework/crypto/name.hpp"
#include "framework/crypto/oid.hpp"

#include <certctl/result.hpp>

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <optional>

namespace certctl::crypto {
namespace {

constexpr std::string_view kHint =
    "write names like DNS:host.example, email:me@host.example, IP:192.0.2.1, URI:https://host.example/, RID:1.2.3.4, "
    "dirName:/O=Example/CN=x, otherName:1.2.3.4;UTF8:text";

struct Prefix {
  std::string_view word;
  AltNameKind kind;
};
constexpr std::array kPrefixes{
    Prefix{"email", AltNameKind::email},
    Prefix{"URI", AltNameKind::uri},
    Prefix{"DNS", AltNameKind::dns},
    Prefix{"RID", AltNameKind::rid},
    Prefix{"IP", AltNameKind::ip},
    Prefix{"dirName", AltNameKind::dir_name},
    Prefix{"otherName", AltNameKind::other_name},
};

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
std::string lowered(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

// The prefix word, with its colon, at the front of the text.
const Prefix* prefix_at(std::string_view text) noexcept {
  for (const Prefix& prefix : kPrefixes) {
    if (text.size() > prefix.word.size() && text[prefix.word.size()] == ':' &&
        std::equal(prefix.word.begin(), prefix.word.end(), text.begin(),
                   [](char a, char b) { return lower(a) == lower(b); }))
      return &prefix;
  }
  return nullptr;
}

bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

[[noreturn]] void bad(const std::string& what) {
  throw Failure::never("san-invalid", "alternative names: " + what, std::string(kHint));
}

bool is_plain(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

std::string host_problem(std::string_view host) {
  if (!is_ascii(host)) return "has characters outside ASCII (write its xn-- form)";
  if (host.size() > 253) return "is longer than 253 characters";
  for (std::size_t at = 0; at <= host.size();) {
    const std::size_t dot = std::min(host.find('.', at), host.size());
    const std::string_view label = host.substr(at, dot - at);
    if (label.empty()) return "has an empty label";
    if (label.size() > 63) return "has a label longer than 63 characters";
    const bool wildcard = label == "*" && at == 0 && dot != host.size();
    const bool proper = std::all_of(label.begin(), label.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
    if (!wildcard && (!proper || label.front() == '-' || label.back() == '-')) return "is no host name";
    at = dot + 1;
  }
  return {};
}

std::string email_problem(std::string_view address) {
  const std::size_t at = address.rfind('@');
  if (!is_plain(address) || at == std::string_view::npos || at == 0) return "is no mail address";
  return host_problem(address.substr(at + 1));
}

// RFC 5280 §4.2.1.6: an absolute URI, scheme and something specific to it.
std::string uri_problem(std::string_view uri) {
  const std::size_t colon = uri.find(':');
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const bool scheme = colon != std::string_view::npos && colon != 0 && colon + 1 < uri.size() && letter(uri[0]) &&
                      std::all_of(uri.begin(), uri.begin() + static_cast<std::ptrdiff_t>(colon), [&](char c) {
                        return letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
                      });
  return is_plain(uri) && scheme ? std::string() : "is no absolute URI";
}

std::optional<std::string> canonical_ip(const std::string& text) {
  std::array<std::uint8_t, 16> octets{};
  std::array<char, INET6_ADDRSTRLEN> out{};
  if (text.find('\0') != std::string::npos) return std::nullopt;
  for (const int family : {AF_INET, AF_INET6}) {
    if (inet_pton(family, text.c_str(), octets.data()) == 1 &&
        inet_ntop(family, octets.data(), out.data(), static_cast<socklen_t>(out.size())) != nullptr)
      return out.data();
  }
  return std::nullopt;
}

std::string problem_of(const AltName& name) {
  switch (name.kind) {
    case AltNameKind::email: return email_problem(name.value);
    case AltNameKind::uri: return uri_problem(name.value);
    case AltNameKind::dns: return host_problem(name.value);
    case AltNameKind::rid: return is_oid(name.value) ? "" : "is no object identifier";
    case AltNameKind::ip: return canonical_ip(name.value) ? "" : "is no IP address";
    case AltNameKind::dir_name: (void)parse_subject(name.value); return {};
    case AltNameKind::other_name: (void)split_other_name(name.value); return {};
  }
  return "has an unknown kind";
}

void normalise(AltName& name) {
  if (name.kind == AltNameKind::ip) name.value = *canonical_ip(name.value);
  if (name.kind == AltNameKind::dir_name) name.value = subject_slash_text(parse_subject(name.value));
  if (name.kind == AltNameKind::other_name) {
    const OtherName parts = split_other_name(name.value);
    name.value = parts.oid + ";" + std::string(other_name_tag(parts.tag)) + ":" + parts.text;
  }
}

class AltNameParser {
 public:
  explicit AltNameParser(std::string_view text) : text_(text) {
    while (!text_.empty() && is_blank(text_.back()) && (text_.size() < 2 || text_[text_.size() - 2] != '\\'))
      text_.remove_suffix(1);
  }

  std::vector<AltName> run() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
    if (at_ == text_.size()) bad("the text is empty");
    std::vector<AltName> names;
    while (at_ < text_.size()) names.push_back(one());
    return names;
  }

 private:
  AltName one() {
    const std::size_t start = at_;
    const Prefix* prefix = prefix_at(text_.substr(at_));
    if (prefix == nullptr) {
      const std::string_view rest = text_.substr(at_, 24);
      bad("no known prefix in '" + display_text(rest) + "' at position " + std::to_string(start + 1));
    }
    at_ += prefix->word.size() + 1;
    AltName name{prefix->kind, value(prefix->kind == AltNameKind::dir_name)};
    try {
      validate_alt_name(name);
      normalise(name);
    } catch (const Failure& failure) {
      Error error = failure.error();
      error.code = "san-invalid";
      error.message += " (alternative name at position " + std::to_string(start + 1) + ")";
      throw Failure(error);
    }
    return name;
  }

  // Up to a separator. The grammar of dirName has escapes of its own: they are left for it.
  std::string value(bool keep_escapes) {
    std::string out;
    for (; at_ < text_.size(); ++at_) {
      if (const std::size_t size = separator(); size != 0) {
        at_ += size;
        return out;
      }
      if (text_[at_] == '\\') {
        if (at_ + 1 == text_.size()) bad("a backslash with nothing behind it at position " + std::to_string(at_ + 1));
        if (keep_escapes) out += '\\';
        ++at_;
      }
      out += text_[at_];
    }
    return out;
  }

  // Size of the comma and blanks here, if a prefix word follows them.
  [[nodiscard]] std::size_t separator() const noexcept {
    std::size_t end = at_;
    bool comma = false;
    while (end < text_.size() && (is_blank(text_[end]) || (text_[end] == ',' && !comma))) comma |= text_[end++] == ',';
    return end != at_ && prefix_at(text_.substr(end)) != nullptr ? end - at_ : 0;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::string_view word_of(AltNameKind kind) noexcept {
  for (const Prefix& prefix : kPrefixes)
    if (prefix.kind == kind) return prefix.word;
  return "?";
}

// Scheme and authority have no case, the rest has.
std::string uri_identity(const std::string& uri) {
  const std::size_t slashes = uri.find("://");
  const std::size_t end = slashes == std::string::npos ? std::min(uri.find(':'), uri.size())
                                                       : std::min(uri.find_first_of("/?#", slashes + 3), uri.size());
  return lowered(std::string_view(uri).substr(0, end)) + uri.substr(end);
}

}  // namespace

OtherName split_other_name(std::string_view value) {
  const std::size_t semicolon = value.find(';');
  const std::size_t colon = semicolon == std::string_view::npos ? semicolon : value.find(':', semicolon);
  if (colon == std::string_view::npos)
    bad("'" + display_text(value) + "' is not of the form OID;TAG:text with TAG UTF8, IA5 or PRINTABLE");
  OtherName out{std::string(value.substr(0, semicolon)), 0, std::string(value.substr(colon + 1))};
  if (!is_oid(out.oid)) bad("'" + display_text(out.oid) + "' in otherName is no object identifier");
  const std::string tag = lowered(value.substr(semicolon + 1, colon - semicolon - 1));
  if (tag == "utf8" || tag == "utf8string") out.tag = kTagUtf8String;
  if (tag == "ia5" || tag == "ia5string") out.tag = kTagIa5String;
  if (tag == "printable" || tag == "printablestring") out.tag = kTagPrintableString;
  if (out.tag == 0) bad("'" + display_text(tag) + "' in otherName is none of UTF8, IA5, PRINTABLE");
  const bool fits = out.tag == kTagUtf8String  ? is_utf8(out.text)
                    : out.tag == kTagIa5String ? is_ascii(out.text)
                                               : is_printable_string(out.text);
  if (!fits) bad("the text of otherName '" + display_text(value) + "' does not fit its tag");
  return out;
}

std::string_view other_name_tag(std::uint8_t tag) noexcept {
  switch (tag) {
    case kTagUtf8String: return "UTF8";
    case kTagIa5String: return "IA5";
    case kTagPrintableString: return "PRINTABLE";
    default: return {};
  }
}

std::vector<AltName> parse_alt_names(std::string_view text) {
  return AltNameParser(text).run();
}

std::vector<AltName> parse_alt_names(const std::vector<std::string>& texts) {
  std::vector<AltName> names;
  for (const std::string& text : texts) {
    for (AltName& name : parse_alt_names(std::string_view(text))) names.push_back(std::move(name));
  }
  return names;
}

void validate_alt_name(const AltName& name) {
  const std::string problem = problem_of(name);
  if (!problem.empty()) bad("'" + alt_name_text(name) + "' " + problem);
}

std::string alt_name_text(const AltName& name) {
  return std::string(word_of(name.kind)) + ":" + display_text(name.value);
}

std::string alt_name_identity(const AltName& name) {
  const std::string prefix = std::string(word_of(name.kind)) + ":";
  switch (name.kind) {
    case AltNameKind::dns: return prefix + lowered(name.value);
    case AltNameKind::email: {
      const std::size_t at = std::min(name.value.rfind('@'), name.value.size());
      return prefix + name.value.substr(0, at) + lowered(std::string_view(name.value).substr(at));
    }
    case AltNameKind::uri: return prefix + uri_identity(name.value);
    case AltNameKind::ip: return prefix + canonical_ip(name.value).value_or(name.value);
    case AltNameKind::dir_name: try { return prefix + subject_slash_text(parse_subject(name.value));
      } catch (const Failure&) {
        return prefix + name.value;  // of a certificate, and no name that can be asked for
      }
    case AltNameKind::rid:
    case AltNameKind::other_name: return prefix + name.value;
  }
  return prefix + name.value;
}

}  // namespace certctl::crypto
