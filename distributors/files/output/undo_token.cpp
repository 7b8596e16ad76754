#include "distributors/files/output/undo_token.hpp"

#include "framework/crypto/digest.hpp"

#include <certctl/result.hpp>

#include <nlohmann/json.hpp>

namespace certctl::files {
namespace {

using nlohmann::json;

constexpr int kFormat = 2;

// Files and paths hold any byte, JSON only UTF-8.
std::string packed(const std::string& text) {
  return crypto::base64_encode({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

std::string unpacked(const json& text) {
  const auto bytes = crypto::base64_decode(text.get<std::string>());
  if (!bytes) throw std::invalid_argument("no base64");
  return {bytes->begin(), bytes->end()};
}

mode_t mode_from(const json& number) {
  const auto mode = number.get<unsigned>();
  if (mode > 07777U) throw std::invalid_argument("mode");
  return mode;
}

template <class Id>
json id_to_json(const std::optional<Id>& id) {
  return id ? json(*id) : json();
}

template <class Id>
std::optional<Id> id_from(const json& id) {
  if (id.is_null()) return std::nullopt;
  return id.get<Id>();
}

json file_to_json(const UndoFile& file) {
  json object{{"path", packed(file.path)},
              {"key", file.holds_key},
              {"mode", file.access.mode},
              {"owner", id_to_json(file.access.owner)},
              {"group", id_to_json(file.access.group)},
              {"comes", json()},
              {"old", json()}};
  if (file.comes) object["comes"] = packed(file.comes->reveal());
  if (file.old) {
    object["old"] = {{"content", packed(file.old->content.reveal())},
                     {"mode", file.old->mode},
                     {"owner", file.old->owner},
                     {"group", file.old->group}};
  }
  return object;
}

UndoFile file_from_json(const json& object) {
  UndoFile file;
  file.path = unpacked(object.at("path"));
  file.holds_key = object.at("key").get<bool>();
  file.access.mode = mode_from(object.at("mode"));
  file.access.owner = id_from<uid_t>(object.at("owner"));
  file.access.group = id_from<gid_t>(object.at("group"));
  if (const json& comes = object.at("comes"); !comes.is_null()) file.comes = Secret(unpacked(comes));
  const json& old = object.at("old");
  if (!old.is_null()) {
    file.old.emplace();
    file.old->content = Secret(unpacked(old.at("content")));
    file.old->mode = mode_from(old.at("mode"));
    file.old->owner = old.at("owner").get<uid_t>();
    file.old->group = old.at("group").get<gid_t>();
  }
  return file;
}

}  // namespace

Secret to_text(const UndoToken& token) {
  json files = json::array();
  for (const UndoFile& file : token.files) files.push_back(file_to_json(file));
  return Secret(json{{"files", kFormat}, {"credential", token.fingerprint}, {"outputs", std::move(files)}}.dump());
}

UndoToken undo_token_from(const Secret& text) {
  try {
    const json object = json::parse(text.reveal());
    if (object.at("files").get<int>() != kFormat) throw std::invalid_argument("format");
    UndoToken token;
    token.fingerprint = object.at("credential").get<std::string>();
    for (const json& file : object.at("outputs")) token.files.push_back(file_from_json(file));
    if (token.files.empty()) throw std::invalid_argument("outputs");
    return token;
  } catch (const std::exception&) {  // what it says may quote the token
    throw Failure::never("undo-token-damaged", "the undo token of a delivery to files is damaged",
                         "look at the files by hand; `certctl deliver` writes the active pair");
  }
}

}  // namespace certctl::files
