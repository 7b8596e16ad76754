// Faults of any operation that a proper HTTP server can make.
#pragma once

#include "framework/devca/answer.hpp"
#include "framework/devca/faults.hpp"

#include <span>
#include <string_view>

namespace certctl::devca {

std::span<const std::string_view> http_faults();

// Something else instead of an answer: nothing is decided or issued. False: no such fault is set.
bool replace_answer(Faults& faults, Answer& answer);
// The answer, sent in another way.
void spoil_answer(Faults& faults, Answer& answer);

}  // namespace certctl::devca
