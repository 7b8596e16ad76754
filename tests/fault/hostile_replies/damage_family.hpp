// Genuine answers, changed or cut off on their way.
#pragma once

#include "tests/fault/hostile_replies/judge.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace certctl::hostile {

// A genuine answer of each kind.
struct Kind {
  std::string name;
  Question question = Question::poll;
  Asked hostile = Asked::message;
  Case::Answer (Scene::*answer)() = nullptr;  // nothing: the scene's own
};
const std::vector<Kind>& kinds();

// One bit of the body flipped: every `step`-th bit of it.
void flip_bits(Court& court, const Kind& kind, std::size_t step);
// Every value (every `step`-th) of the octets on which the meaning of the rest depends.
void try_values(Court& court, const Kind& kind, std::size_t step);
// The body cut off at every `step`-th offset, in a complete HTTP reply.
void cut_bodies(Court& court, const Kind& kind, std::size_t step);

}  // namespace certctl::hostile
