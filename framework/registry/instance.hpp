// An instance of a plugin, and the border on the host's side: each call is fenced.
//
// Threads: an instance serves the thread that made it. Ownership: the instance owns a copy of its options; the host is
// borrowed and must outlive it.
#pragma once

#include <certctl/plugin.hpp>

#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "framework/crypto/error_fence.hpp"
#include "framework/registry/plugin_info.hpp"

namespace certctl::registry {

// `error` as the host reports it: with the plugin's name before the message.
[[nodiscard]] Error name_plugin(const PluginInfo& plugin, Error error);
// What is said when an exception came out of a plugin in spite of the contract. Call it inside of a handler.
[[nodiscard]] Failure escaped_exception(const PluginInfo& plugin) noexcept;

// Makes an instance behind the fence. Throws Failure.
[[nodiscard]] void* create_fenced(const Plugin& plugin, const Options& options, Host& host);
// Never throws.
void destroy_fenced(const Plugin& plugin, void* instance) noexcept;

template <class Api>
class Instance {
 public:
  // Throws Failure: the plugin's own (it refuses its options), or plugin-failed.
  Instance(const Plugin& plugin, Options options, Host& host)
      : plugin_(&plugin), options_(std::make_unique<Options>(std::move(options))), api_(nullptr, Destroy{&plugin}) {
    api_.reset(static_cast<Api*>(create_fenced(plugin, *options_, host)));
  }

  // What the instance can do: supports_…() and other const members. Everything else goes through call().
  [[nodiscard]] const Api* operator->() const noexcept { return api_.get(); }
  [[nodiscard]] const PluginInfo& plugin() const noexcept { return plugin_->info; }

  // instance.call(&StoreApi::put, credential). Returns the value or throws Failure with the plugin's Error, its name
  // before the message. What the plugin leaves in OpenSSL's error queue is taken off.
  template <class Value, class... Parameters, class... Arguments>
  Value call(Result<Value> (Api::*method)(Parameters...) noexcept, Arguments&&... arguments) {
    // Without the noexcept, so that the compiler keeps the handler below: a plugin that breaks its promise was not
    // necessarily compiled with ours.
    Result<Value> (Api::*fallible)(Parameters...) = method;
    const crypto::ErrorFence fence;
    Result<Value> result = [&]() -> Result<Value> {
      try {
        return (api_.get()->*fallible)(std::forward<Arguments>(arguments)...);
      } catch (...) {  // by no type: types of another image need not compare equal
        return escaped_exception(plugin_->info).error();
      }
    }();
    if (!result.ok()) throw Failure(name_plugin(plugin_->info, result.error()));
    return std::move(result).value();
  }

 private:
  struct Destroy {
    const Plugin* plugin;
    void operator()(Api* api) const noexcept { destroy_fenced(*plugin, api); }
  };
  const Plugin* plugin_;  // never unloaded
  std::unique_ptr<Options> options_;
  std::unique_ptr<Api, Destroy> api_;  // last: gone before the options that it borrows
};

}  // namespace certctl::registry
