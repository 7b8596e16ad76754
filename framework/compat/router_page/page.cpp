#include "framework/compat/router_page/page.hpp"

#include <certctl/result.hpp>

#include "framework/compat/router_page/pages.hpp"
#include "framework/page/form.hpp"
#include "framework/page/guard.hpp"
#include "framework/page/html.hpp"

namespace certctl::router_page {
namespace {

using page::Form;
using page::Request;
using page::Response;

Response html_page(std::string html, int status = 200) {
  Response response;
  response.status = status;
  response.body = std::move(html);
  return response;
}

Response refuse(int status, const std::string& why, const std::string& what_to_do) {
  return html_page(refusal_page(why, what_to_do), status);
}

std::vector<std::string> names_in(const std::string& text) {
  std::vector<std::string> names;
  std::string name;
  for (const char c : text + " ") {
    if (c != ' ' && c != ',') {
      name += c;
      continue;
    }
    if (!name.empty()) names.push_back(name);
    name.clear();
  }
  return names;
}

router_app::Values values_of(const Form& form) {
  router_app::Values values;
  for (const router_app::Item& item : router_app::items())
    values[item.name] = value_of_field(item, page::field(form, item.name));
  return values;
}

class Answer {
 public:
  Answer(const Request& request, const Module& module, const Device& device)
      : request_(request), module_(module), device_(device), tokens_(page::token_secret(module.secret_path())) {}

  Response show_global() const {
    const Module::Settings settings = module_.settings();
    GlobalPage shown;
    shown.values = settings.values;
    shown.notices = settings.problems;
    shown.token = tokens_.make(device_.now, request_.user);
    return html_page(global_page(shown));
  }

  Response apply() const {
    if (request_.body_too_long) return refuse(413, "The form is too long.", "Put long scripts into files.");
    if (page::media_type(request_.content_type) != "application/x-www-form-urlencoded")
      return refuse(415, "This is not how the form of this page is sent.", "Use the button Apply of the page Global.");
    if (!page::same_site(request_))
      return refuse(403, "The form was not sent by this page.",
                    "Open the page Global of the router and press Apply there.");
    const auto form = page::parse_form(request_.body);
    if (!form) return refuse(400, "The form is damaged.", "Open the page Global and press Apply again.");
    GlobalPage again;
    again.values = values_of(*form);
    again.token = tokens_.make(device_.now, request_.user);
    if (!tokens_.valid(page::field(*form, "token"), device_.now, request_.user)) {
      again.notices = {"Nothing was saved: this page was open for too long. Check the values and press Apply again."};
      return html_page(global_page(again), 403);
    }
    again.problems = router_app::check_values(again.values);
    if (!router_app::usable(again.problems)) {
      again.notices = {"Nothing was saved: correct the marked values."};
      return html_page(global_page(again), 422);
    }
    return save(again.values);
  }

 private:
  Response save(const router_app::Values& values) const {
    try {
      module_.save(values);
    } catch (const Failure& failure) {
      return html_page(
          status_page(module_.status(), "The settings could not be saved: " + failure.error().message, false), 500);
    }
    const bool started = module_.restart();
    const bool enabled = router_app::flag(values, "ENABLED");
    const std::string notice = !started  ? "The settings are saved, but the module could not be restarted."
                               : enabled ? "The settings are saved. The certificate is being checked in the background."
                                         : "The settings are saved. Automation is off.";
    return html_page(status_page(module_.status(), notice, started, started && enabled));
  }

  const Request& request_;
  const Module& module_;
  const Device& device_;
  page::Tokens tokens_;
};

Response answer_checked(const Request& request, const Module& module, const Device& device) {
  const auto query = page::parse_form(request.query);
  const std::string wanted = query ? page::field(*query, "page") : "";
  if (request.method == "POST") {
    if (wanted != "global") return refuse(404, "There is no such form.", "Use the links on the left.");
    return Answer(request, module, device).apply();
  }
  if (request.method != "GET" && request.method != "HEAD")
    return refuse(405, "This page is read and applied only.", "Use the links on the left.");
  if (wanted.empty() || wanted == "global") return Answer(request, module, device).show_global();
  if (wanted == "status") return html_page(status_page(module.status(), "", true));
  if (wanted == "licenses") return html_page(licenses_page(module.licenses()));
  if (wanted == "style") return {200, "text/css; charset=utf-8", std::string(page::style_sheet()), {}};
  return refuse(404, "There is no such page.", "Use the links on the left.");
}

}  // namespace

Response answer(const Request& request, const Module& module, const Device& device) {
  try {
    const auto names = names_in(router_app::text(module.settings().values, "PAGE_HOSTS"));
    if (!page::host_is_ours(request.host, device.name, names)) {
      return refuse(421, "The page is not reached under this name.",
                    "Open it by the address of the router. Further names: MOD_SCEPCLIENT_PAGE_HOSTS in its settings.");
    }
    Response response = answer_checked(request, module, device);
    if (request.method == "HEAD") response.body.clear();
    return response;
  } catch (const Failure& failure) {
    return refuse(500, "The page cannot be shown: " + failure.error().message, failure.error().hint);
  } catch (const std::exception&) {
    return refuse(500, "The page cannot be shown.", "This is a defect; please report it.");
  }
}

}  // namespace certctl::router_page
