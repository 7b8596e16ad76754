// A target of a profile over its distributor plugin: adds the engine's keys (name, reload, on_failure, time limits).
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
  std::optional<Served> verify(const Credential& expected) override;
  // Whether the distributor can ask the service.
  [[nodiscard]] bool verifies();

 private:
  const config::Target& target_;
  std::unique_ptr<EngineHost> host_;  // before the instance that borrows it
  registry::Instance<DistributorApi> instance_;
};

}  // namespace certctl::engine
