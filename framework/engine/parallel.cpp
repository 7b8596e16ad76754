#include "framework/engine/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <thread>

#include "framework/engine/state_directory.hpp"

namespace certctl::engine {

void for_each_profile(std::size_t count, int jobs, const std::function<void(std::size_t)>& work) {
  const std::size_t threads = std::min(count, static_cast<std::size_t>(std::max(1, jobs)));
  if (threads <= 1) {
    for (std::size_t i = 0; i < count; ++i) work(i);
    return;
  }
  std::atomic<std::size_t> next{0};
  std::vector<std::jthread> pool;
  pool.reserve(threads);
  for (std::size_t t = 0; t < threads; ++t) {
    pool.emplace_back([&] {
      for (std::size_t i = next.fetch_add(1); i < count; i = next.fetch_add(1)) work(i);
    });
  }
}

std::vector<const config::Profile*> in_order_of_run(const Context& context,
                                                    const std::vector<const config::Profile*>& profiles) {
  std::vector<const config::Profile*> ordered = profiles;
  std::stable_partition(ordered.begin(), ordered.end(), [&](const config::Profile* profile) {
    return !StateDirectory(context.settings.state, profile->name).was_interrupted();
  });
  return ordered;
}

}  // namespace certctl::engine
