#include "framework/sdk/exec/call.hpp"
#include "framework/sdk/exec/exec_plugin.hpp"
#include "framework/sys/printable.hpp"
#include "framework/sys/shown_output.hpp"

namespace certctl::exec {
namespace {

constexpr std::size_t kLongestUndo = 1 << 20;
constexpr std::size_t kLongestDetail = 500;

std::vector<std::string> cleaned(std::vector<std::string> lines) {
  for (auto& line : lines) line = sys::shown_start(line, kLongestDetail);
  return lines;
}

Present present_of(const std::string& word) {
  if (word == "this") return Present::this_one;
  if (word == "other") return Present::other;
  if (word == "none") return Present::none;
  if (word == "unreadable") return Present::unreadable;
  if (word == "unknown" || word.empty()) return Present::unknown;
  throw Failure::never("exec-malformed", "the executable says present='" + sys::shown_start(word, 50) + "'",
                       "it is one of this, other, none, unreadable, unknown");
}

class ExecDistributor final : public DistributorApi {
 public:
  ExecDistributor(std::shared_ptr<const ExecPlugin> plugin, const Options& options, Host& host)
      : plugin_(std::move(plugin)), options_(options), host_(host) {}

  [[nodiscard]] bool supports_reload() const noexcept override { return plugin_->has_power("reload"); }
  [[nodiscard]] bool supports_verify() const noexcept override { return plugin_->has_power("verify"); }

  Result<Inspection> inspect(const Credential* credential) noexcept override {
    return guarded([&] {
      Call call(*plugin_, options_, host_, "inspect", CallKind::looks);
      call.input().add_flag("credential", credential != nullptr);
      if (credential != nullptr) call.add_credential(*credential, false);
      call.run();
      Lines& said = call.output();
      Inspection inspection;
      inspection.resources = said.all("resource");
      inspection.values = said.all("value");
      inspection.output_files = said.all("output_file");
      inspection.present = present_of(said.text("present"));
      inspection.serial = sys::printable_start(said.text("serial"), 100);
      inspection.detail = sys::shown_start(said.text("detail"), kLongestDetail);
      inspection.diff = cleaned(said.all("diff"));
      inspection.disturbance = sys::shown_start(said.text("disturbance"), 50);
      said.reject_rest();
      return inspection;
    });
  }

  Result<Secret> prepare(const Credential& credential, const Credential* previous) noexcept override {
    return guarded([&] {
      Call call(*plugin_, options_, host_, "prepare", CallKind::works);
      call.add_credential(credential, true);
      call.input().add_flag("previous", previous != nullptr);
      if (previous != nullptr) call.add_credential(*previous, true, "previous_");
      call.run();
      call.output().reject_rest();
      return Secret(call.out_file("undo", kLongestUndo).value_or(std::string()));
    });
  }

  Result<InstallReport> install(const Credential& credential, const Secret& undo_token) noexcept override {
    return guarded([&] {
      Call call(*plugin_, options_, host_, "install", CallKind::works);
      call.add_credential(credential, true);
      call.add_file("undo_file", "undo", undo_token.reveal());
      call.run();
      InstallReport report;
      report.changed = call.output().flag("changed", true);
      report.warnings = cleaned(call.output().all("warning"));
      call.output().reject_rest();
      return report;
    });
  }

  Result<void> undo(const Secret& undo_token) noexcept override {
    return guarded([&] {
      Call call(*plugin_, options_, host_, "undo", CallKind::works);
      call.add_file("undo_file", "undo", undo_token.reveal());
      if (call.run(false, true) == Call::End::rejected) {
        throw Failure(call.reason("undo-impossible", RetryClass::never));
      }
      call.output().reject_rest();
    });
  }

  Result<std::string> reload_key() noexcept override {
    return guarded([&] {
      require("reload");
      Call call(*plugin_, options_, host_, "reload_key", CallKind::looks);
      call.run();
      const std::string key = call.output().text("key");
      call.output().reject_rest();
      // Without a key of its own a reload is shared with nobody.
      return key.empty() ? "exec:" + plugin_->path() + ":" + host_.profile() : key;
    });
  }

  Result<void> reload() noexcept override {
    return guarded([&] {
      require("reload");
      Call call(*plugin_, options_, host_, "reload", CallKind::works);
      call.run();
      call.output().reject_rest();
    });
  }

  Result<Served> verify(const Credential& expected) noexcept override {
    return guarded([&] {
      require("verify");
      Call call(*plugin_, options_, host_, "verify", CallKind::looks);
      call.add_credential(expected, false);
      call.run();
      Lines& said = call.output();
      Served served;
      served.known = said.flag("known", false);
      served.fingerprint = said.text("fingerprint");
      served.chain_fingerprints = said.all("chain_fingerprint");
      served.detail = sys::shown_start(said.text("detail"), kLongestDetail);
      said.reject_rest();
      return served;
    });
  }

 private:
  void require(const char* power) const {
    if (!plugin_->has_power(power))
      throw Failure::never("unsupported", std::string("this plugin does not offer: ") + power);
  }

  std::shared_ptr<const ExecPlugin> plugin_;
  const Options& options_;
  Host& host_;
};

}  // namespace

std::unique_ptr<DistributorApi> make_distributor(std::shared_ptr<const ExecPlugin> plugin, const Options& options,
                                                 Host& host) {
  return std::make_unique<ExecDistributor>(std::move(plugin), options, host);
}

}  // namespace certctl::exec
