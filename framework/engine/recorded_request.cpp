#include "framework/engine/recorded_request.hpp"

#include <nlohmann/json.hpp>

namespace certctl::engine {
namespace {

using nlohmann::json;

// An option travels as [type, value], so that it comes back as what it was.
json option_to_json(const OptionValue& value, bool with_secrets) {
  struct Visitor {
    bool with_secrets;
    json operator()(std::monostate) const { return json::array({"none"}); }
    json operator()(const std::string& v) const { return json::array({"text", v}); }
    json operator()(std::int64_t v) const { return json::array({"integer", v}); }
    json operator()(bool v) const { return json::array({"boolean", v}); }
    json operator()(std::chrono::seconds v) const { return json::array({"duration", v.count()}); }
    json operator()(const std::vector<std::string>& v) const { return json::array({"list", v}); }
    json operator()(const std::vector<std::pair<std::string, std::string>>& v) const { return json::array({"map", v}); }
    json operator()(const Command& v) const { return json::array({"command", v.shell, v.arguments}); }
    json operator()(const SecretSource& v) const {
      return json::array({"secret", v.file, with_secrets ? v.inline_text.reveal() : std::string()});
    }
  };
  return std::visit(Visitor{with_secrets}, value);
}

OptionValue option_from_json(const json& row) {
  const auto type = row.at(0).get<std::string>();
  if (type == "none") return std::monostate{};
  if (type == "text") return row.at(1).get<std::string>();
  if (type == "integer") return row.at(1).get<std::int64_t>();
  if (type == "boolean") return row.at(1).get<bool>();
  if (type == "duration") return std::chrono::seconds(row.at(1).get<std::int64_t>());
  if (type == "list") return row.at(1).get<std::vector<std::string>>();
  if (type == "map") return row.at(1).get<std::vector<std::pair<std::string, std::string>>>();
  if (type == "command") return Command{row.at(1).get<bool>(), row.at(2).get<std::vector<std::string>>()};
  if (type == "secret") return SecretSource{row.at(1).get<std::string>(), Secret(row.at(2).get<std::string>())};
  throw Failure::never("journal-damaged", "recorded request: unknown option type '" + type + "'");
}

json wanted_to_json(const CertificateRequest& wanted) {
  json subject = json::array();
  for (const auto& attribute : wanted.subject) subject.push_back({attribute.type, attribute.value, attribute.same_rdn});
  json names = json::array();
  for (const auto& name : wanted.alt_names) names.push_back({static_cast<int>(name.kind), name.value});
  return {{"subject", subject},
          {"alt_names", names},
          {"template", {wanted.certificate_template.name, static_cast<int>(wanted.certificate_template.string)}},
          {"usage", wanted.usage}};
}

CertificateRequest wanted_from_json(const json& object) {
  CertificateRequest wanted;
  for (const auto& row : object.at("subject")) {
    wanted.subject.push_back({row.at(0).get<std::string>(), row.at(1).get<std::string>(), row.at(2).get<bool>()});
  }
  for (const auto& row : object.at("alt_names")) {
    const int kind = row.at(0).get<int>();
    if (kind < 0 || kind > static_cast<int>(AltNameKind::other_name)) {
      throw Failure::never("journal-damaged", "recorded request: unknown kind of alternative name");
    }
    wanted.alt_names.push_back({static_cast<AltNameKind>(kind), row.at(1).get<std::string>()});
  }
  const json& certificate_template = object.at("template");
  wanted.certificate_template.name = certificate_template.at(0).get<std::string>();
  wanted.certificate_template.string =
      certificate_template.at(1).get<int>() == 0 ? TemplateString::bmp : TemplateString::utf8;
  wanted.usage = object.at("usage").get<std::vector<std::string>>();
  return wanted;
}

}  // namespace

std::string recorded_request_to_text(const RecordedRequest& r, bool with_secrets) {
  json options = json::object();
  for (const auto& [name, value] : r.issuer_options.values()) options[name] = option_to_json(value, with_secrets);
  const json object = {{"format", kJournalFormat},
                       {"action", r.action},
                       {"wanted", wanted_to_json(r.wanted)},
                       {"request_hash", r.request_hash},
                       {"subject_hash", r.subject_hash},
                       {"issuer_hash", r.issuer_hash},
                       {"issuer", {{"plugin", r.issuer_plugin}, {"options", options}}},
                       {"names", static_cast<int>(r.names)},
                       {"key_provider", r.key_provider},
                       {"key_is_current", r.key_is_current},
                       {"signer_generation", r.signer_generation},
                       {"key_since", r.key_since}};
  return object.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

RecordedRequest recorded_request_from_text(const std::string& text) {
  try {
    const json object = json::parse(text);
    RecordedRequest r;
    r.action = object.at("action").get<std::string>();
    r.wanted = wanted_from_json(object.at("wanted"));
    r.request_hash = object.at("request_hash").get<std::string>();
    r.subject_hash = object.at("subject_hash").get<std::string>();
    r.issuer_hash = object.at("issuer_hash").get<std::string>();
    r.issuer_plugin = object.at("issuer").at("plugin").get<std::string>();
    for (const auto& [name, row] : object.at("issuer").at("options").items()) {
      r.issuer_options.set(name, option_from_json(row));
    }
    const int names = object.at("names").get<int>();
    r.names = names == 1   ? config::NamesPolicy::refuse
              : names == 2 ? config::NamesPolicy::ignore
                           : config::NamesPolicy::warn;
    r.key_provider = object.at("key_provider").get<std::string>();
    r.key_is_current = object.at("key_is_current").get<bool>();
    r.signer_generation = object.at("signer_generation").get<int>();
    r.key_since = object.at("key_since").get<EpochSeconds>();
    return r;
  } catch (const json::exception& error) {
    throw Failure::never("journal-damaged",
                         std::string("the open request's tx/request.json is damaged: ") + error.what(),
                         "`certctl renew --new-request` gives the request up, and keeps its key");
  }
}

}  // namespace certctl::engine
