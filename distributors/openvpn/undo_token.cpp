#include "distributors/openvpn/undo_token.hpp"

#include <certctl/result.hpp>

#include <nlohmann/json.hpp>

#include "framework/crypto/digest.hpp"

namespace certctl::openvpn {
namespace {

using nlohmann::json;

constexpr int kFormat = 1;

// A configuration holds any byte, JSON only UTF-8.
std::string packed(const std::string& text) {
  return crypto::base64_encode({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

std::string unpacked(const json& text) {
  const auto bytes = crypto::base64_decode(text.get<std::string>());
  if (!bytes) throw std::invalid_argument("no base64");
  return {bytes->begin(), bytes->end()};
}

}  // namespace

Secret to_text(const UndoToken& token) {
  json blocks = json::array();
  for (const UndoBlock& block : token.blocks) {
    blocks.push_back({{"tag", block.tag},
                      {"old", block.old ? json(packed(block.old->reveal())) : json()},
                      {"comes", packed(block.comes.reveal())},
                      {"before", block.before}});
  }
  const json object{{"openvpn", kFormat},
                    {"path", packed(token.path)},
                    {"credential", token.fingerprint},
                    {"blocks", std::move(blocks)}};
  return Secret(object.dump());
}

UndoToken undo_token_from(const Secret& text) {
  try {
    const json object = json::parse(text.reveal());
    if (object.at("openvpn").get<int>() != kFormat) throw std::invalid_argument("format");
    UndoToken token;
    token.path = unpacked(object.at("path"));
    token.fingerprint = object.at("credential").get<std::string>();
    for (const json& one : object.at("blocks")) {
      UndoBlock block;
      block.tag = one.at("tag").get<std::string>();
      if (!one.at("old").is_null()) block.old = Secret(unpacked(one.at("old")));
      block.comes = Secret(unpacked(one.at("comes")));
      block.before = one.at("before").get<std::string>();
      token.blocks.push_back(std::move(block));
    }
    if (token.blocks.empty()) throw std::invalid_argument("blocks");
    return token;
  } catch (const std::exception&) {  // what it says may quote the token
    throw Failure::never("undo-token-damaged", "the undo token of a delivery to OpenVPN is damaged",
                         "look at the configuration by hand; `certctl deliver` writes the active pair");
  }
}

}  // namespace certctl::openvpn
