#include "distributors/script/undo_token.hpp"

#include <certctl/result.hpp>

#include <nlohmann/json.hpp>

namespace certctl::script {

using nlohmann::json;

namespace {

constexpr int kFormat = 1;

}  // namespace

Secret to_text(const UndoToken& token) {
  json object{{"script", kFormat}, {"new", token.new_fingerprint}, {"previous", json()}};
  if (const auto& previous = token.previous) {
    object["previous"] = {{"generation", previous->generation},       {"serial", previous->serial},
                          {"fingerprint", previous->fingerprint},     {"directory", previous->directory},
                          {"certificate", previous->certificate_pem}, {"chain", previous->chain_pem}};
  }
  // A directory's name may be no UTF-8; one that does not survive is noticed by not being there.
  return Secret(object.dump(-1, ' ', false, json::error_handler_t::replace));
}

UndoToken undo_token_from(const Secret& text) {
  try {
    const json object = json::parse(text.reveal());
    if (object.at("script").get<int>() != kFormat) throw std::invalid_argument("format");
    UndoToken token;
    token.new_fingerprint = object.at("new").get<std::string>();
    const json& previous = object.at("previous");
    if (!previous.is_null()) {
      token.previous.emplace();
      token.previous->generation = previous.at("generation").get<int>();
      token.previous->serial = previous.at("serial").get<std::string>();
      token.previous->fingerprint = previous.at("fingerprint").get<std::string>();
      token.previous->directory = previous.at("directory").get<std::string>();
      token.previous->certificate_pem = previous.at("certificate").get<std::string>();
      token.previous->chain_pem = previous.at("chain").get<std::vector<std::string>>();
    }
    return token;
  } catch (const std::exception&) {
    throw Failure::never("undo-token-damaged", "the undo token of a script is damaged",
                         "look at the service by hand; `certctl deliver` runs the script with the active pair");
  }
}

}  // namespace certctl::script
