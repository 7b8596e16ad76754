// One request to the page, from the checks to the answer.
#pragma once

#include "framework/compat/router_page/module.hpp"
#include "framework/page/request.hpp"

namespace certctl::router_page {

struct Device {
  std::string name;   // host name of the device
  long long now = 0;  // seconds since 1970
};

[[nodiscard]] page::Response answer(const page::Request& request, const Module& module, const Device& device);

}  // namespace certctl::router_page
