// Nothing is wrong with this one. Its name comes from the build.
#include <certctl/plugin.hpp>

#include "tests/bad_plugins/marker.hpp"

namespace {

constexpr certctl::OptionSpec kOptions[] = {
    {"greeting", certctl::OptionType::text, "hello", false, false, "", "what is logged at each event"},
};

class Good : public certctl::Hook {
 public:
  Good(const certctl::Options& options, certctl::Host& host) : options_(options), host_(host) {}
  void on_event(const certctl::Event& event) override {
    host_.log(certctl::LogLevel::info, options_.text("greeting") + " " + event.name);
  }

 private:
  const certctl::Options& options_;
  certctl::Host& host_;
};

}  // namespace

CERTCTL_PLUGIN(certctl::Hook, Good, GOOD_NAME, "1.0", "logs a greeting", kOptions);
