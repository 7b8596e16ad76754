// Built against headers that somebody edited: its members are not noexcept, and exceptions come out of them. The layout
// is the same, so the host cannot know before.
#include <certctl/abi.h>
#include <certctl/distributor.hpp>
#include <certctl/enroller.hpp>
#include <certctl/hook.hpp>
#include <certctl/key_provider.hpp>
#include <certctl/store.hpp>

#include <iterator>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#ifdef __clang__
#pragma clang diagnostic ignored "-Wkeyword-macro"
#endif
#define noexcept
#include <certctl/plugin.hpp>
#undef noexcept

namespace {

class Lying : public certctl::HookApi {
 public:
  [[nodiscard]] bool supports_veto() const override { return true; }
  certctl::Result<void> on_event(const certctl::Event& event) override {
    if (event.name == "failed") throw std::runtime_error("out of the plugin");
    throw 42;
  }
  certctl::Result<std::string> veto(const certctl::Event&) override { return std::string("still alive"); }
};

void* create(const void* options, void*, void*) {
  if (static_cast<const certctl::Options*>(options)->has("throw")) throw std::runtime_error("out of create");
  return static_cast<certctl::HookApi*>(std::make_unique<Lying>().release());
}
void destroy(void* instance) {
  delete static_cast<certctl::HookApi*>(instance);
  throw std::runtime_error("out of destroy");
}

}  // namespace

extern "C" __attribute__((visibility("default"))) const certctl_descriptor certctl_plugin_v1
    __attribute__((section("certctl_plugin"), used, aligned(8))) = {
        CERTCTL_MAGIC,
        sizeof(certctl_descriptor),
        CERTCTL_KIND_HOOK,
        {CERTCTL_CONTRACT_REVISION, _GLIBCXX_USE_CXX11_ABI, sizeof(void*), 0},
        "lying",
        "1.0",
        "throws out of everything",
        nullptr,
        0,
        &create,
        &destroy};
