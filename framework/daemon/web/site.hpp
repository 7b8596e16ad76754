// The whole page: requests to answers. Nothing is kept here but what is at work (actions.hpp); sessions, the password
// and what the page may are the engine's.
#pragma once

#include "framework/daemon/web/actions.hpp"
#include "framework/daemon/web/visit.hpp"
#include "framework/page/request.hpp"

namespace certctl::web {

class Site {
 public:
  explicit Site(SiteSettings settings) : settings_(std::move(settings)), actions_(settings_.engine_socket) {}

  // For several threads. Never throws.
  [[nodiscard]] page::Response answer(const page::Request& request) noexcept;

 private:
  [[nodiscard]] page::Response dispatch(const page::Request& request);

  SiteSettings settings_;
  Actions actions_;
};

}  // namespace certctl::web
