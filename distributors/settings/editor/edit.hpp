// Replaces named values of a settings file and nothing else: every other byte stays. Pure functions.
//
// place() decides, by the values that are there, how each new one will be written; render() writes the new values in
// that form; write() puts them in; restore() puts the old ones back where the new ones still are. What write() and
// restore() return has been parsed again and gives exactly the values asked for.
#pragma once

#include "distributors/settings/editor/document.hpp"
#include "distributors/settings/editor/value.hpp"

#include "framework/crypto/material.hpp"

#include <certctl/types.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace certctl::settings {

using crypto::KeyForm;
using crypto::KeyFormat;
using crypto::Material;
using Kind = crypto::PemKind;

// The router's own settings writer knows no longer values.
inline constexpr std::size_t kLongestPortableValue = 4000;

enum class EncodingChoice : int { automatic, base64_line, pem_quoted, pem_escaped };
enum class Missing : int { refuse, append };

struct EditOptions {
  EncodingChoice encoding = EncodingChoice::automatic;
  KeyFormat key_format = KeyFormat::automatic;
  Missing missing = Missing::refuse;
};
// The words of the options: "auto", "base64-line", "pem-quoted", "pem-escaped"; "refuse", "append". Precondition: one
// of these.
[[nodiscard]] EncodingChoice encoding_from_word(std::string_view word);
[[nodiscard]] Missing missing_from_word(std::string_view word);

// NAME and what it gets.
struct Wanted {
  std::string name;
  Kind kind = Kind::cert;
};

// One occurrence of a name, and how its new value is written.
struct Place {
  Secret old_raw;
  Form form;
  KeyForm key_form = KeyForm::pkcs8;
};

struct Slot {
  Wanted wanted;
  bool append = false;        // the name is not in the file; `places` has the one that will be
  std::string break_before;   // append: the line break that has to come before it; empty when there is one
  std::vector<Place> places;  // in the file's order
};

// Failures (RetryClass::never): name-missing, value-unknown (the encoding cannot be told), value-unterminated.
[[nodiscard]] std::vector<Slot> place(const Document& document, std::span<const Wanted> wanted,
                                      const EditOptions& options, const Material& material);

// New raw values of one name: one for each place. Warns (lines for people) about a name that
// is there twice, a value over kLongestPortableValue, and a chain that is empty.
struct NewValue {
  std::string name;
  std::vector<Secret> raw;
};
[[nodiscard]] NewValue render(const Slot& slot, const Material& material, std::vector<std::string>& warnings);

// A name that is there more often than there are raw values gets the last of them for the rest; one that is not there
// is appended, or the Failure name-missing (never). Appending keeps a missing last line break missing.
[[nodiscard]] Secret write(const Document& document, std::span<const NewValue> values, Missing missing);

// What undo needs to know of one occurrence.
struct OldPlace {
  Secret old_raw;
  std::string new_hash;  // SHA-256, hex, of the raw value that write() put there
};
struct OldValue {
  std::string name;
  bool appended = false;  // was not there: the line goes again
  std::vector<OldPlace> places;
  std::string break_before = {};  // appended: as in Slot; it goes with the line
};
// `foreign` gets the names of which an occurrence is neither the old nor our new value: it stays as it is.
[[nodiscard]] Secret restore(const Document& document, std::span<const OldValue> values,
                             std::vector<std::string>& foreign);

// SHA-256, hex.
[[nodiscard]] std::string raw_hash(std::string_view raw);

}  // namespace certctl::settings
