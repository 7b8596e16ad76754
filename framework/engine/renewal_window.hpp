// When the issuer wants the active certificate to be renewed (ACME renewal information, RFC 9773). It may make a
// renewal earlier, never later than the profile says; not knowing it stops nothing.
#pragma once

#include "framework/engine/profile_session.hpp"

namespace certctl::engine {

// Asks an enroller that has the power, when it is time to ask; notes the window, an instant in it that is drawn once
// for each window, and when to ask again. Never fails: what goes wrong is a line in the log.
void ask_for_renewal_window(ProfileSession& session);

// When the next run asks; 0: none does as things are, however long ago the time was (a request is open, the certificate
// is over or another issuer's, the clock cannot be trusted): nobody may wait for it.
[[nodiscard]] EpochSeconds next_window_question(const ProfileSession& session);
// The same from facts alone.
[[nodiscard]] EpochSeconds window_question_of(const GenerationRecord& record, bool issuer_is_ours, bool request_is_open,
                                              EpochSeconds not_after, EpochSeconds now);

}  // namespace certctl::engine
