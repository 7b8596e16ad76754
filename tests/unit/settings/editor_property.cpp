#include "tests/unit/settings/editor_property.hpp"

#include <certctl/result.hpp>

#include <algorithm>
#include <optional>

#include "distributors/settings/editor/edit.hpp"
#include "tests/unit/settings/fixture.hpp"

namespace settings_test {
namespace {

using namespace certctl::settings;

// An independent reading: the file with the raw values of K and C cut out, which must be the same before and after.
std::string skeleton(const Document& document) {
  std::string rest;
  std::size_t at = 0;
  for (const auto& one : document.assignments()) {
    if (one.name != "K" && one.name != "C") continue;
    rest.append(document.text(), at, one.value_begin - at);
    rest += "<>";
    at = one.value_end;
  }
  rest.append(document.text(), at);
  return rest;
}

const Material& material() {
  static const Material made(credential("three"));
  return made;
}

std::string check(const Document& document, unsigned choice, Tally& tally) {
  EditOptions options;
  options.encoding = static_cast<EncodingChoice>(choice % 4);
  options.key_format = static_cast<KeyFormat>(choice / 4 % 3);
  options.missing = choice / 16 % 2 == 0 ? Missing::refuse : Missing::append;
  const std::vector<Wanted> wanted{{"K", Kind::pkey}, {"C", Kind::cert}};
  std::vector<std::string> warnings;
  const auto slots = place(document, wanted, options, material());
  std::vector<NewValue> values;
  std::vector<OldValue> old;
  bool appends = false;
  for (const auto& slot : slots) {
    values.push_back(render(slot, material(), warnings));
    old.push_back({slot.wanted.name, slot.append, {}, slot.break_before});
    appends = appends || slot.append;
    for (std::size_t i = 0; i < slot.places.size(); ++i)
      old.back().places.push_back({slot.places[i].old_raw, raw_hash(values.back().raw[i].reveal())});
  }
  certctl::Secret written = write(document, values, options.missing);
  if (tally.spoil) written = certctl::Secret(written.reveal() + "x\n");
  const Document after{certctl::Secret(written)};
  ++tally.edited;

  for (const auto& slot : slots) {
    const auto found = after.find(slot.wanted.name);
    if (found.size() != slot.places.size()) return "another number of values of " + slot.wanted.name;
    for (std::size_t i = 0; i < found.size(); ++i) {
      const Decoded decoded = decode(after.raw(*found[i]));
      if (decoded.content != Content::pem) return slot.wanted.name + " does not decode";
      if (decoded.pem.reveal() != material().pem(slot.wanted.kind, slot.places[i].key_form).reveal())
        return slot.wanted.name + " has another content";
    }
  }
  if (!appends && skeleton(after) != skeleton(document)) return "other bytes changed";
  if (appends && !after.text().starts_with(document.text().substr(0, document.text().find("="))))
    return "an append changed the beginning";

  std::vector<std::string> ignored;
  std::vector<NewValue> again;
  EditOptions automatic = options;
  automatic.encoding = EncodingChoice::automatic;
  automatic.key_format = KeyFormat::automatic;
  for (const auto& slot : place(after, wanted, automatic, material()))
    again.push_back(render(slot, material(), ignored));
  if (write(after, again, Missing::refuse).reveal() != after.text()) return "a second edit changes something";

  std::vector<std::string> foreign;
  const certctl::Secret back = restore(after, old, foreign);
  if (back.reveal() != document.text()) return "undo does not give the file back";
  if (!foreign.empty()) return "undo takes our own value for a foreign one";
  if (restore(Document{certctl::Secret(back)}, old, foreign).reveal() != document.text())
    return "a second undo changes something";
  return {};
}

}  // namespace

const std::vector<std::string>& old_values() {
  static const std::vector<std::string> values{
      base64_line(certificate_pem("four")), "\"" + base64_line(key_pem("four")) + "\"",
      "\"" + certificate_pem("four") + "\"", "'" + traditional_pem("four") + "'",
      "\"" + escaped(key_pem("one")) + "\""};
  return values;
}

std::string check_edit(const std::string& text, unsigned choice, Tally& tally) {
  std::optional<Document> document;
  try {
    document.emplace(std::string(text));
    return check(*document, choice, tally);
  } catch (const certctl::Failure& failure) {
    static const std::vector<std::string> kExpected{"settings-binary", "too-large",          "name-missing",
                                                    "value-unknown",   "value-unterminated", "settings-edit"};
    ++tally.refused;
    const bool expected = std::find(kExpected.begin(), kExpected.end(), failure.error().code) != kExpected.end();
    return expected ? std::string() : "fails with " + failure.error().code + ": " + failure.error().message;
  }
}

}  // namespace settings_test
