// A CA of the plugin's protocol is a program of its author's: docs/plugins.md says what it is called with.
#include <catch2/catch.hpp>

#include <sstream>

#include "framework/sys/subprocess.hpp"
#include "tests/contract/enroller_suite.hpp"
#include "tests/contract/plugin_check/suites.hpp"

namespace certctl::plugin_check {
namespace {

using Values = std::map<std::string, std::string>;

Values values_in(const std::string& text) {
  Values values;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (const auto at = line.find('='); at != std::string::npos) values[line.substr(0, at)] = line.substr(at + 1);
  return values;
}

class CaProgram final : public contract::EnrollerFixture {
 public:
  explicit CaProgram(const Subject& subject) : subject_(subject) {
    subject.reset_fixture();
    values_ = values_in(call({"start"}));
    constexpr std::string_view kOther = "distrusting.";
    for (const auto& [name, value] : Values(values_)) {
      if (!name.starts_with(kOther)) continue;
      distrusting_[name.substr(kOther.size())] = value;
      values_.erase(name);
    }
    if (distrusting_.empty())
      throw Failure::never("ca-program", "the CA program's `start` says no distrusting.NAME=VALUE",
                           "name what of the options pins another CA");
  }
  ~CaProgram() override {
    try {
      (void)call({"stop"});
    } catch (const std::exception&) {  // the rule is known by now
    }
  }

  contract::Made<EnrollerApi> make(Host& host) override {
    return subject_.make<EnrollerApi>(subject_.options(values_), host);
  }
  contract::Made<EnrollerApi> make_distrusting(Host& host) override {
    Values values = distrusting_;
    values.insert(values_.begin(), values_.end());
    return subject_.make<EnrollerApi>(subject_.options(values), host);
  }
  void mood(contract::CaMood mood) override {
    static constexpr const char* kWords[] = {"issues", "waits", "refuses", "loses-answer", "babbles", "unreachable"};
    (void)call({"mood", kWords[static_cast<int>(mood)]});
  }
  void decide(bool approve) override { (void)call({"decide", approve ? "approve" : "deny"}); }
  [[nodiscard]] std::size_t requests() const override { return counted("requests"); }
  [[nodiscard]] std::size_t transactions() const override { return counted("transactions"); }
  [[nodiscard]] std::size_t certificates() const override { return counted("certificates"); }
  [[nodiscard]] TimePoint now() const override { return std::chrono::system_clock::now(); }

 private:
  // Throws Failure with what it wrote when the program does not end with 0.
  [[nodiscard]] std::string call(std::vector<std::string> words) const {
    words.insert(words.begin(), subject_.wanted().ca);
    words.insert(words.begin() + 2, subject_.fixture().string());
    sys::ProcessRequest request;
    request.command = {false, words};
    request.environment = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/", "LANG=C"};
    request.file_mask = 077;
    request.error_limit = 2000;
    const auto result = sys::run_process(request);
    if (!result.succeeded())
      throw Failure::never("ca-program",
                           "the CA program's `" + words.at(1) + "`: " + sys::describe_end(result) + " " + result.errors,
                           "run it by hand");
    return result.output;
  }
  [[nodiscard]] std::size_t counted(const std::string& what) const {
    const Values values = values_in(call({"count"}));
    const auto found = values.find(what);
    if (found == values.end())
      throw Failure::never("ca-program", "the CA program's `count` says no " + what + "=NUMBER", "");
    return std::stoul(found->second);
  }

  const Subject& subject_;
  Values values_;
  Values distrusting_;
};

}  // namespace

void check_enroller(const Subject& checked) {
  contract::EnrollerSubject subject;
  subject.fixture = [&] { return std::make_unique<CaProgram>(checked); };
  contract::enroller_suite(subject);
}

}  // namespace certctl::plugin_check
