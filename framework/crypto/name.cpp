#include "framework/crypto/name.hpp"

#include "framework/crypto/asn1_string.hpp"
#include "framework/crypto/attribute_types.hpp"
#include "framework/crypto/der.hpp"
#include "framework/crypto/digest.hpp"
#include "framework/crypto/oid.hpp"

#include <certctl/result.hpp>

#include <algorithm>

namespace certctl::crypto {
namespace {

constexpr std::string_view kExample =
    "write it like /C=DE/O=Example/CN=router-1; a backslash takes '/', '+' or '=' as it is";

[[noreturn]] void bad(const std::string& what, std::size_t position) {
  throw Failure::never("subject-invalid", "subject: " + what + " at position " + std::to_string(position),
                       std::string(kExample));
}

// The encoded value of one attribute, or what is wrong with it.
struct Value {
  Bytes der;
  std::string problem;
};

Value value_of(const NameAttribute& attribute) {
  const auto wrong = [&](const std::string& what) {
    return Value{{}, "the value of " + display_text(attribute.type) + " " + what};
  };
  const std::string& text = attribute.value;
  const AttributeType* type = find_attribute_type(attribute.type);
  if (type == nullptr && !is_oid(attribute.type)) return {{}, "unknown type '" + display_text(attribute.type) + "'"};
  if (!is_utf8(text)) return wrong("is no UTF-8");
  if (std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20U || c == 0x7F; }))
    return wrong("has a control character");
  static constexpr AttributeType kOther{};
  const AttributeType& rule = type != nullptr ? *type : kOther;
  const std::size_t length = utf8_length(text);
  if (length == 0) return wrong("is empty");
  if (rule.min == rule.max && length != rule.min) return wrong("must have " + std::to_string(rule.min) + " characters");
  if (rule.max != 0 && length > rule.max) return wrong("is longer than " + std::to_string(rule.max) + " characters");
  switch (rule.string) {
    case ValueString::directory: return {der_element(kTagUtf8String, bytes_of(text)), {}};
    case ValueString::printable:
      if (!is_printable_string(text)) return wrong("may have only letters, digits, blanks and '()+,-./:=?");
      return {der_element(kTagPrintableString, bytes_of(text)), {}};
    case ValueString::ia5:
      if (!is_ascii(text)) return wrong("may have only ASCII characters");
      return {der_element(kTagIa5String, bytes_of(text)), {}};
    case ValueString::ia5_or_utf8:
      return {der_element(is_ascii(text) ? kTagIa5String : kTagUtf8String, bytes_of(text)), {}};
  }
  return wrong("has no string type");
}

Bytes type_der(const std::string& type) {
  const AttributeType* known = find_attribute_type(type);
  return der_oid(known != nullptr ? known->oid : std::string_view(type));
}

// One attribute of the grammar, from behind its '/' or '+' to the next one.
class SubjectParser {
 public:
  explicit SubjectParser(std::string_view text) : text_(text) {}

  std::vector<NameAttribute> run() {
    if (text_.empty()) bad("it is empty", 1);
    if (text_[0] != '/') bad("it must begin with '/'", 1);
    std::vector<NameAttribute> attributes;
    bool same_rdn = false;
    while (at_ < text_.size()) {
      same_rdn = text_[at_++] == '+';
      if (same_rdn && attributes.empty()) bad("'+' needs an attribute before it", at_);
      attributes.push_back(attribute(same_rdn));
    }
    return attributes;
  }

 private:
  NameAttribute attribute(bool same_rdn) {
    const std::size_t start = at_ + 1;
    std::string type = token(true);
    if (at_ == text_.size() || text_[at_] != '=') {
      bad(type.empty() ? "a type is missing" : "'" + display_text(type) + "' is not followed by '='", start);
    }
    ++at_;
    NameAttribute out{type, {}, same_rdn};
    const AttributeType* known = find_attribute_type(type);
    if (known != nullptr) out.type = std::string(known->name);
    const std::size_t value_start = at_ + 1;
    out.value = token(false);
    if (known == nullptr && !is_oid(type)) bad("unknown type '" + display_text(type) + "'", start);
    if (const Value value = value_of(out); !value.problem.empty()) bad(value.problem, value_start);
    return out;
  }

