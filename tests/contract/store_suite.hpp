// What every store promises (certctl/store.hpp), but for power cuts: tests/fault has those.
#pragma once

#include <certctl/plugin.hpp>

#include <filesystem>
#include <functional>

#include "tests/contract/conformance.hpp"
#include "tests/contract/instance.hpp"

namespace certctl::contract {

struct StoreSubject {
  Maker<StoreApi> make;
  // Options of a store below `place`, an empty private directory. The same place gives the same store.
  std::function<Options(const std::filesystem::path& place)> options;
};

void store_suite(const StoreSubject& subject);

}  // namespace certctl::contract
