// One look at what a target serves, by one of the ways that its profile names (`verify:`).
#pragma once

#include <certctl/distributor.hpp>
#include <certctl/host.hpp>

#include <chrono>

#include "framework/config/profile.hpp"

namespace certctl::engine {

// Served is always known: `expected`, or another certificate with a detail for people. Failures, RetryClass::later
// unless a person must mend something: unreachable (no answer), not-served (an answer without a certificate to name),
// chain-not-served. `limit`: of one listener or command.
[[nodiscard]] Served ask_probe(const config::Probe& probe, const Credential& expected, Host& host,
                               std::chrono::milliseconds limit);

}  // namespace certctl::engine
