#include "framework/engine/rollover_record.hpp"

#include <stdexcept>

#include <certctl/result.hpp>

#include <nlohmann/json.hpp>

namespace certctl::engine {
namespace {

using nlohmann::json;

constexpr int kFormat = 1;

}  // namespace

RolloverRecord rollover_record_from_text(const std::string& text) {
  try {
    const json object = json::parse(text);
    if (object.at("rollover").get<int>() != kFormat) throw std::invalid_argument("format");
    RolloverRecord record;
    record.issuer_hash = object.at("issuer").get<std::string>();
    for (const json& one : object.at("authorities")) {
      record.authorities.push_back(
          {one.at("pem").get<std::string>(), one.at("how").get<std::string>(), one.at("since").get<EpochSeconds>()});
      (void)crypto::Certificate::from_pem(record.authorities.back().pem);
    }
    return record;
  } catch (const std::exception& problem) {
    throw Failure::never(
        "rollover-damaged",
        "the record of accepted CA certificates (rollover.json) is damaged, so only the pinned CA is trusted",
        "remove rollover.json from the profile's state directory and run `certctl ca next` again");
  }
}

std::string rollover_record_to_text(const RolloverRecord& record) {
  json authorities = json::array();
  for (const VouchedCa& one : record.authorities)
    authorities.push_back({{"pem", one.pem}, {"how", one.how}, {"since", one.since}});
  return json{{"rollover", kFormat}, {"issuer", record.issuer_hash}, {"authorities", std::move(authorities)}}.dump(1) +
         "\n";
}

}  // namespace certctl::engine
