// One request to the page, from the checks to the answer.
#pragma once

#include "framework/compat/router_page/module.hpp"
#include "framework/compat/router_page/request.hpp"

namespace certctl::router_page {

struct Device {
  std::string name;   // host name of the device
  long long now = 0;  // seconds since 1970
};

[[nodiscard]] Response answer(const Request& request, const Module& module, const Device& device);

}  // namespace certctl::router_page
