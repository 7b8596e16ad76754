// What a server says of itself before a message is sent: capabilities, its certificates, its next ones (H01 to H11,
// H41).
#pragma once

#include "tests/fault/hostile_replies/judge.hpp"

namespace certctl::hostile {

void wrong_capabilities(Court& court);
void wrong_ca_sets(Court& court);
void wrong_next_sets(Court& court);

}  // namespace certctl::hostile
