// What the daemon's processes do: one of the engine's verbs over profiles, and then say what they saw. Lines are JSON
// objects with one key: "log", "status", "next", "result" (work.cpp).
#pragma once

#include <vector>

#include "framework/daemon/request.hpp"
#include "framework/daemon/timetable.hpp"
#include "framework/sys/worker.hpp"

namespace certctl::daemon {

class Configuration;

// The daemon's own work. After each profile: its status, and when it is next due. The configuration must live on in the
// new process, as fork() makes it.
[[nodiscard]] sys::Body scheduled_work(const Configuration& configuration, std::vector<Due> due);
// What a client asked for; ends with a result.
[[nodiscard]] sys::Body requested_work(const Configuration& configuration, Request request);

// What tells one state of a profile's journal file from another.
[[nodiscard]] std::string journal_state(const engine::Context& context, const std::string& profile);

}  // namespace certctl::daemon
