#include "framework/engine/lint.hpp"

#include "framework/config/lint.hpp"
#include "framework/engine/engine_host.hpp"

namespace certctl::engine {
namespace {

EngineHost quiet_host(const Context& context, const config::Profile& profile) {
  return EngineHost(context, profile.name, nullptr, "lint", [] { return true; });
}

// Makes a plugin with its options; its constructor judges them.
std::optional<Error> judge(const Context& context, config::PluginKind kind, const config::PluginUse& use,
                           const config::Profile& profile) {
  try {
    EngineHost host = quiet_host(context, profile);
    registry::Registry& registry = *context.registry;
    switch (kind) {
      case config::PluginKind::enroller: (void)registry.make<EnrollerApi>(use.plugin, use.options, host); break;
      case config::PluginKind::store: (void)registry.make<StoreApi>(use.plugin, use.options, host); break;
      case config::PluginKind::key_provider: (void)registry.make<KeyProviderApi>(use.plugin, use.options, host); break;
      case config::PluginKind::distributor: (void)registry.make<DistributorApi>(use.plugin, use.options, host); break;
      case config::PluginKind::hook: (void)registry.make<HookApi>(use.plugin, use.options, host); break;
    }
    return std::nullopt;
  } catch (const Failure& failure) {
    return failure.error();
  }
}

}  // namespace

std::vector<config::Diagnostic> conflicts(const Context& context, const std::vector<config::Profile>& profiles) {
  std::vector<config::TargetClaim> targets;
  std::vector<config::StoreClaim> stores;
  for (const auto& profile : profiles) {
    EngineHost host = quiet_host(context, profile);
    try {
      auto store = context.registry->make<StoreApi>(profile.store.plugin, profile.store.options, host);
      stores.push_back(
          {profile.name, profile.store.mark, profile.store.plugin + ":" + store.call(&StoreApi::location)});
    } catch (const Failure&) {
      // The plugin's own words are a finding of their own.
    }
    for (const auto& target : profile.targets) {
      config::TargetClaim claim;
      claim.profile = profile.name;
      claim.target = target.name;
      claim.mark = target.plugin.mark;
      claim.reload_configured = !target.reload.empty();
      claim.restart_configured = !target.restart.empty();
      claim.verified = !target.verify.empty();
      try {
        auto instance = context.registry->make<DistributorApi>(target.plugin.plugin, target.plugin.options, host);
        claim.inspection = instance.call(&DistributorApi::inspect, static_cast<const Credential*>(nullptr));
        claim.reloads_itself = instance->supports_reload();
        claim.verified = claim.verified || instance->supports_verify();
      } catch (const Failure&) {
        continue;
      }
      targets.push_back(std::move(claim));
    }
  }
  return config::lint_claims(targets, stores);
}

std::vector<config::Diagnostic> lint(const Context& context, const config::Loaded& loaded) {
  std::vector<config::Diagnostic> found = loaded.diagnostics;
  const auto add = [&](std::vector<config::Diagnostic> more) { found.insert(found.end(), more.begin(), more.end()); };
  add(config::lint(loaded, [&](config::PluginKind kind, const config::PluginUse& use, const config::Profile& profile) {
    return judge(context, kind, use, profile);
  }));
  add(conflicts(context, loaded.profiles));
  config::sort_and_unify(found);
  return found;
}

}  // namespace certctl::engine
