// Profiles side by side: a bounded number of threads, each profile on one of them. One profile's failure is its own
// (P9).
#pragma once

#include <functional>
#include <vector>

#include "framework/engine/context.hpp"

namespace certctl::engine {

// Calls `work(i)` for each index of [0, count) on at most `jobs` threads, and returns when all are done. `work` must
// not throw. The order of beginning is the order of the indices.
void for_each_profile(std::size_t count, int jobs, const std::function<void(std::size_t)>& work);

// The profiles in the order of a run: one whose last run did not end comes last, so that it can't keep the others from
// their turn.
[[nodiscard]] std::vector<const config::Profile*> in_order_of_run(const Context& context,
                                                                  const std::vector<const config::Profile*>& profiles);

}  // namespace certctl::engine