  // Up to an unescaped '/' or '+', of a type also '='.
  std::string token(bool type) {
    std::string out;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '/' || c == '+' || (type && c == '=')) break;
      if (c == '\\') {
        if (++at_ == text_.size()) bad("a backslash with nothing behind it", at_);
      }
      out += text_[at_];
    }
    return out;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::string value_text(const BerElement& element) {
  if (auto text = string_to_utf8(element.identifier, element.content)) return std::move(*text);
  return "#" + hex_lower(element.whole);
}

// RFC 2253 §2.4
std::string escaped(const std::string& value) {
  std::string out;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    const bool edge_blank = c == ' ' && (i == 0 || i + 1 == value.size());
    if (std::string_view(",+\"\\<>;").find(c) != std::string_view::npos || edge_blank || (c == '#' && i == 0))
      out += '\\';
    out += c;
  }
  return display_text(out);
}

}  // namespace

std::vector<NameAttribute> parse_subject(std::string_view text) {
  return SubjectParser(text).run();
}

std::string subject_slash_text(const std::vector<NameAttribute>& attributes) {
  std::string text;
  for (const NameAttribute& attribute : attributes) {
    text += attribute.same_rdn && !text.empty() ? '+' : '/';
    text += attribute.type + "=";
    for (const char c : attribute.value) {
      if (c == '/' || c == '+' || c == '\\') text += '\\';
      text += c;
    }
  }
  return text;
}

Bytes name_der(const std::vector<NameAttribute>& attributes) {
  Bytes content;
  for (std::size_t i = 0; i < attributes.size();) {
    std::vector<Bytes> rdn;
    do {
      Value value = value_of(attributes[i]);
      if (!value.problem.empty())
        throw Failure::never("subject-invalid", "subject: " + value.problem, std::string(kExample));
      rdn.push_back(der_sequence({type_der(attributes[i].type), value.der}));
      ++i;
    } while (i < attributes.size() && attributes[i].same_rdn);
    const Bytes set = der_set_of(std::move(rdn));
    content.insert(content.end(), set.begin(), set.end());
  }
  return der_element(kTagSequence, content);
}

std::vector<NameAttribute> name_attributes(BytesView der) {
  std::vector<NameAttribute> attributes;
  BerReader rdns(read_whole(der, kTagSequence, "name"));
  while (!rdns.done()) {
    BerReader rdn(rdns.expect(kTagSet, "relative distinguished name"));
    for (bool same_rdn = false; !rdn.done(); same_rdn = true) {
      BerReader pair(rdn.expect(kTagSequence, "attribute of a name"));
      NameAttribute attribute;
      attribute.type = oid_text(pair.expect(kTagOid, "type of an attribute").content);
      if (const AttributeType* known = find_attribute_type(attribute.type)) attribute.type = std::string(known->name);
      attribute.value = value_text(pair.next());
      attribute.same_rdn = same_rdn;
      pair.finish("attribute of a name");
      attributes.push_back(std::move(attribute));
    }
  }
  return attributes;
}

std::string subject_text(const std::vector<NameAttribute>& attributes) {
  std::string text;
  for (std::size_t end = attributes.size(); end > 0;) {
    std::size_t begin = end - 1;
    while (begin > 0 && attributes[begin].same_rdn) --begin;
    // The order inside a multi-valued RDN means nothing: DER sorts it by octets, a profile as it was written.
    std::vector<std::string> rdn;
    for (std::size_t i = begin; i < end; ++i)
      rdn.push_back(display_text(attributes[i].type) + "=" + escaped(attributes[i].value));
    std::sort(rdn.begin(), rdn.end());
    for (std::size_t i = 0; i < rdn.size(); ++i) {
      if (!text.empty()) text += i == 0 ? ',' : '+';
      text += rdn[i];
    }
    end = begin;
  }
  return text;
}

std::string name_text(BytesView der) {
  return subject_text(name_attributes(der));
}

}  // namespace certctl::crypto
