#include "framework/daemon/web/site.hpp"

#include <certctl/result.hpp>

#include <vector>

#include "framework/daemon/web/pages.hpp"
#include "framework/page/guard.hpp"

namespace certctl::web {
namespace {

// "/a/b" as its parts. Every path of ours has only these characters: nothing has to be decoded, and what would have to
// is none of ours.
std::vector<std::string> parts_of(const std::string& path) {
  constexpr std::size_t kLongestPath = 200;
  if (path.size() > kLongestPath ||
      path.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-/") != std::string::npos)
    return {"?"};
  std::vector<std::string> parts;
  std::string part;
  for (const char c : path.substr(1) + "/") {
    if (c != '/') {
      part += c;
      continue;
    }
    parts.push_back(std::move(part));
    part.clear();
  }
  return parts;
}

page::Response style() {
  page::Response response;
  response.content_type = "text/css; charset=utf-8";
  response.body = page::style_sheet();
  return response;
}

page::Response none(const Visit& visit) {
  return visit.refuse(404, "There is no such page.", "Use the links.");
}

page::Response of_profile(Visit& visit, const std::string& profile, const std::string& what, bool post) {
  if (profile.empty() || profile.front() == '.') return none(visit);
  if (what == "edit") return post ? save_editor(visit, profile) : show_editor(visit, profile);
  if (what == "certificate" && !post) return download_certificate(visit, profile);
  return post ? start_action(visit, profile, what) : preview_action(visit, profile, what);
}

page::Response post(Visit& visit, const std::vector<std::string>& parts) {
  const std::string& first = parts.front();
  if (parts.size() == 1) {
    if (first == "logout") return log_out(visit);
    if (first == "new") return create_profile(visit);
    if (first == "global") return save_global(visit);
  }
  if (parts.size() == 3 && first == "profiles") return of_profile(visit, parts[1], parts[2], true);
  return none(visit);
}

page::Response get(Visit& visit, const std::vector<std::string>& parts) {
  const std::string& first = parts.front();
  if (parts.size() == 1) {
    if (first.empty()) return Visit::redirect("/status");
    if (first == "status") return show_status(visit);
    if (first == "global") return show_global(visit);
    if (first == "new") return show_new_profile(visit);
    if (first == "licenses") return show_licenses(visit);
  }
  if (parts.size() == 2 && first == "actions") return show_action(visit, parts[1]);
  if (parts.size() == 2 && first == "profiles" && !parts[1].empty() && parts[1].front() != '.')
    return show_profile(visit, parts[1]);
  if (parts.size() == 3 && first == "profiles") return of_profile(visit, parts[1], parts[2], false);
  if (parts.size() == 2 && first == "api" && (parts[1] == "status" || parts[1] == "daemon" || parts[1] == "plan"))
    return json_answer(visit, parts[1], "");
  if (parts.size() == 3 && first == "api" && (parts[1] == "status" || parts[1] == "history" || parts[1] == "plan"))
    return json_answer(visit, parts[1], parts[2]);
  return none(visit);
}

}  // namespace

page::Response Site::dispatch(const page::Request& request) {
  Visit visit(request, settings_, actions_);
  if (!page::host_is_ours(request.host, settings_.device, settings_.names))
    return visit.refuse(421, "The page is not reached under this name.",
                        "Open it by the device's address. Further names: certctl-web --name");
  const bool is_post = request.method == "POST";
  const auto parts = parts_of(request.path);
  if (!is_post && parts == std::vector<std::string>{"style.css"}) return style();
  if (!is_post && parts == std::vector<std::string>{"metrics"}) return metrics(visit);
  const bool entered = visit.enter();
  if (parts == std::vector<std::string>{"login"}) {
    if (is_post) return log_in(visit);
    return entered ? Visit::redirect("/status") : show_login(visit);
  }
  if (!visit.state().ok()) return visit.failed(visit.state());
  if (!entered) return parts.front() == "api" ? visit.refuse(403, "Log in first.", "") : Visit::redirect("/login");
  return is_post ? post(visit, parts) : get(visit, parts);
}

page::Response Site::answer(const page::Request& request) noexcept {
  try {
    try {
      return dispatch(request);
    } catch (const Failure& failure) {
      Visit visit(request, settings_, actions_);
      return visit.refuse(500, "The page cannot be shown: " + failure.error().message, failure.error().hint);
    } catch (const std::exception&) {
      // An engine of another version may answer with what we do not expect.
      Visit visit(request, settings_, actions_);
      return visit.refuse(500, "The page cannot be shown.", "Do certctl-web and certctl have the same version?");
    }
  } catch (...) {
    page::Response response;
    response.status = 500;
    response.content_type = "text/plain";
    return response;
  }
}

}  // namespace certctl::web
