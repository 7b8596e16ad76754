// The five kinds of plugins, and how files, messages and contract types name them.
#pragma once

#include <certctl/plugin.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace certctl::registry {

enum class Kind : std::uint32_t {
  enroller = CERTCTL_KIND_ENROLLER,
  store = CERTCTL_KIND_STORE,
  key_provider = CERTCTL_KIND_KEY_PROVIDER,
  distributor = CERTCTL_KIND_DISTRIBUTOR,
  hook = CERTCTL_KIND_HOOK,
};

inline constexpr std::array kAllKinds = {Kind::enroller, Kind::store, Kind::key_provider, Kind::distributor,
                                         Kind::hook};

// The first part of a plugin's file name: enroller, store, key, distributor, hook.
[[nodiscard]] std::string_view file_word(Kind kind) noexcept;
// For people: "key provider".
[[nodiscard]] std::string_view title(Kind kind) noexcept;
// The kind of a number in a descriptor; nothing when there is none.
[[nodiscard]] std::optional<Kind> kind_of_number(std::uint32_t number) noexcept;

// The kind behind an interface of the contract.
template <class Api>
struct KindOfApi;
template <>
struct KindOfApi<EnrollerApi> {
  static constexpr Kind value = Kind::enroller;
};
template <>
struct KindOfApi<StoreApi> {
  static constexpr Kind value = Kind::store;
};
template <>
struct KindOfApi<KeyProviderApi> {
  static constexpr Kind value = Kind::key_provider;
};
template <>
struct KindOfApi<DistributorApi> {
  static constexpr Kind value = Kind::distributor;
};
template <>
struct KindOfApi<HookApi> {
  static constexpr Kind value = Kind::hook;
};

}  // namespace certctl::registry
