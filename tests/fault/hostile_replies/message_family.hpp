// Replies that are well formed and wrong (H21 to H32), and good replies with a certificate that is none for us (H34 to
// H40).
#pragma once

#include "tests/fault/hostile_replies/judge.hpp"

namespace certctl::hostile {

void forged_messages(Court& court);     // who signed, what is signed
void wrong_attributes(Court& court);    // signed by the CA: transaction, nonce, type, status
void replayed_messages(Court& court);   // answers of another time
void wrong_envelopes(Court& court);     // for whom, and how
void wrong_certificates(Court& court);  // inside a good reply

}  // namespace certctl::hostile
