#include "framework/daemon/web/pages.hpp"
#include "framework/daemon/web/profile_view.hpp"

namespace certctl::web {
namespace {

using nlohmann::json;

page::Response json_response(const json& object, int status = 200) {
  page::Response response;
  response.status = status;
  response.content_type = "application/json";
  response.body = object.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
  return response;
}

bool is_this_device(const std::string& client) {
  return client.empty() || client.starts_with("127.") || client == "::1" || client == "::ffff:127.0.0.1";
}

}  // namespace

// Without a login: who watches a device does so without a person. Names of profiles and times, no secrets.
page::Response metrics(Visit& visit) {
  if (!visit.settings().metrics_for_all && !is_this_device(visit.request().client))
    return visit.refuse(403, "The metrics are for this device only.",
                        "certctl-web --metrics-for-all gives them to all");
  const EngineAnswer answer = visit.ask({{"verb", "metrics"}});
  if (!answer.ok()) return visit.failed(answer);
  page::Response response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = text_at(answer.result, "metrics");
  return response;
}

page::Response json_answer(Visit& visit, const std::string& what, const std::string& profile) {
  json question = {{"verb", what}};
  if (!profile.empty()) question["profiles"] = {profile};
  const EngineAnswer answer = visit.ask(question);
  const std::string code = answer.code();
  const int status = answer.ok()                 ? 200
                     : code == "session-needed"  ? 403
                     : code == "profile-unknown" ? 404
                     : code == "engine-gone"     ? 503
                                                 : 422;
  return json_response(answer.ok() ? answer.result : json{{"schema", 1}, {"error", answer.error}}, status);
}

}  // namespace certctl::web
