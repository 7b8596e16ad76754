// How much of a thing an answer has that is made to hurt a client.
#pragma once

#include <chrono>
#include <cstddef>

namespace certctl::devca {

inline constexpr int kMany = 10'000;
inline constexpr std::size_t kDeep = 1'000;
inline constexpr std::chrono::hours kDay{24};

}  // namespace certctl::devca
