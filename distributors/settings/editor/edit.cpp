#include "distributors/settings/editor/edit.hpp"

#include "framework/crypto/digest.hpp"

#include <certctl/result.hpp>

#include <algorithm>
#include <array>
#include <map>

#include "distributors/settings/editor/splice.hpp"

namespace certctl::settings {
namespace {

template <class Value, std::size_t N>
Value from_word(const std::array<std::pair<std::string_view, Value>, N>& words, std::string_view word) {
  for (const auto& [name, value] : words)
    if (name == word) return value;
  throw Failure::never("internal", "'" + std::string(word) + "' is none of the option's words");
}

Encoding encoding_of(EncodingChoice choice) noexcept {
  switch (choice) {
    case EncodingChoice::pem_quoted: return Encoding::pem_quoted;
    case EncodingChoice::pem_escaped: return Encoding::pem_escaped;
    case EncodingChoice::automatic:
    case EncodingChoice::base64_line: break;
  }
  return Encoding::base64_line;
}

// The usual form of an encoding.
Form usual_form(Encoding encoding) {
  Form form;
  form.encoding = encoding;
  if (encoding != Encoding::base64_line) form.quote = Quote::double_mark;
  form.final_line_break = encoding != Encoding::pem_quoted;
  return form;
}

std::string at_line(const std::string& name, const Assignment& assignment) {
  return name + " (line " + std::to_string(assignment.line) + ")";
}

void refuse_unterminated(const std::string& name, const Assignment& assignment) {
  if (!assignment.unterminated) return;
  throw Failure::never("value-unterminated",
                       "the value of " + at_line(name, assignment) + " begins a PEM text in quotes that never ends",
                       "close the quote in the file, or empty the value");
}

Form form_for(const Document& document, const Assignment& assignment, const Decoded& old, EncodingChoice choice) {
  Form form;
  if (choice == EncodingChoice::automatic) {
    if (old.content == Content::other) {
      throw Failure::never("value-unknown",
                           "cannot tell how the value of " + at_line(assignment.name, assignment) + " is encoded",
                           "set `encoding` to base64-line, pem-quoted or pem-escaped, or empty the value");
    }
    form = old.form;  // of an empty value: base64 on one line, in the quotes that are there
  } else if (old.content == Content::pem && old.form.encoding == encoding_of(choice)) {
    form = old.form;
  } else {
    form = usual_form(encoding_of(choice));
  }
  // What follows the closing quote would become part of the value.
  if (assignment.has_tail && form.quote == Quote::none) form.quote = Quote::double_mark;
  if (form.encoding == Encoding::pem_quoted) form.line_break = document.line_break(assignment);
  return form;
}

KeyForm key_form_for(const Material& material, const Wanted& wanted, const Decoded& old, KeyFormat format) {
  if (wanted.kind != Kind::pkey) return KeyForm::pkcs8;
  return material.key_form_for(format,
                               old.content == Content::pem ? crypto::key_label(old.pem.reveal()) : std::string());
}

Failure missing_name(const std::string& name) {
  return Failure::never("name-missing", name + " is not in the settings file",
                        "look at the spelling of the name; `missing: append` adds it");
}

}  // namespace

EncodingChoice encoding_from_word(std::string_view word) {
  static constexpr std::array<std::pair<std::string_view, EncodingChoice>, 4> kWords{
      {{"auto", EncodingChoice::automatic},
       {"base64-line", EncodingChoice::base64_line},
       {"pem-quoted", EncodingChoice::pem_quoted},
       {"pem-escaped", EncodingChoice::pem_escaped}}};
  return from_word(kWords, word);
}

Missing missing_from_word(std::string_view word) {
  static constexpr std::array<std::pair<std::string_view, Missing>, 2> kWords{
      {{"refuse", Missing::refuse}, {"append", Missing::append}}};
  return from_word(kWords, word);
}

std::string raw_hash(std::string_view raw) {
  return crypto::sha256_hex(raw);
}

std::vector<Slot> place(const Document& document, std::span<const Wanted> wanted, const EditOptions& options,
                        const Material& material) {
  std::vector<Slot> slots;
  std::string_view missing_break = document.missing_line_break();
  for (const Wanted& one : wanted) {
    Slot slot;
    slot.wanted = one;
    const auto found = document.find(one.name);
    if (found.empty()) {
      if (options.missing == Missing::refuse) throw missing_name(one.name);
      slot.append = true;
      slot.break_before = missing_break;
      if (!missing_break.empty()) missing_break = document.last_line_break();
      Place place;
      place.form = usual_form(encoding_of(options.encoding));
      place.form.line_break = document.last_line_break();
      place.key_form = key_form_for(material, one, Decoded{}, options.key_format);
      slot.places.push_back(std::move(place));
    }
    for (const Assignment* assignment : found) {
      refuse_unterminated(one.name, *assignment);
      const std::string_view raw = document.raw(*assignment);
      const Decoded old = decode(raw);
      slot.places.push_back({Secret(std::string(raw)), form_for(document, *assignment, old, options.encoding),
                             key_form_for(material, one, old, options.key_format)});
    }
    slots.push_back(std::move(slot));
  }
  return slots;
}

NewValue render(const Slot& slot, const Material& material, std::vector<std::string>& warnings) {
  NewValue value;
  value.name = slot.wanted.name;
  std::size_t longest = 0;
  for (const Place& place : slot.places) {
    value.raw.push_back(encode(material.pem(slot.wanted.kind, place.key_form).reveal(), place.form));
    longest = std::max(longest, value.raw.back().reveal().size());
  }
  if (slot.places.size() > 1) {
    warnings.push_back(value.name + " is there " + std::to_string(slot.places.size()) +
                       " times; programs do not agree on which one counts, so each gets the new value");
  }
  if (longest > kLongestPortableValue) {
    warnings.push_back("the value of " + value.name + " has " + std::to_string(longest) +
                       " characters; the router's own settings writer keeps " + std::to_string(kLongestPortableValue));
  }
  if (slot.wanted.kind == Kind::chain && material.chain().empty()) {
    warnings.push_back("the credential has no chain: " + value.name + " is empty now");
  }
  return value;
}

Secret write(const Document& document, std::span<const NewValue> values, Missing missing) {
  Splice splice(document);
  for (const NewValue& value : values) {
    if (value.raw.empty()) throw Failure::never("internal", "no value for " + value.name);
    const auto found = document.find(value.name);
    if (found.empty()) {
      if (missing == Missing::refuse) throw missing_name(value.name);
      splice.append(value.name, value.raw.front().reveal());
    }
    for (std::size_t i = 0; i < found.size(); ++i) {
      refuse_unterminated(value.name, *found[i]);
      splice.replace(*found[i], value.raw[std::min(i, value.raw.size() - 1)].reveal());
    }
  }
  return splice.result();
}

Secret restore(const Document& document, std::span<const OldValue> values, std::vector<std::string>& foreign) {
  Splice splice(document);
  for (const OldValue& value : values) {
    const auto found = document.find(value.name);
    bool others = false;
    for (std::size_t i = 0; i < found.size(); ++i) {
      const std::string_view raw = document.raw(*found[i]);
      const std::string hash = raw_hash(raw);
      // Lines may have come or gone since: the place with the same number first, then any.
      const auto ours = [&](const OldPlace& place) { return place.new_hash == hash; };
      auto match = i < value.places.size() && ours(value.places[i])
                       ? value.places.begin() + static_cast<std::ptrdiff_t>(i)
                       : std::find_if(value.places.begin(), value.places.end(), ours);
      if (match == value.places.end()) {
        others = others || std::none_of(value.places.begin(), value.places.end(), [&](const OldPlace& place) {
                   return !value.appended && place.old_raw.reveal() == raw;
                 });
      } else if (value.appended) {
        splice.remove(*found[i], value.break_before);
      } else {
        splice.replace(*found[i], match->old_raw.reveal());
      }
    }
    if (others) foreign.push_back(value.name);
  }
  return splice.result();
}

}  // namespace certctl::settings
