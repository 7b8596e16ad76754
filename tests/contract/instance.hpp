// Plugins that are linked into a test program, made the way the registry makes them: by their descriptor.
#pragma once

#include <certctl/plugin.hpp>

#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace certctl::contract {

template <class Api>
struct KindOfApi;
template <>
struct KindOfApi<EnrollerApi> {
  static constexpr certctl_kind number = CERTCTL_KIND_ENROLLER;
};
template <>
struct KindOfApi<StoreApi> {
  static constexpr certctl_kind number = CERTCTL_KIND_STORE;
};
template <>
struct KindOfApi<KeyProviderApi> {
  static constexpr certctl_kind number = CERTCTL_KIND_KEY_PROVIDER;
};
template <>
struct KindOfApi<DistributorApi> {
  static constexpr certctl_kind number = CERTCTL_KIND_DISTRIBUTOR;
};
template <>
struct KindOfApi<HookApi> {
  static constexpr certctl_kind number = CERTCTL_KIND_HOOK;
};

// The descriptor of a plugin that is linked into this program. Throws std::logic_error when there is none.
const certctl_descriptor& descriptor(certctl_kind kind, std::string_view name);
// The names of the plugins of a kind that are linked into this program.
std::vector<std::string> names(certctl_kind kind);

// What a profile gives to a plugin: the options named, and the defaults of its table for the others. Throws
// std::logic_error for a name that is not in the table, or another type than declared there.
Options options(const certctl_descriptor& of, std::initializer_list<std::pair<std::string, OptionValue>> given);
Options options(certctl_kind kind, std::string_view name,
                std::initializer_list<std::pair<std::string, OptionValue>> given);

// An instance with the options that it was made with. Used like a pointer: instance->inspect(&credential).value().
// The host must outlive it.
template <class Api>
class Made {
 public:
  using Create = std::function<void*(const Options& options, Host& host, Error& error)>;
  // Throws Failure when the plugin refuses its options.
  Made(const Create& create, void (*destroy)(void*), Options options, Host& host)
      : options_(std::make_unique<Options>(std::move(options))), api_(nullptr, destroy) {
    Error error;
    api_.reset(static_cast<Api*>(create(*options_, host, error)));
    if (api_ == nullptr) throw Failure(error);
  }
  Made(const certctl_descriptor& of, Options options, Host& host)
      : Made([&of](const Options& o, Host& h, Error& e) { return of.create(&o, &h, &e); }, of.destroy,
             std::move(options), host) {}
  Api* operator->() const noexcept { return api_.get(); }
  Api& operator*() const noexcept { return *api_; }

 private:
  std::unique_ptr<Options> options_;  // outlives the instance
  std::unique_ptr<Api, void (*)(void*)> api_;
};

// How a conformance suite gets its instances: of a plugin in this program, or of one behind a bridge.
template <class Api>
using Maker = std::function<Made<Api>(Options options, Host& host)>;

template <class Api>
Maker<Api> linked(std::string_view name) {
  const certctl_descriptor& of = descriptor(KindOfApi<Api>::number, name);
  return [&of](Options options, Host& host) { return Made<Api>(of, std::move(options), host); };
}

template <class Api>
Made<Api> instance(std::string_view name, Options options, Host& host) {
  return Made<Api>(descriptor(KindOfApi<Api>::number, name), std::move(options), host);
}
// With the defaults of the plugin's table for what is not given.
template <class Api>
Made<Api> instance(std::string_view name, std::initializer_list<std::pair<std::string, OptionValue>> given,
                   Host& host) {
  return instance<Api>(name, options(KindOfApi<Api>::number, name, given), host);
}

}  // namespace certctl::contract
