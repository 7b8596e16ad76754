#include "enrollers/scep/step.hpp"

#include <algorithm>
#include <array>

namespace certctl::scep {
namespace {

struct StepRow {
  Step step;
  MessageType type;
  bool current;
  bool challenge;
  std::string_view word;
  std::string_view name;
};
constexpr std::array<StepRow, 5> kSteps{{
    {Step::renewal_req, MessageType::renewal_req, true, false, "17", "RenewalReq"},
    {Step::renewal_req_challenge, MessageType::renewal_req, true, true, "17c", "RenewalReq with challenge"},
    {Step::pkcs_req, MessageType::pkcs_req, true, false, "19", "PKCSReq signed with the certificate in service"},
    {Step::pkcs_req_challenge, MessageType::pkcs_req, true, true, "19c",
     "PKCSReq signed with the certificate in service, with challenge"},
    {Step::self_signed, MessageType::pkcs_req, false, true, "new", "PKCSReq"},
}};

const StepRow& row_of(Step step) {
  return *std::find_if(kSteps.begin(), kSteps.end(), [&](const StepRow& row) { return row.step == step; });
}

}  // namespace

MessageType message_type_of(Step step) {
  return row_of(step).type;
}
bool signs_with_current(Step step) {
  return row_of(step).current;
}
bool sends_challenge(Step step) {
  return row_of(step).challenge;
}
std::string_view name_of(Step step) {
  return row_of(step).name;
}
std::string_view word_of(Step step) {
  return row_of(step).word;
}

std::optional<Step> step_from_word(std::string_view word) {
  for (const StepRow& row : kSteps)
    if (row.word == word) return row.step;
  return std::nullopt;
}

// SCEP-013, SCEP-015, SCEP-020, SCEP-021: RenewalReq first, the challenge only after it was refused without; unless the
// answer cannot be protected otherwise (SCEP-101).
std::vector<Step> renewal_ladder(const LadderInput& input) {
  std::vector<Step> steps;
  for (const StepRow& row : kSteps) {
    if (!row.current) continue;
    const bool is_renewal_req = row.type == MessageType::renewal_req;
    if (is_renewal_req && input.message == RenewalMessage::pkcs_req) continue;
    if (is_renewal_req && input.message == RenewalMessage::by_capability && !input.renewal_announced) continue;
    if (!is_renewal_req && input.message == RenewalMessage::renewal_req) continue;
    if (row.challenge && (!input.has_challenge || input.challenge == RenewalChallenge::never)) continue;
    if (!row.challenge && input.has_challenge && input.challenge == RenewalChallenge::always) continue;
    if (!row.challenge && input.answer_needs_challenge) continue;
    steps.push_back(row.step);
  }
  // An expired certificate authenticates nothing, a foreign one hardly anywhere (SCEP-014): the request begins anew.
  if (!input.current_usable) steps.clear();
  if (steps.empty() || !input.current_of_this_ca) steps.push_back(Step::self_signed);
  // The step that worked goes first; the others follow, in case the server has changed its mind.
  if (input.remembered) {
    const auto known = std::find(steps.begin(), steps.end(), *input.remembered);
    if (known != steps.end()) std::rotate(steps.begin(), known, known + 1);
  }
  return steps;
}

}  // namespace certctl::scep
