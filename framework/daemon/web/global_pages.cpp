#include "framework/compat/router_page/pages.hpp"
#include "framework/daemon/web/pages.hpp"
#include "framework/daemon/web/profile_view.hpp"

namespace certctl::web {
namespace {

using nlohmann::json;
using page::Tone;

router_app::Values router_values_of(const page::Form& form) {
  router_app::Values values;
  for (const router_app::Item& item : router_app::items())
    values[item.name] = router_page::value_of_field(item, page::field(form, item.name));
  return values;
}

std::string router_form(const Visit& visit, router_page::GlobalPage content, const std::string& version) {
  content.token = visit.token();
  return router_page::settings_form(content, "/global", page::hidden_field("version", version));
}

page::Response save_router_settings(Visit& visit, const page::Form& form) {
  router_page::GlobalPage content;
  content.values = router_values_of(form);
  const EngineAnswer answer = visit.ask(
      {{"verb", "save_router_settings"}, {"form", content.values}, {"version", page::field(form, "version")}});
  if (!answer.ok()) return visit.failed(answer);
  if (answer.result.value("saved", false)) return Visit::redirect("/global?saved=1");
  content.problems = router_app::check_values(content.values);
  const bool conflict = answer.result.value("conflict", false);
  content.notices = {conflict ? "Nothing was saved: the settings were changed meanwhile. Open Global again to see them."
                              : "Nothing was saved: correct the marked values."};
  return visit.html(Place::global, "Global", router_form(visit, content, page::field(form, "version")),
                    conflict ? 409 : 422);
}

}  // namespace

page::Response show_global(Visit& visit) {
  if (!visit.has_router_settings()) return show_editor(visit, "");
  const EngineAnswer answer = visit.ask({{"verb", "router_settings"}});
  if (!answer.ok()) return visit.failed(answer);
  router_page::GlobalPage content;
  const json form = answer.result.value("form", json::object());
  for (const auto& [name, value] : form.items())
    if (value.is_string()) content.values[name] = value.get<std::string>();
  for (const json& notice : answer.result.value("notices", json::array()))
    if (notice.is_string()) content.notices.push_back(notice.get<std::string>());
  std::string html;
  if (page::field(visit.query(), "saved") == "1")
    html += page::box({"The settings are saved, and followed."}, Tone::good);
  return visit.html(Place::global, "Global", html + router_form(visit, content, text_at(answer.result, "version")));
}

page::Response save_global(Visit& visit) {
  if (!visit.has_router_settings()) return save_editor(visit, "");
  const auto posted = visit.posted();
  if (posted.refused) return *posted.refused;
  return save_router_settings(visit, posted.form);
}

}  // namespace certctl::web
