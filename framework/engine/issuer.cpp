#include "framework/engine/issuer.hpp"

#include "framework/engine/engine_host.hpp"

namespace certctl::engine {

TrustAnchors fetch_trust_anchors(const Context& context, const config::Profile& profile) {
  EngineHost host(context, profile.name, nullptr, "enroller", [&] { return context.now() >= context.build_date; });
  auto enroller = context.registry->make<EnrollerApi>(profile.issuer.plugin, profile.issuer.options, host);
  return enroller.call(&EnrollerApi::fetch_trust_anchors, host);
}

}  // namespace certctl::engine
