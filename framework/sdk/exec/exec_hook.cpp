#include "framework/sdk/exec/call.hpp"
#include "framework/sdk/exec/exec_plugin.hpp"
#include "framework/sys/clock.hpp"

namespace certctl::exec {
namespace {

class ExecHook final : public HookApi {
 public:
  ExecHook(std::shared_ptr<const ExecPlugin> plugin, const Options& options, Host& host)
      : plugin_(std::move(plugin)), options_(options), host_(host) {}

  [[nodiscard]] bool supports_veto() const noexcept override { return plugin_->has_power("veto"); }

  Result<void> on_event(const Event& event) noexcept override {
    return guarded([&] {
      Call call(*plugin_, options_, host_, "event", CallKind::works);
      tell(call, event);
      call.run();
      call.output().reject_rest();
    });
  }

  Result<std::string> veto(const Event& event) noexcept override {
    return guarded([&] {
      if (!supports_veto()) throw Failure::never("unsupported", "this plugin does not offer: a veto");
      Call call(*plugin_, options_, host_, "veto", CallKind::works);
      tell(call, event);
      if (call.run(false, true) == Call::End::rejected) return call.reason("vetoed", RetryClass::later).message;
      call.output().reject_rest();
      return std::string();
    });
  }

 private:
  static void tell(Call& call, const Event& event) {
    LineWriter& input = call.input();
    input.add("event", event.name);
    input.add("at", sys::text_time(event.at));
    input.add("message", event.message);
    input.add("code", event.code);
    input.add("hint", event.hint);
    for (const auto& [name, value] : event.facts) {
      // What is no key of this protocol can't be told.
      const bool key = name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.") == std::string::npos;
      if (key) input.add("fact." + name, value);
    }
    input.add_flag("credential", event.credential != nullptr);
    if (event.credential != nullptr) call.add_credential(*event.credential, false);
  }

  std::shared_ptr<const ExecPlugin> plugin_;
  const Options& options_;
  Host& host_;
};

}  // namespace

std::unique_ptr<HookApi> make_hook(std::shared_ptr<const ExecPlugin> plugin, const Options& options, Host& host) {
  return std::make_unique<ExecHook>(std::move(plugin), options, host);
}

}  // namespace certctl::exec
