#include "framework/daemon/request.hpp"

#include <certctl/result.hpp>

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "framework/config/profile_reader.hpp"
#include "framework/sys/printable.hpp"

namespace certctl::daemon {
namespace {

using nlohmann::json;

constexpr std::size_t kMostText = 128U << 10U;

constexpr std::array<std::pair<const char*, Verb>, 20> kVerbs{{{"daemon", Verb::daemon},
                                                               {"metrics", Verb::metrics},
                                                               {"reload", Verb::reload},
                                                               {"status", Verb::status},
                                                               {"plan", Verb::plan},
                                                               {"history", Verb::history},
                                                               {"certificate", Verb::certificate},
                                                               {"renew", Verb::renew},
                                                               {"deliver", Verb::deliver},
                                                               {"verify", Verb::verify},
                                                               {"rollback", Verb::rollback},
                                                               {"release", Verb::release},
                                                               {"page", Verb::page},
                                                               {"login", Verb::login},
                                                               {"logout", Verb::logout},
                                                               {"configuration", Verb::configuration},
                                                               {"lint", Verb::lint},
                                                               {"save", Verb::save},
                                                               {"router_settings", Verb::router_settings},
                                                               {"save_router_settings", Verb::save_router_settings}}};

[[noreturn]] void bad(const std::string& what) {
  throw Failure::never("bad-request", what, "see docs/daemon.md");
}

Verb verb_of(const json& value) {
  if (!value.is_string()) bad("verb must be a text");
  for (const auto& [word, verb] : kVerbs)
    if (value == word) return verb;
  bad("there is no verb '" + sys::printable_start(value.get<std::string>(), 40) + "'");
}

bool flag(const std::string& key, const json& value) {
  if (!value.is_boolean()) bad(key + " must be true or false");
  return value.get<bool>();
}

std::vector<std::string> names(const json& value) {
  if (!value.is_array()) bad("profiles must be a list");
  std::vector<std::string> list;
  for (const json& name : value) {
    if (!name.is_string() || !config::is_profile_name(name.get<std::string>())) bad("profiles: not a profile's name");
    list.push_back(name.get<std::string>());
  }
  return list;
}

int number(const std::string& key, const json& value) {
  if (!value.is_number_integer() || value < 0 || value > 1'000'000'000) bad(key + " must be a number");
  return value.get<int>();
}

std::string text_of(const std::string& key, const json& value, std::size_t most) {
  if (!value.is_string()) bad(key + " must be a text");
  if (value.get_ref<const std::string&>().size() > most) bad(key + " is too long");
  return value.get<std::string>();
}

std::map<std::string, std::string, std::less<>> fields_of(const json& value) {
  if (!value.is_object() || value.size() > 100) bad("form must be an object with texts");
  std::map<std::string, std::string, std::less<>> fields;
  for (const auto& [name, text] : value.items()) fields[name] = text_of("form", text, kMostText);
  return fields;
}

// What only some verbs take, and they have to have.
bool read_page_key(Request& request, const std::string& key, const json& value) {
  if (key == "session") {
    request.session = text_of(key, value, 200);
  } else if (key == "password") {
    request.password = text_of(key, value, 1000);
  } else if (key == "from") {
    request.from = text_of(key, value, 200);
  } else if (key == "text") {
    request.text = text_of(key, value, kMostText);
  } else if (key == "form") {
    request.form = fields_of(value);
  } else if (key == "version") {
    request.version = text_of(key, value, 100);
  } else if (key == "challenge") {
    request.challenge = text_of(key, value, 1000);
  } else {
    return false;
  }
  return true;
}

void read_key(Request& request, const std::string& key, const json& value) {
  if (key == "id") {
    if (!value.is_string() && !value.is_number_integer()) bad("id must be a text or a number");
    request.id = value.dump();
    if (request.id.size() > 100) bad("id is too long");
  } else if (key == "verb") {
    request.verb = verb_of(value);
  } else if (key == "profiles") {
    request.profiles = names(value);
  } else if (key == "force") {
    request.wishes.force = flag(key, value);
  } else if (key == "rekey") {
    request.wishes.rekey = flag(key, value);
  } else if (key == "new_request") {
    request.wishes.new_request = flag(key, value);
  } else if (key == "reset_attempts") {
    request.wishes.reset_attempts = flag(key, value);
  } else if (key == "diff") {
    request.diff = flag(key, value);
  } else if (key == "known") {
    request.known = flag(key, value);
  } else if (key == "follow") {
    request.follow = flag(key, value);
  } else if (key == "generation") {
    request.generation = number(key, value);
  } else if (!read_page_key(request, key, value)) {
    bad("there is no key '" + sys::printable_start(key, 40) + "'");
  }
}

// What a verb does not take is no wish that goes unheard.
void check_fit(const Request& request) {
  const bool renew = request.verb == Verb::renew;
  const bool plan = request.verb == Verb::plan;
  const bool rollback = request.verb == Verb::rollback;
  const engine::Wishes& wishes = request.wishes;
  if (wishes.force && !renew && !plan && !rollback) bad("this verb does not take force");
  if (wishes.rekey && !renew && !plan) bad("this verb does not take rekey");
  if ((wishes.new_request || wishes.reset_attempts) && !renew) bad("only renew takes new_request and reset_attempts");
  if (request.known && (request.verb != Verb::status || !request.profiles.empty()))
    bad("only status of all profiles takes known");
  if (request.diff && !plan) bad("only plan takes diff");
  if (request.generation != 0 && !rollback && request.verb != Verb::certificate)
    bad("only rollback and certificate take generation");
  const bool edits = request.verb == Verb::lint || request.verb == Verb::save;
  const bool settings = request.verb == Verb::save_router_settings;
  if ((!request.password.empty() || !request.from.empty()) && request.verb != Verb::login)
    bad("only login takes password and from");
  if (request.text && !edits) bad("only lint and save take text");
  if (request.form && !edits && !settings) bad("this verb does not take form");
  if (edits && request.text.has_value() == request.form.has_value()) bad("either text or form is needed");
  if (settings && !request.form) bad("form is missing");
  if (!request.version.empty() && request.verb != Verb::save && !settings) bad("this verb does not take version");
  if (request.challenge && (request.verb != Verb::save || !request.form)) bad("only save with a form takes challenge");
}

}  // namespace

Request parse_request(std::string_view line) {
  const json object = json::parse(line.begin(), line.end(), nullptr, false);
  if (!object.is_object()) bad("a request is one JSON object on one line");
  if (!object.contains("verb")) bad("verb is missing");
  Request request;
  request.id = "null";
  for (const auto& [key, value] : object.items()) read_key(request, key, value);
  check_fit(request);
  const bool about_one = request.verb == Verb::history || request.verb == Verb::certificate ||
                         request.verb == Verb::rollback || request.verb == Verb::release;
  const bool file = request.verb == Verb::configuration || request.verb == Verb::lint || request.verb == Verb::save;
  if (file && request.profiles.size() > 1) bad("profiles must name one profile, or none for certctl.yaml");
  if (about_one && request.profiles.size() != 1) bad("profiles must name one profile");
  return request;
}

bool changes_something(Verb verb) noexcept {
  switch (verb) {
    case Verb::daemon:
    case Verb::metrics:
    case Verb::status:
    case Verb::plan:
    case Verb::history:
    case Verb::certificate:
    case Verb::page:
    case Verb::login:
    case Verb::logout:
    case Verb::configuration:
    case Verb::lint:
    case Verb::router_settings: return false;
    default: return true;
  }
}

}  // namespace certctl::daemon
