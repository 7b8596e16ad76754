// What the suite found, rule by rule, for people or as JSON.
#pragma once

#include <string>
#include <vector>

namespace certctl::plugin_check {

enum class Verdict : int {
  held,
  broken,
  not_tried,  // nothing of this plugin is concerned, or what it takes was not given
};

struct Finding {
  std::string rule;
  Verdict verdict = Verdict::held;
  std::vector<std::string> what;  // broken: each thing that does not hold
};

// What an author can do about a broken rule, or why it was not tried; "" for a rule that is not known.
[[nodiscard]] std::string advice(const std::string& rule);
[[nodiscard]] std::string reason_not_tried(const std::string& rule);

// Prints each rule as soon as it is known (the plugin may end the process at any time), or keeps them for JSON.
class Findings {
 public:
  void json(bool on) noexcept { json_ = on; }
  void add(Finding finding);
  // The last lines. Returns the exit code: 0 when nothing is broken.
  [[nodiscard]] int finish(const std::string& plugin);

 private:
  bool json_ = false;
  std::vector<Finding> all_;
};

// Where the reporter of the suite puts what it finds.
[[nodiscard]] Findings& findings();

}  // namespace certctl::plugin_check
