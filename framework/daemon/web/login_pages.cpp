#include "framework/daemon/web/pages.hpp"
#include "framework/daemon/web/profile_view.hpp"

namespace certctl::web {
namespace {

using page::Tone;

std::string login_form(const std::string& notice) {
  return (notice.empty() ? std::string() : page::box({notice}, Tone::bad)) +
         "<form method=\"post\" action=\"/login\">\n<div class=\"row\"><label for=\"password\">Password</label><div>"
         "<input type=\"password\" id=\"password\" name=\"password\" maxlength=\"200\" required autofocus "
         "autocomplete=\"current-password\"></div></div>\n<button type=\"submit\">Log in</button>\n</form>\n";
}

page::Response closed(const Visit& visit) {
  return visit.html(Place::other, "Closed",
                    page::box({"The page is closed: no password is set.",
                               "Set one on the device, as root: certctl serve --set-password"},
                              Tone::warning),
                    403);
}

}  // namespace

page::Response show_login(const Visit& visit) {
  if (!visit.state().ok()) return visit.failed(visit.state());
  if (!visit.password_is_set()) return closed(visit);
  return visit.html(Place::other, "Log in", login_form(""));
}

page::Response log_in(Visit& visit) {
  if (!visit.state().ok()) return visit.failed(visit.state());
  if (!visit.password_is_set()) return closed(visit);
  const auto posted = visit.posted(false);
  if (posted.refused) return *posted.refused;
  const EngineAnswer answer = visit.ask(
      {{"verb", "login"}, {"password", page::field(posted.form, "password")}, {"from", visit.request().client}});
  if (!answer.ok()) {
    const bool slowed = answer.code() == "login-slowed";
    auto response =
        visit.html(Place::other, "Log in", login_form(text_at(answer.error, "message")), slowed ? 429 : 403);
    if (slowed) response.headers.emplace_back("Retry-After", std::to_string(answer.error.value("retry_after", 1)));
    return response;
  }
  page::Response response = Visit::redirect("/status");
  response.headers.emplace_back("Set-Cookie", visit.cookie(text_at(answer.result, "session")));
  return response;
}

page::Response log_out(Visit& visit) {
  const auto posted = visit.posted();
  if (posted.refused) return *posted.refused;
  (void)visit.ask({{"verb", "logout"}});
  page::Response response = Visit::redirect("/login");
  response.headers.emplace_back("Set-Cookie", visit.cookie(""));
  return response;
}

}  // namespace certctl::web
