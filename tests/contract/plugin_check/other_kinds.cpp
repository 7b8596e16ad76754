#include <catch2/catch.hpp>

#include "tests/contract/distributor_suite.hpp"
#include "tests/contract/hook_suite.hpp"
#include "tests/contract/key_suite.hpp"
#include "tests/contract/plugin_check/suites.hpp"
#include "tests/contract/store_suite.hpp"

namespace certctl::plugin_check {
namespace fs = std::filesystem;
namespace {

// Work that leaves a trace in the fixture can be counted: once for each time that it looks different.
class Traces {
 public:
  explicit Traces(const fs::path& place) : place_(place), last_(contract::snapshot_of(place)) {}
  std::size_t count() {
    std::string now = contract::snapshot_of(place_);
    if (now != last_) ++count_;
    last_ = std::move(now);
    return count_;
  }

 private:
  fs::path place_;
  std::string last_;
  std::size_t count_ = 0;
};

// Options of a hook that can't do its work: its files are in no directory, its command fails. Nothing: it has neither.
std::optional<Options> spoiled(const Subject& subject, const fs::path& place) {
  Options options = subject.options({}, place);
  bool any = false;
  for (const std::string& name : subject.path_options(options)) {
    options.set(name, (place / "no such directory" / name).string());
    any = true;
  }
  for (const OptionSpec& spec : subject.info().options) {
    if (spec.type != OptionType::command || !options.has(spec.name)) continue;
    options.set(spec.name, Command{false, {"false"}});
    any = true;
  }
  return any ? std::optional(options) : std::nullopt;
}

bool leaves_traces(const Subject& subject) {
  const contract::Scratch scratch;
  contract::TestHost host;
  const auto hook = subject.make<HookApi>(subject.options({}, scratch.path()), host);
  Traces traces(scratch.path());
  Event event;
  event.name = "delivered";
  event.profile = "one-profile";
  event.at = host.state().now;
  hook->on_event(event).value();
  return traces.count() == 1;
}

}  // namespace

void check_hook(const Subject& checked) {
  contract::HookSubject subject;
  subject.make = checked.maker<HookApi>();
  subject.working = [&](const fs::path& place) { return checked.options({}, place); };
  const contract::Scratch probe;
  if (spoiled(checked, probe.path()))
    subject.failing = [&](const fs::path& place) { return spoiled(checked, place).value_or(Options()); };
  static const bool traced = leaves_traces(checked);
  std::unique_ptr<Traces> traces;
  if (traced)
    subject.done = [&](const fs::path& place) {
      if (!traces) traces = std::make_unique<Traces>(place);
      return traces->count();
    };
  contract::hook_suite(subject);
}

void check_store(const Subject& checked) {
  contract::StoreSubject subject;
  subject.make = checked.maker<StoreApi>();
  subject.options = [&](const fs::path& place) { return checked.options({}, place); };
  contract::store_suite(subject);
}

void check_key_provider(const Subject& checked) {
  checked.reset_fixture();
  contract::KeySubject subject;
  subject.make = checked.maker<KeyProviderApi>();
  subject.options = checked.options();
  subject.name = checked.info().name;
  contract::TestHost host;
  const auto provider = checked.make<KeyProviderApi>(checked.options(), host);
  for (const KeySpec& spec : {KeySpec{}, KeySpec{KeyType::ec, 0, "P-256"}, KeySpec{KeyType::ec, 0, "P-384"}})
    if (provider->generate(spec).ok()) subject.can.push_back(spec);
  subject.cannot = {KeySpec{KeyType::rsa, 512, ""}, KeySpec{KeyType::ec, 0, "no-such-curve"}};
  subject.unreadable = {
      KeyRef{subject.name, "no such key", {}},
      KeyRef{subject.name, {}, Secret("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")}};
  contract::key_suite(subject);
}

}  // namespace certctl::plugin_check
