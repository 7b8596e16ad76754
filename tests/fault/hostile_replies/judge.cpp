#include "tests/fault/hostile_replies/judge.hpp"

#include "framework/engine/check.hpp"
#include "framework/engine/words.hpp"
#include "framework/sys/printable.hpp"

#include <algorithm>
#include <cstdio>
#include <stdexcept>

namespace certctl::hostile {
namespace {

bool all_known(const Scene& scene, const std::vector<crypto::Certificate>& certificates) {
  return std::all_of(certificates.begin(), certificates.end(), [&](const crypto::Certificate& certificate) {
    return std::find(scene.known().begin(), scene.known().end(), certificate) != scene.known().end();
  });
}

Judgement refused(std::string why) {
  return {Verdict::refused, std::move(why)};
}
Judgement wrong(std::string why) {
  return {Verdict::wrong, std::move(why)};
}

// A certificate counts when the engine would activate it.
Judgement judge_certificate(const Scene& scene, const EnrollOutcome& outcome, const Genuine& genuine) {
  const auto issued = crypto::Certificate::from_pem(outcome.certificate_pem);
  const auto key = crypto::Key::from_borrowed(scene.request().key);
  engine::CheckInput input;
  input.issued = &issued;
  input.key = &key;
  input.candidates = crypto::Certificate::each_from_pem(outcome.ca_set_pem);
  input.anchors = crypto::Certificate::each_from_pem(outcome.anchors_pem);
  input.wanted = scene.request().wanted;
  input.now = engine::epoch(scep_test::test_time());
  const engine::CheckResult check = engine::check_answer(input);
  if (check.verdict == engine::Verdict::refuse) return refused(check.refusal.code);
  if (std::find(genuine.certificates.begin(), genuine.certificates.end(), issued.to_pem()) ==
      genuine.certificates.end())
    return wrong("a certificate that the CA did not issue for this request: " + issued.subject_text());
  if (!all_known(scene, input.anchors)) return wrong("an anchor that is not the CA's");
  if (!all_known(scene, check.chain)) return wrong("a chain through a certificate that is not the CA's");
  return {Verdict::genuine, ""};
}

Judgement judge_outcome(const Scene& scene, const EnrollOutcome& outcome, const Genuine& genuine) {
  if (outcome.state == EnrollState::issued) return judge_certificate(scene, outcome, genuine);
  const auto& baseline = genuine.baseline.outcome;
  if (!baseline || baseline->state != outcome.state)
    return wrong(outcome.state == EnrollState::pending ? "read as PENDING" : "read as FAILURE");
  if (outcome.reason.message != baseline->reason.message || outcome.reason.retry != baseline->reason.retry)
    return wrong("read as another refusal: " + outcome.reason.message);
  if (outcome.transaction_id != baseline->transaction_id) return wrong("read for another transaction");
  return {Verdict::genuine, ""};
}

Judgement judge_result(const Scene& scene, const Result& result, const Genuine& genuine) {
  if (result.hung) return wrong("did not hang up");
  if (result.to_stranger) return wrong("a request was encrypted to a certificate that is not the CA's");
  if (result.weak_algorithm) return wrong("a request in an algorithm that the default refuses");
  if (result.error) {
    if (result.error->code.empty() || result.error->code == "internal" || result.error->message.empty())
      return wrong("refused without a reason: " + result.error->code + ": " + result.error->message);
    if (sys::printable(result.error->message) != result.error->message)
      return wrong("a refusal that is not one clean line");
    return refused(result.error->code);
  }
  if (result.outcome) return judge_outcome(scene, *result.outcome, genuine);
  // Which of the certificates of a CA set hold, the pin says; the others are shown, and nothing else.
  if (!result.anchors.empty() && result.anchors != genuine.baseline.anchors) return wrong("another anchor");
  if (result.anchors.empty() && !genuine.baseline.anchors.empty()) return refused("no anchor");
  if (!genuine.baseline.anchors.empty()) return {Verdict::genuine, ""};
  if (result.texts != genuine.baseline.texts) return wrong("something else was looked up");
  return {Verdict::genuine, ""};
}

}  // namespace

Judgement judge(const Scene& scene, const Result& result, const Genuine& genuine, Expected expected) {
  Judgement judgement = judge_result(scene, result, genuine);
  if (judgement.verdict == Verdict::genuine && expected == Expected::refused)
    return wrong("taken, though it must be refused");
  if (judgement.verdict == Verdict::refused && expected == Expected::genuine)
    return wrong("refused, though it must be taken: " + judgement.why +
                 (result.error ? ": " + result.error->message : ""));
  return judgement;
}

Genuine Court::baseline(Question question, const Case& one) {
  Genuine genuine;
  genuine.certificates = {scene_.issued().to_pem()};
  genuine.baseline = scene_.ask(question, one);
  if (genuine.baseline.error)
    throw std::runtime_error("the genuine answer is refused: " + genuine.baseline.error->message);
  return genuine;
}

Verdict Court::hear(Question question, const Case& one, const Genuine& genuine, Expected expected) {
  tally_.begin(one.name);
  Result result = scene_.ask(question, one);
  if (plant_) plant_(scene_, result);
  Genuine here = genuine;
  if (const std::string issued = scene_.last_issued(); !issued.empty()) here.certificates.push_back(issued);
  const Judgement judgement = judge(scene_, result, here, expected);
  if (judgement.verdict == Verdict::wrong) {
    std::printf("  WRONG: %s: %s\n", one.name.c_str(), judgement.why.c_str());
    std::fflush(stdout);
  }
  tally_.end(judgement.verdict, result.milliseconds);
  return judgement.verdict;
}

}  // namespace certctl::hostile
