// What every hook promises (certctl/hook.hpp).
#pragma once

#include <certctl/plugin.hpp>

#include <functional>
#include <optional>

#include "tests/contract/conformance.hpp"
#include "tests/contract/instance.hpp"
#include "tests/contract/test_host.hpp"

namespace certctl::contract {

struct HookSubject {
  Maker<HookApi> make;
  // Options of a hook that can do its work, and of one that can't (its target is not there, its command fails).
  // `failing` may be empty: nothing can keep it from its work.
  std::function<Options(const std::filesystem::path& place)> working;
  std::function<Options(const std::filesystem::path& place)> failing;
  // How often the work was done so far, as seen from outside. May be empty: it cannot be seen.
  std::function<std::size_t(const std::filesystem::path& place)> done;
};

void hook_suite(const HookSubject& subject);

}  // namespace certctl::contract
