#include "framework/engine/rollover_record.hpp"

#include <stdexcept>

#include <certctl/result.hpp>

#include <nlohmann/json.hpp>

namespace certctl::engine {
namespace {

using nlohmann::json;

constexpr int kFormat = 1;

void read_issuer(const json& object, RolloverRecord& record) {
  auto& authorities = record[object.at("issuer").get<std::string>()];
  for (const json& one : object.at("authorities")) {
    authorities.push_back(
        {one.at("pem").get<std::string>(), one.at("how").get<std::string>(), one.at("since").get<EpochSeconds>()});
    (void)crypto::Certificate::from_pem(authorities.back().pem);
  }
}

json issuer_object(const std::string& hash, const std::vector<VouchedCa>& vouched) {
  json authorities = json::array();
  for (const VouchedCa& one : vouched)
    authorities.push_back({{"pem", one.pem}, {"how", one.how}, {"since", one.since}});
  return {{"issuer", hash}, {"authorities", std::move(authorities)}};
}

}  // namespace

RolloverRecord rollover_record_from_text(const std::string& text) {
  try {
    const json object = json::parse(text);
    if (object.at("rollover").get<int>() != kFormat) throw std::invalid_argument("format");
    RolloverRecord record;
    read_issuer(object, record);
    const auto further = object.find("further");
    if (further != object.end()) {
      for (const json& one : *further) read_issuer(one, record);
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
  // The first stands alone, as it did when a profile had one issuer only.
  json object = record.empty() ? issuer_object("", {}) : issuer_object(record.begin()->first, record.begin()->second);
  object["rollover"] = kFormat;
  for (auto it = record.begin(); it != record.end(); ++it) {
    if (it != record.begin()) object["further"].push_back(issuer_object(it->first, it->second));
  }
  return object.dump(1) + "\n";
}

}  // namespace certctl::engine
