// HTTP that is cut off, slow, endless, or no HTTP (T28 to T31, H12 to H20).
#pragma once

#include "tests/fault/hostile_replies/damage_family.hpp"

namespace certctl::hostile {

// The HTTP reply cut off at every `step`-th octet, its head too: by closing, by a reset, and without a length that
// would show it.
void cut_replies(Court& court, const Kind& kind, std::size_t step);
// One octet at a time, for ever, in each part of a reply (every `step`-th). The scene's time limit is short; each case
// takes as long.
void drip(Court& court, std::size_t step);
// More than anybody wants: bodies, heads, chunks, lengths that lie. The scene's size limit is small.
void flood(Court& court);
// Short replies that are no answer: statuses, portals, redirections, encodings, delays.
void odd_replies(Court& court);

}  // namespace certctl::hostile
