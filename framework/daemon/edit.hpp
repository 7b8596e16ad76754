// What the page edits: the text of a profile or of certctl.yaml, a profile of its own form, the router app's settings.
// All is judged before it is saved, and nothing is saved over what somebody else has changed meanwhile.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "framework/daemon/configuration.hpp"
#include "framework/daemon/request.hpp"
#include "framework/sys/worker.hpp"

namespace certctl::daemon {

[[nodiscard]] bool is_edit(Verb verb) noexcept;

// The result of such a request (docs/daemon.md). After something was saved, {"reload":true} is said. Throws Failure.
[[nodiscard]] nlohmann::json edit(const Request& request, const Configuration& configuration,
                                  const engine::Context& context, const sys::Say& say);

}  // namespace certctl::daemon
