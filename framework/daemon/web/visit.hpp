// One request on its way: whose session it is, what it may, the engine that it asks, and the frame around its page.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "framework/daemon/web/actions.hpp"
#include "framework/daemon/web/engine_client.hpp"
#include "framework/page/form.hpp"
#include "framework/page/html.hpp"
#include "framework/page/request.hpp"

namespace certctl::web {

struct SiteSettings {
  std::string engine_socket = "/run/certctl/engine.sock";
  std::vector<std::string> names;  // that the page may be reached under, beside addresses and the device's own
  std::string device;              // host name
  std::string return_link;         // empty: none
  std::string licenses = "/usr/share/doc";
  bool behind_tls = false;       // browsers reach it by https: cookies are for that only
  bool metrics_for_all = false;  // /metrics answers others than this device, too
};

enum class Place : int { global, status, licenses, profile, other };

class Visit {
 public:
  Visit(const page::Request& request, const SiteSettings& settings, Actions& actions);

  // Asks the engine who this is. False: nobody who has logged in, or the engine is gone (problem()).
  [[nodiscard]] bool enter();
  [[nodiscard]] const EngineAnswer& state() const noexcept { return state_; }
  [[nodiscard]] bool password_is_set() const;
  [[nodiscard]] bool may_act() const;
  [[nodiscard]] bool may_edit() const;
  [[nodiscard]] bool has_router_settings() const;
  [[nodiscard]] const std::vector<std::string>& profiles() const noexcept { return profiles_; }

  // With the session; waits a minute at most.
  [[nodiscard]] EngineAnswer ask(nlohmann::json question);

  // The posted form, or the answer to one that was not sent by this page: method, media type, origin and token are
  // checked.
  struct Posted {
    page::Form form;
    std::optional<page::Response> refused;
  };
  // `with_token`: false only before there is a session.
  [[nodiscard]] Posted posted(bool with_token = true) const;
  [[nodiscard]] std::string token() const;  // of this session's forms
  [[nodiscard]] std::string token_field() const;
  [[nodiscard]] const page::Form& query() const noexcept { return query_; }

  [[nodiscard]] page::Response html(Place place, const std::string& title, const std::string& content, int status = 200,
                                    const page::Refresh& refresh = {}) const;
  [[nodiscard]] page::Response refuse(int status, const std::string& why, const std::string& what_to_do) const;
  // What the engine refused; a session that is over leads to the login.
  [[nodiscard]] page::Response failed(const EngineAnswer& answer) const;
  [[nodiscard]] static page::Response redirect(const std::string& target);

  [[nodiscard]] const page::Request& request() const noexcept { return request_; }
  [[nodiscard]] const SiteSettings& settings() const noexcept { return settings_; }
  [[nodiscard]] Actions& actions() const noexcept { return actions_; }
  [[nodiscard]] const std::string& session() const noexcept { return session_; }
  [[nodiscard]] std::int64_t now() const noexcept { return now_; }
  void set_current(std::string profile) { current_ = std::move(profile); }

  // Set-Cookie of a session; empty: it ends.
  [[nodiscard]] std::string cookie(const std::string& session) const;

  static constexpr std::size_t kLongestForm = 512U << 10U;

 private:
  [[nodiscard]] const char* cookie_name() const noexcept { return settings_.behind_tls ? "__Host-certctl" : "certctl"; }
  [[nodiscard]] page::Frame frame(Place place) const;

  const page::Request& request_;
  const SiteSettings& settings_;
  Actions& actions_;
  EngineClient engine_;
  std::string session_;
  EngineAnswer state_;
  std::vector<std::string> profiles_;
  std::string current_;  // the profile whose page it is
  page::Form query_;
  std::int64_t now_;
  bool entered_ = false;
};

}  // namespace certctl::web
