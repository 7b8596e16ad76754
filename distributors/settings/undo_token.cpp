#include "distributors/settings/undo_token.hpp"

#include "framework/crypto/digest.hpp"

#include <certctl/result.hpp>

#include <nlohmann/json.hpp>

namespace certctl::settings {
namespace {

using nlohmann::json;

constexpr int kFormat = 1;

// A settings file may hold any byte, JSON only UTF-8.
std::string packed(const Secret& raw) {
  const std::string& text = raw.reveal();
  return crypto::base64_encode({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

Secret unpacked(const std::string& text) {
  auto bytes = crypto::base64_decode(text);
  if (!bytes) throw std::invalid_argument("no base64");
  return Secret(std::string(bytes->begin(), bytes->end()));
}

bool is_line_break(const std::string& text) {
  return text == "\n" || text == "\r\n";
}

json place_to_json(const Place& place, const std::string& new_hash) {
  return {{"old", packed(place.old_raw)},
          {"new_hash", new_hash},
          {"encoding", static_cast<int>(place.form.encoding)},
          {"quote", static_cast<int>(place.form.quote)},
          {"final_line_break", place.form.final_line_break},
          {"line_break", place.form.line_break},
          {"key_form", static_cast<int>(place.key_form)}};
}

template <class Enum>
Enum enum_from(const json& object, const char* name, Enum last) {
  const int number = object.at(name).get<int>();
  if (number < 0 || number > static_cast<int>(last)) throw std::invalid_argument(name);
  return static_cast<Enum>(number);
}

Place place_from_json(const json& object) {
  Place place;
  place.old_raw = unpacked(object.at("old").get<std::string>());
  place.form.encoding = enum_from(object, "encoding", Encoding::pem_escaped);
  place.form.quote = enum_from(object, "quote", Quote::double_mark);
  place.form.final_line_break = object.at("final_line_break").get<bool>();
  place.form.line_break = object.at("line_break").get<std::string>();
  if (!is_line_break(place.form.line_break)) throw std::invalid_argument("line_break");
  place.key_form = enum_from(object, "key_form", KeyForm::traditional);
  return place;
}

UndoValue value_from_json(const json& object) {
  UndoValue value;
  value.slot.wanted.name = object.at("name").get<std::string>();
  if (!is_variable_name(value.slot.wanted.name)) throw std::invalid_argument("name");
  value.slot.wanted.kind = crypto::pem_kind_from_word(object.at("kind").get<std::string>()).value();
  value.slot.append = object.at("append").get<bool>();
  value.slot.break_before = object.value("break_before", std::string());  // tokens of older versions have none
  if (!value.slot.break_before.empty() && !is_line_break(value.slot.break_before))
    throw std::invalid_argument("break_before");
  for (const json& place : object.at("places")) {
    value.slot.places.push_back(place_from_json(place));
    value.new_hashes.push_back(place.at("new_hash").get<std::string>());
  }
  if (value.slot.places.empty()) throw std::invalid_argument("places");
  return value;
}

}  // namespace

Secret to_text(const UndoToken& token) {
  json values = json::array();
  for (const UndoValue& value : token.values) {
    json places = json::array();
    for (std::size_t i = 0; i < value.slot.places.size(); ++i)
      places.push_back(place_to_json(value.slot.places[i], value.new_hashes[i]));
    values.push_back({{"name", value.slot.wanted.name},
                      {"kind", std::string(crypto::pem_kind_word(value.slot.wanted.kind))},
                      {"append", value.slot.append},
                      {"break_before", value.slot.break_before},
                      {"places", std::move(places)}});
  }
  const json object{{"settings", kFormat}, {"file", packed(Secret(token.file))}, {"values", std::move(values)}};
  return Secret(object.dump());
}

UndoToken undo_token_from(const Secret& text) {
  try {
    const json object = json::parse(text.reveal());
    if (object.at("settings").get<int>() != kFormat) throw std::invalid_argument("format");
    UndoToken token;
    token.file = unpacked(object.at("file").get<std::string>()).reveal();
    for (const json& value : object.at("values")) token.values.push_back(value_from_json(value));
    return token;
  } catch (const std::exception&) {  // what it says may quote the token
    throw Failure::never("undo-token-damaged", "the undo token of a settings file is damaged",
                         "compare the file with its backup by hand; `certctl deliver` writes the active pair");
  }
}

}  // namespace certctl::settings
