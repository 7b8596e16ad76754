// Keeps to the contract's types and does everything else wrong, as its option `how` says. The host must contain it.
#include <certctl/plugin.hpp>

#include <openssl/err.h>

#include <cstdlib>
#include <stdexcept>

#include "tests/bad_plugins/marker.hpp"

namespace {

constexpr certctl::OptionSpec kOptions[] = {
    {"create", certctl::OptionType::text, "", false, false, "", "what goes wrong when an instance is made"},
    {"call", certctl::OptionType::text, "", false, false, "", "what goes wrong in a call"},
    {"destroy", certctl::OptionType::text, "", false, false, "", "what goes wrong at the end"},
};

struct OddlyThrown {};

void misbehave(const std::string& how) {
  if (how == "failure") throw certctl::Failure::never("odd-option", "does not like its options", "give others");
  if (how == "exception") throw std::runtime_error("something of the standard library");
  if (how == "memory") throw std::bad_alloc();
  if (how == "number") throw 42;
  if (how == "odd") throw OddlyThrown();
  if (how == "nameless") throw certctl::Failure(certctl::Error{});
  if (how == "exit") std::exit(7);
  if (how == "openssl") ERR_raise(ERR_LIB_USER, ERR_R_INTERNAL_ERROR);
}

class Unruly : public certctl::Hook {
 public:
  Unruly(const certctl::Options& options, certctl::Host&) : options_(options) { misbehave(options.text("create")); }
  ~Unruly() override { misbehave_at_the_end(); }
  void on_event(const certctl::Event&) override { misbehave(options_.text("call")); }

 private:
  void misbehave_at_the_end() noexcept {
    if (options_.text("destroy") == "openssl") misbehave("openssl");
  }
  const certctl::Options& options_;
};

// At load, too.
const bool kLeftAtLoad = [] {
  misbehave("openssl");
  return true;
}();

}  // namespace

CERTCTL_PLUGIN(certctl::Hook, Unruly, "unruly", "1.0", "behaves badly on demand", kOptions);
