// A suite is a test case whose sections are the rules: each becomes one finding.
#define CATCH_CONFIG_EXTERNAL_INTERFACES  // the reporter interface
#include <catch2/catch.hpp>

#include <algorithm>

#include "tests/contract/plugin_check/findings.hpp"

namespace {

using namespace certctl::plugin_check;

constexpr std::size_t kLongestValue = 160;  // longer ones are whole files

std::string on_one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

std::string described(const Catch::AssertionStats& stats) {
  const Catch::AssertionResult& result = stats.assertionResult;
  std::string text;
  for (const Catch::MessageInfo& info : stats.infoMessages)
    if (info.type == Catch::ResultWas::Info) text += info.message + ": ";
  if (result.getResultType() == Catch::ResultWas::FatalErrorCondition)
    return text + "the plugin crashed: " + std::string(result.getMessage());
  if (result.getResultType() == Catch::ResultWas::ThrewException)
    return text + "it failed: " + std::string(result.getMessage());
  text += "`" + on_one_line(result.getExpression()) + "` does not hold";
  const std::string values = on_one_line(result.getExpandedExpression());
  if (values != result.getExpression() && values.size() <= kLongestValue) text += " (" + values + ")";
  return text;
}

class RulesReporter : public Catch::StreamingReporterBase<RulesReporter> {
 public:
  using StreamingReporterBase::StreamingReporterBase;
  static std::string getDescription() { return "one finding for each rule"; }

  void assertionStarting(const Catch::AssertionInfo& /*info*/) override {}
  bool assertionEnded(const Catch::AssertionStats& stats) override {
    if (!stats.assertionResult.isOk()) current_.what.push_back(described(stats));
    return true;
  }
  // One round through the test case is one rule. What is wrong before or after its section belongs to it.
  void sectionStarting(const Catch::SectionInfo& info) override {
    ++depth_;
    if (depth_ == 1) {
      flush();
      rounds_ = true;
    }
    if (depth_ == 2) {
      current_.rule = info.name;
      inside_ = true;
    }
  }
  void sectionEnded(const Catch::SectionStats& stats) override {
    if (depth_ == 2) checks_ += stats.assertions.total();
    --depth_;
  }
  void testCaseEnded(const Catch::TestCaseStats& /*stats*/) override { flush(); }

 private:
  void flush() {
    if (rounds_ && (inside_ || !current_.what.empty())) {
      if (!inside_) current_.rule = "it can be tried at all";
      current_.verdict = !current_.what.empty() ? Verdict::broken : checks_ == 0 ? Verdict::not_tried : Verdict::held;
      findings().add(std::move(current_));
    }
    current_ = {};
    checks_ = 0;
    inside_ = false;
  }

  Finding current_;
  std::size_t checks_ = 0;
  std::size_t depth_ = 0;
  bool rounds_ = false;
  bool inside_ = false;
};

CATCH_REGISTER_REPORTER("rules", RulesReporter)

}  // namespace
