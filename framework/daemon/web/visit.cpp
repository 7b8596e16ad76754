#include "framework/daemon/web/visit.hpp"

#include <chrono>

#include "framework/crypto/digest.hpp"
#include "framework/daemon/web/profile_view.hpp"
#include "framework/page/guard.hpp"

namespace certctl::web {
namespace {

using nlohmann::json;

constexpr std::chrono::seconds kLongestAnswer{60};
constexpr std::size_t kMostLinks = 20;  // in the navigation; the overview has all

// The value of a cookie; a token has no other characters.
std::string cookie_value(const std::string& header, const std::string& name) {
  std::size_t begin = 0;
  while (begin < header.size()) {
    std::size_t end = header.find(';', begin);
    if (end == std::string::npos) end = header.size();
    std::string pair = header.substr(begin, end - begin);
    pair.erase(0, pair.find_first_not_of(' '));
    if (pair.starts_with(name + "=")) {
      std::string value = pair.substr(name.size() + 1);
      return value.find_first_not_of("0123456789abcdef") == std::string::npos && value.size() == 64 ? value
                                                                                                    : std::string();
    }
    begin = end + 1;
  }
  return {};
}

std::int64_t current_time() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

}  // namespace

Visit::Visit(const page::Request& request, const SiteSettings& settings, Actions& actions)
    : request_(request),
      settings_(settings),
      actions_(actions),
      engine_(settings.engine_socket),
      session_(cookie_value(request.cookie, cookie_name())),
      query_(page::parse_form(request.query).value_or(page::Form{})),
      now_(current_time()) {}

bool Visit::enter() {
  json question = {{"verb", "page"}};
  if (!session_.empty()) question["session"] = session_;
  state_ = engine_.ask(question, kLongestAnswer);
  entered_ = state_.ok() && state_.result.value("session", false);
  if (entered_)
    for (const json& name : state_.result.value("profiles", json::array()))
      if (name.is_string()) profiles_.push_back(name.get<std::string>());
  return entered_;
}

bool Visit::password_is_set() const {
  return state_.ok() && state_.result.value("password", false);
}

bool Visit::may_act() const {
  const std::string may = text_at(state_.result, "may");
  return may == "act" || may == "edit";
}

bool Visit::may_edit() const {
  return text_at(state_.result, "may") == "edit";
}

bool Visit::has_router_settings() const {
  return state_.result.value("router_settings", false);
}

EngineAnswer Visit::ask(json question) {
  question["session"] = session_;
  return engine_.ask(question, kLongestAnswer);
}

std::string Visit::token() const {
  return crypto::sha256_hex("certctl form\n" + session_);
}

std::string Visit::token_field() const {
  return page::hidden_field("token", token());
}

Visit::Posted Visit::posted(bool with_token) const {
  if (request_.body_too_long || request_.body.size() > kLongestForm)
    return {{}, refuse(413, "The form is too long.", "")};
  if (page::media_type(request_.content_type) != "application/x-www-form-urlencoded")
    return {{}, refuse(415, "This is not how the forms of this page are sent.", "Use the page's own buttons.")};
  if (!page::same_site(request_))
    return {{}, refuse(403, "The form was not sent by this page.", "Open the page itself and press its button there.")};
  auto form = page::parse_form(request_.body, kLongestForm);
  if (!form) return {{}, refuse(400, "The form is damaged.", "Open the page and press its button again.")};
  if (with_token && !crypto::constant_time_equal(page::field(*form, "token"), token()))
    return {{},
            refuse(403, "Nothing was done: the page was open for too long, or belongs to an earlier login.",
                   "Open it again, and press its button.")};
  return {std::move(*form), std::nullopt};
}

page::Frame Visit::frame(Place place) const {
  page::Frame frame;
  frame.site = "certctl on " + settings_.device;
  frame.style = "/style.css";
  if (!entered_) return frame;
  page::Section configuration{"Configuration", {{"/global", "Global", place == Place::global}}};
  std::size_t shown = 0;
  for (const std::string& name : profiles_) {
    const bool current = place == Place::profile && name == current_;
    if (shown >= kMostLinks && !current) continue;
    configuration.links.push_back({"/profiles/" + page::url_part(name), name, current});
    ++shown;
  }
  if (profiles_.size() > kMostLinks)
    configuration.links.push_back({"/status", "all " + std::to_string(profiles_.size()) + " profiles", false});
  if (may_edit()) configuration.links.push_back({"/new", "New profile", false});
  frame.navigation.push_back(std::move(configuration));
  frame.navigation.push_back(
      {"Information",
       {{"/status", "Status", place == Place::status}, {"/licenses", "Licenses", place == Place::licenses}}});
  if (!settings_.return_link.empty())
    frame.navigation.push_back({"Administration", {{settings_.return_link, "Return", false}}});
  frame.footer = "<form method=\"post\" action=\"/logout\">" + token_field() +
                 "<button type=\"submit\" class=\"quiet\">Log out</button></form>\n";
  return frame;
}

page::Response Visit::html(Place place, const std::string& title, const std::string& content, int status,
                           const page::Refresh& refresh) const {
  page::Response response;
  response.status = status;
  response.body = page::whole_page(frame(place), title, content, refresh);
  return response;
}

page::Response Visit::refuse(int status, const std::string& why, const std::string& what_to_do) const {
  return html(Place::other, "Refused", page::box({why, what_to_do}, page::Tone::bad), status);
}

page::Response Visit::failed(const EngineAnswer& answer) const {
  const std::string code = answer.code();
  if (code == "session-needed") return redirect("/login");
  const int status = code == "engine-gone" ? 503 : code == "profile-unknown" ? 404 : code == "page-may-not" ? 403 : 422;
  return html(Place::other, "It did not work",
              page::box({text_at(answer.error, "message"), text_at(answer.error, "hint")}, page::Tone::bad), status);
}

page::Response Visit::redirect(const std::string& target) {
  page::Response response;
  response.status = 303;
  response.content_type = "text/plain; charset=utf-8";
  response.headers.emplace_back("Location", target);
  return response;
}

std::string Visit::cookie(const std::string& session) const {
  std::string text = std::string(cookie_name()) + "=" + session + "; Path=/; HttpOnly; SameSite=Strict";
  if (settings_.behind_tls) text += "; Secure";
  if (session.empty()) text += "; Max-Age=0";
  return text;
}

}  // namespace certctl::web
