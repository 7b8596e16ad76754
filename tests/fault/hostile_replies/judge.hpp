// Says whether what the plugin handed back is what the CA genuinely answered. A certificate goes through the engine's
// check of answers first, as it would before it is activated.
#pragma once

#include "tests/fault/hostile_replies/scene.hpp"
#include "tests/fault/hostile_replies/tally.hpp"

#include <string>
#include <vector>

namespace certctl::hostile {

// What a case must lead to.
enum class Expected : int {
  refused,  // nothing
  genuine,  // what the genuine answer says
  harmless  // either
};

// What the genuine answer says: the certificate that must come of it, or what the undamaged answer led to.
struct Genuine {
  std::vector<std::string> certificates;  // PEM of those that the CA issued for this request; any of them
  Result baseline;                        // of the same question, undamaged
};

struct Judgement {
  Verdict verdict = Verdict::wrong;
  std::string why;
};

Judgement judge(const Scene& scene, const Result& result, const Genuine& genuine, Expected expected);

// Runs cases of one family: asks, judges, counts, and prints what was wrong.
class Court {
 public:
  // A reader that is wrong on purpose, between the plugin and the judge: proves that the judge can fail.
  using Plant = std::function<void(Scene& scene, Result& result)>;

  Court(Scene& scene, Tally& tally, Plant plant = {}) : scene_(scene), tally_(tally), plant_(std::move(plant)) {}

  // The undamaged answer to the question. Throws when even that is refused.
  Genuine baseline(Question question, const Case& one);
  Verdict hear(Question question, const Case& one, const Genuine& genuine, Expected expected);
  [[nodiscard]] Scene& scene() noexcept { return scene_; }

 private:
  Scene& scene_;
  Tally& tally_;
  Plant plant_;
};

}  // namespace certctl::hostile
