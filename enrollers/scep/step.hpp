// The renewal ladder: in which ways a request can be authenticated, and in which order they are tried.
#pragma once

#include "enrollers/scep/protocol/words.hpp"
#include "enrollers/scep/settings.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace certctl::scep {

enum class Step : int {
  renewal_req,            // RenewalReq, signed with the certificate in service
  renewal_req_challenge,  // and with the challenge
  pkcs_req,               // PKCSReq, signed with the certificate in service (servers older than RFC 8894)
  pkcs_req_challenge,
  self_signed,  // PKCSReq, signed with a self-signed certificate; with the challenge if one is configured
};

MessageType message_type_of(Step step);
bool signs_with_current(Step step);
bool sends_challenge(Step step);
// For people: "RenewalReq with challenge".
std::string_view name_of(Step step);
// For tokens and memory: "17", "17c", "19", "19c", "new".
std::string_view word_of(Step step);
std::optional<Step> step_from_word(std::string_view word);

// What decides the order of a renewal.
struct LadderInput {
  bool renewal_announced = false;
  bool has_challenge = false;
  bool current_usable = false;          // not expired, not revoked, its key is there
  bool answer_needs_challenge = false;  // its key cannot decrypt (EC): only the challenge can protect the answer
  bool current_of_this_ca = true;       // chains to the pin
  RenewalMessage message = RenewalMessage::by_capability;
  RenewalChallenge challenge = RenewalChallenge::as_needed;
  std::optional<Step> remembered;  // the step that worked last time with this issuer
};
// Never empty.
std::vector<Step> renewal_ladder(const LadderInput& input);

}  // namespace certctl::scep
