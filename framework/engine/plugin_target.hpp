// A target of a profile over its distributor plugin: adds the engine's keys (name, reload, restart, verify,
// on_failure, time limits).
#pragma once

#include <certctl/plugin.hpp>

#include <memory>
#include <string>

#include "framework/config/profile.hpp"
#include "framework/engine/delivery.hpp"
#include "framework/engine/engine_host.hpp"
#include "framework/registry/registry.hpp"

namespace certctl::engine {

class PluginTarget final : public TargetPort {
 public:
  PluginTarget(const config::Target& target, std::unique_ptr<EngineHost> host,
               registry::Instance<DistributorApi> instance)
      : target_(target), host_(std::move(host)), instance_(std::move(instance)) {}

  [[nodiscard]] const std::string& name() const override { return target_.name; }
  [[nodiscard]] config::OnFailure on_failure() const override { return target_.on_failure; }
  Inspection inspect(const Credential* credential) override;
  Secret prepare(const Credential& credential, const Credential* previous) override;
  InstallReport install(const Credential& credential, const Secret& undo_token) override;
  void undo(const Secret& undo_token) override;
  [[nodiscard]] std::vector<ReloadAction> reloads(const Credential& credential) override;
  [[nodiscard]] std::optional<ReloadAction> restart(const Credential& credential) override;
  // What the distributor says and what the profile's probes see: all must agree, the first that does not is returned.
  std::optional<Served> verify(const Credential& expected) override;
  [[nodiscard]] std::chrono::milliseconds verify_timeout() const override { return target_.verify_timeout; }

 private:
  [[nodiscard]] ReloadAction command_action(const char* what, const Command& command, const Credential& credential);

  const config::Target& target_;
  std::unique_ptr<EngineHost> host_;  // before the instance that borrows it
  registry::Instance<DistributorApi> instance_;
};

}  // namespace certctl::engine
