#include "framework/config/schema.hpp"

#include <nlohmann/json.hpp>

#include "framework/config/option_reader.hpp"
#include "framework/config/profile_reader.hpp"
#include "framework/config/settings_reader.hpp"
#include "framework/config/target_reader.hpp"

namespace certctl::config {
namespace {

using nlohmann::json;

constexpr const char* kDraft = "https://json-schema.org/draft/2020-12/schema";
constexpr const char* kDurationPattern = "^(0|[1-9][0-9]*)(s|m|h|d|w|y)$";
constexpr const char* kSizePattern = "^(0|[1-9][0-9]*)(B|KiB|MiB|GiB)$";
constexpr const char* kThresholdPattern = "^([1-9][0-9]*(s|m|h|d|w|y) left|[1-9][0-9]?% (left|elapsed))$";
constexpr const char* kNamePattern = "^[a-z0-9][a-z0-9._-]{0,62}$";

// An editor's YAML has numbers and booleans where certctl has words.
json word() {
  return {{"type", {"string", "number", "boolean"}}};
}
json pattern(const char* text) {
  return {{"type", "string"}, {"pattern", text}};
}
json list_of(const json& item) {
  return {{"anyOf", {item, {{"type", "array"}, {"items", item}}}}};
}
json command() {
  return {{"anyOf", {{{"type", "string"}}, {{"type", "array"}, {"items", word()}, {"minItems", 1}}}}};
}

json choice(const std::vector<std::string>& words) {
  json values = json::array();
  for (const std::string& text : words) {
    values.push_back(text);
    if (text.find_first_not_of("0123456789") == std::string::npos) values.push_back(json::parse(text));
  }
  return {{"enum", std::move(values)}};
}

json with(json schema, const char* key, json value) {
  schema[key] = std::move(value);
  return schema;
}

json described(json schema, const std::string& text) {
  return with(std::move(schema), "description", text);
}

json object(json properties, json required = json::array()) {
  json result = {{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
  if (!required.empty()) result["required"] = std::move(required);
  return result;
}

json option_schema(const OptionSpec& spec) {
  json schema;
  switch (spec.type) {
    case OptionType::text:
    case OptionType::path: schema = word(); break;
    case OptionType::integer: schema = {{"type", "integer"}}; break;
    case OptionType::boolean: schema = {{"type", "boolean"}}; break;
    case OptionType::duration: schema = pattern(kDurationPattern); break;
    case OptionType::size: schema = pattern(kSizePattern); break;
    case OptionType::choice: schema = choice(choices_of(spec)); break;
    case OptionType::list: schema = list_of(word()); break;
    case OptionType::map: schema = {{"type", "object"}, {"additionalProperties", word()}}; break;
    case OptionType::command: schema = command(); break;
    case OptionType::secret: schema = {{"anyOf", {word(), object({{"file", {{"type", "string"}}}}, {"file"})}}}; break;
  }
  std::string text = spec.text;
  if (*spec.default_value != '\0') text += std::string(" (default: ") + spec.default_value + ")";
  return described(std::move(schema), text);
}

json plugin_schema(const PluginDescription& plugin, std::span<const OptionSpec> extra) {
  json properties = json::object();
  json required = json::array();
  for (const OptionSpec& spec : extra) properties[spec.name] = option_schema(spec);
  for (const OptionSpec& spec : plugin.options) {
    properties[spec.name] = option_schema(spec);
    if (spec.required) required.push_back(spec.name);
  }
  json result = described(object(std::move(properties), required), plugin.summary);
  if (required.empty()) result["type"] = {"object", "null"};
  return result;
}

// The engine's keys, and exactly one plugin.
json place_schema(const PluginCatalog& catalog, PluginKind kind, json engine_keys, bool plugin_needed,
                  json required = json::array(), std::span<const OptionSpec> extra = {}) {
  json one = json::array();
  for (const PluginDescription* plugin : catalog.all(kind)) {
    engine_keys[plugin->name] = plugin_schema(*plugin, extra);
    one.push_back({{"required", {plugin->name}}});
  }
  if (!plugin_needed) {
    json any = one;
    one.push_back({{"not", {{"anyOf", std::move(any)}}}});
    if (one.size() == 1) one = json::array();
  }
  json result = object(std::move(engine_keys), std::move(required));
  if (!one.empty()) result["oneOf"] = std::move(one);
  return result;
}

json key_schema(const PluginCatalog& catalog) {
  const json rotate = {{"anyOf", {{{"enum", {"always", "never"}}}, pattern(kDurationPattern)}}};
  return place_schema(
      catalog, PluginKind::key_provider,
      {{"type", described(choice({"rsa", "ec"}), "kind of key (default: rsa)")},
       {"bits", described({{"type", "integer"}, {"minimum", 1024}, {"maximum", 8192}}, "rsa: size (default: 2048)")},
       {"curve", described(choice({"P-256", "P-384", "P-521"}), "ec: curve (default: P-256)")},
       {"rotate", described(rotate, "when a renewal takes a new key: always, never, or from an age on")}},
      false);
}

json probe_schema() {
  const json addresses = {{"anyOf", {{{"type", "string"}}, {{"type", "array"}, {"items", {{"type", "string"}}}}}}};
  const json tls = {
      {"anyOf",
       {{{"type", "string"}},
        object({{"connect", addresses}, {"server_name", word()}, {"alpn", list_of(word())}}, {"connect"})}}};
  const json smtp = {
      {"anyOf", {{{"type", "string"}}, object({{"connect", addresses}, {"server_name", word()}}, {"connect"})}}};
  json ike = object({{"uri", {{"type", "string"}}}, {"command", {{"type", "string"}}}});
  ike["type"] = {"object", "null"};
  json one = object({{"tls", described(tls, "a TLS handshake")},
                     {"smtp", described(smtp, "a TLS handshake after STARTTLS")},
                     {"file", described(word(), "a file that the service writes or reads")},
                     {"ike", described(ike, "what the IKE daemon lists")},
                     {"command", described(command(), "exit status 0: serves it")}});
  for (const char* kind : {"tls", "smtp", "file", "ike", "command"}) one["oneOf"].push_back({{"required", {kind}}});
  return {{"type", "array"}, {"items", std::move(one)}, {"minItems", 1}};
}

json target_schema(const PluginCatalog& catalog) {
  const json reload = {{"anyOf", {{{"type", "string"}}, {{"type", "array"}, {"items", word()}}}}};
  return place_schema(
      catalog, PluginKind::distributor,
      {{"name", described(word(), "name of the target (default: the distributor's)")},
       {"reload", described(reload, "command that makes the service read what was delivered")},
       {"restart", described(command(), "command that may follow when the service does not serve it after the reload")},
       {"timeout", described(pattern(kDurationPattern), "of the reload and restart commands (default: 60s)")},
       {"verify", described(probe_schema(), "how to see what the service serves; all must agree")},
       {"verify_timeout", described(pattern(kDurationPattern), "until the service must serve it (default: 30s)")},
       {"on_failure", described(choice({"rollback", "keep"}), "undo all targets, or keep this one's debt to itself")}},
      true);
}

json hook_schema(const PluginCatalog& catalog) {
  return place_schema(catalog, PluginKind::hook,
                      {{"on", described(list_of(choice({std::begin(kEvents), std::end(kEvents)})), "events")}}, true,
                      {"on"});
}

json profile_properties(const PluginCatalog& catalog) {
  const json duration = pattern(kDurationPattern);
  return {
      {"profile", described(with(word(), "pattern", kNamePattern), "name, that of the file")},
      {"issuer", described(place_schema(catalog, PluginKind::enroller, json::object(), true), "whom to ask, and how")},
      {"issuers", described({{"type", "array"},
                             {"minItems", 1},
                             {"items", place_schema(catalog, PluginKind::enroller, json::object(), true)}},
                            "instead of issuer: whom to ask, in this order, when the one before fails")},
      {"key", described(key_schema(catalog), "what key, and who keeps it")},
      {"subject", described({{"type", "string"}}, "/type=value/…, with backslash escapes")},
      {"san",
       described(list_of({{"type", "string"}}), "alternative names: email: URI: DNS: RID: IP: dirName: otherName:")},
      {"template", described(object({{"name", word()}, {"string", choice({"bmp", "utf8"})}}, {"name"}),
                             "certificate template of Microsoft's CA")},
      {"usage",
       described(list_of({{"type", {"string", "number"}}}), "key usages by name, extended ones by name or OID")},
      {"names", described(choice({"warn", "refuse", "ignore"}), "when the issued names differ (default: warn)")},
      {"renew", described(pattern(kThresholdPattern), "30d left, 30% left, 70% elapsed (default: 30% left)")},
      {"pending", described(object({{"poll", duration}, {"give_up", duration}}), "waiting for an approval")},
      {"store",
       described(place_schema(catalog, PluginKind::store, json::object(), true, json::array(), store_options()),
                 "where the pairs are kept")},
      {"deliver", described({{"type", "array"}, {"items", target_schema(catalog)}}, "who gets the pair")},
      {"hooks", described({{"type", "array"}, {"items", hook_schema(catalog)}}, "who is told")},
  };
}

std::string finished(json schema, const char* title) {
  schema["$schema"] = kDraft;
  schema["title"] = title;
  return schema.dump(2, ' ', false, json::error_handler_t::replace);
}

}  // namespace

std::string profile_schema(const PluginCatalog& catalog) {
  // What may stand under `defaults` instead is not required: issuer, store, a subject or an alternative name.
  return finished(object(profile_properties(catalog), {"profile"}), "certctl profile");
}

std::string settings_schema(const PluginCatalog& catalog) {
  json defaults = profile_properties(catalog);
  defaults.erase("profile");
  const json path = word();
  const json serial =
      object({{"command", command()}, {"file", path}, {"text", word()}, {"match", {{"type", "string"}}}});
  return finished(
      object({{"schema", {{"const", 1}}},
              {"state", described(path, std::string("journals (default: ") + kDefaultState + ")")},
              {"profiles", described(list_of(path), "a directory, or a list of files (default: profiles.d)")},
              {"plugins", described(list_of(path), std::string("directories (default: ") + kDefaultPlugins + ")")},
              {"allow_volatile", described({{"type", "boolean"}}, "state may be lost at a reboot (default: false)")},
              {"clock", described(choice({"check", "ignore"}), "ignore: the device never knows the time")},
              {"locks", described(path, "directory of lock files, shared by all state directories")},
              {"device_serial", described(serial, "where ${device_serial} and SN come from")},
              {"jobs", described({{"type", "integer"}, {"minimum", 1}, {"maximum", kMaxJobs}}, "at once (default: 8)")},
              {"defaults", described(object(std::move(defaults)), "keys for all profiles")}},
             {"schema"}),
      "certctl.yaml");
}

}  // namespace certctl::config
