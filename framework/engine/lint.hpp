// lint: everything that is wrong with the configuration as a whole: the loader's findings, the plugins' own rules, and
// conflicts between profiles. Touches nothing outside and asks no issuer.
#pragma once

#include <vector>

#include "framework/config/load.hpp"
#include "framework/engine/context.hpp"

namespace certctl::engine {

// Sorted by place. Errors and warnings.
[[nodiscard]] std::vector<config::Diagnostic> lint(const Context& context, const config::Loaded& loaded);

// Conflicts between profiles that would make one destroy what another wrote; checked before each run, too.
[[nodiscard]] std::vector<config::Diagnostic> conflicts(const Context& context,
                                                        const std::vector<config::Profile>& profiles);

}  // namespace certctl::engine
