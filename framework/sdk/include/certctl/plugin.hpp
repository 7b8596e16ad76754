// What turns an author's class into a plugin: the interfaces that cross the border, the guard around every call, and
// CERTCTL_PLUGIN. An author writes
//
//   class Settings : public certctl::Distributor, public certctl::Verifies { public: Settings(const certctl::Options&,
//   certctl::Host&); … }; CERTCTL_PLUGIN(certctl::Distributor, Settings, "settings", "1.0", "puts PEM values into a
//   settings file", kOptions)
//
// The interfaces named …Api are for the host only. Their members are noexcept and return Result; exceptions stay in the
// image that threw them.
#pragma once

#include <certctl/abi.h>
#include <certctl/distributor.hpp>
#include <certctl/enroller.hpp>
#include <certctl/hook.hpp>
#include <certctl/key_provider.hpp>
#include <certctl/options.hpp>
#include <certctl/store.hpp>

#include <cstddef>
#include <iterator>
#include <memory>
#include <new>
#include <string>
#include <type_traits>
#include <utility>

#ifndef CERTCTL_OPENSSL_MAJOR
#define CERTCTL_OPENSSL_MAJOR 0
#endif

namespace certctl {

// Runs `body`; whatever it throws becomes an Error. Compiled into each image.
template <class Body>
auto guarded(Body&& body) noexcept -> Result<std::decay_t<decltype(body())>> {
  using Value = std::decay_t<decltype(body())>;
  try {
    if constexpr (std::is_void_v<Value>) {
      body();
      return {};
    } else {
      return body();
    }
  } catch (const Failure& failure) {
    return failure.error();
  } catch (const std::bad_alloc&) {
    return Error{"out-of-memory", "out of memory", "", RetryClass::later, std::chrono::seconds{0}};
  } catch (const std::exception& exception) {
    return Error{"plugin-failed", std::string("unexpected failure: ") + exception.what(),
                 "this is a defect of the plugin; report it to its author", RetryClass::later, std::chrono::seconds{0}};
  } catch (...) {
    return Error{"plugin-failed", "unexpected failure of an unknown type",
                 "this is a defect of the plugin; report it to its author", RetryClass::later, std::chrono::seconds{0}};
  }
}

// --- interfaces that cross the border --------------------------------------------------------------------------------
// Optional powers answer supports_…(); calling one that is not supported gives the Error "unsupported".

enum class EnrollerPower : int {
  trust_anchors,
  next_anchors,
  certificate,
  crl,
  revoke,
  renewal_window,
};

class EnrollerApi {
 public:
  virtual ~EnrollerApi() = default;
  [[nodiscard]] virtual bool supports(EnrollerPower power) const noexcept = 0;
  virtual Result<EnrollOutcome> enroll(const EnrollRequest& request, EnrollHost& host) noexcept = 0;
  virtual Result<EnrollOutcome> resume(const EnrollRequest& request, const std::string& token, ResumeReason reason,
                                       EnrollHost& host) noexcept = 0;
  virtual Result<TrustAnchors> fetch_trust_anchors(const std::vector<std::string>& vouched_pem,
                                                   Host& host) noexcept = 0;
  virtual Result<std::vector<std::string>> fetch_next_anchors(const std::vector<std::string>& current_ca_set_pem,
                                                              const std::vector<std::string>& vouched_pem,
                                                              Host& host) noexcept = 0;
  virtual Result<std::string> fetch_certificate(const std::string& serial, const EnrollRequest& request,
                                                Host& host) noexcept = 0;
  virtual Result<Bytes> fetch_crl(const EnrollRequest& request, Host& host) noexcept = 0;
  virtual Result<void> revoke(const EnrollRequest& request, int reason, Host& host) noexcept = 0;
  virtual Result<RenewalWindow> renewal_window(const Credential& current, Host& host) noexcept = 0;
};

class StoreApi {
 public:
  virtual ~StoreApi() = default;
  [[nodiscard]] virtual bool supports_adopt() const noexcept = 0;
  virtual Result<std::string> location() noexcept = 0;
  virtual Result<int> put(const Credential& credential) noexcept = 0;
  virtual Result<void> activate(int generation) noexcept = 0;
  virtual Result<std::optional<Generation>> active() noexcept = 0;
  virtual Result<std::vector<Generation>> list() noexcept = 0;
  virtual Result<Credential> read(int generation) noexcept = 0;
  virtual Result<std::vector<int>> prune(int keep, const std::vector<int>& needed) noexcept = 0;
  virtual Result<std::optional<int>> adopt() noexcept = 0;
};

class KeyProviderApi {
 public:
  virtual ~KeyProviderApi() = default;
  [[nodiscard]] virtual bool supports_destroy() const noexcept = 0;
  [[nodiscard]] virtual bool supports_attest() const noexcept = 0;
  virtual Result<KeyRef> generate(const KeySpec& spec) noexcept = 0;
  virtual Result<KeyHandle> load(const KeyRef& reference) noexcept = 0;
  virtual Result<void> destroy(const KeyRef& reference) noexcept = 0;
  virtual Result<Bytes> attest(const KeyRef& reference, const Bytes& challenge) noexcept = 0;
};

class DistributorApi {
 public:
  virtual ~DistributorApi() = default;
  [[nodiscard]] virtual bool supports_reload() const noexcept = 0;
  [[nodiscard]] virtual bool supports_verify() const noexcept = 0;
  virtual Result<Inspection> inspect(const Credential* credential) noexcept = 0;
  virtual Result<Secret> prepare(const Credential& credential, const Credential* previous) noexcept = 0;
  virtual Result<InstallReport> install(const Credential& credential, const Secret& undo_token) noexcept = 0;
  virtual Result<void> undo(const Secret& undo_token) noexcept = 0;
  virtual Result<std::string> reload_key() noexcept = 0;
  virtual Result<void> reload() noexcept = 0;
  virtual Result<Served> verify(const Credential& expected) noexcept = 0;
};

class HookApi {
 public:
  virtual ~HookApi() = default;
  [[nodiscard]] virtual bool supports_veto() const noexcept = 0;
  virtual Result<void> on_event(const Event& event) noexcept = 0;
  virtual Result<std::string> veto(const Event& event) noexcept = 0;
};

// --- adaptors: an author's class behind the border
// --------------------------------------------------------------------
namespace adaptor {

// Calls a member of an optional power, or says that the author's class does not have it.
template <class Power, class Value, class Author, class Body>
Result<Value> optional_power(Author& author, const char* what, Body&& body) noexcept {
  if constexpr (std::is_base_of_v<Power, Author>) {
    return guarded([&] { return body(static_cast<Power&>(author)); });
  } else {
    (void)author;
    (void)body;
    return guarded(
        [&]() -> Value { throw Failure::never("unsupported", std::string("this plugin does not offer: ") + what); });
  }
}

template <class Author>
class EnrollerAdaptor final : public EnrollerApi {
 public:
  EnrollerAdaptor(const Options& options, Host& host) : author_(options, host) {}
  [[nodiscard]] bool supports(EnrollerPower power) const noexcept override {
    switch (power) {
      case EnrollerPower::trust_anchors: return std::is_base_of_v<FetchesTrustAnchors, Author>;
      case EnrollerPower::next_anchors: return std::is_base_of_v<FetchesNextAnchors, Author>;
      case EnrollerPower::certificate: return std::is_base_of_v<FetchesCertificate, Author>;
      case EnrollerPower::crl: return std::is_base_of_v<FetchesCrl, Author>;
      case EnrollerPower::revoke: return std::is_base_of_v<Revokes, Author>;
      case EnrollerPower::renewal_window: return std::is_base_of_v<SuggestsRenewalWindow, Author>;
    }
    return false;
  }
  Result<EnrollOutcome> enroll(const EnrollRequest& request, EnrollHost& host) noexcept override {
    return guarded([&] { return author_.enroll(request, host); });
  }
  Result<EnrollOutcome> resume(const EnrollRequest& request, const std::string& token, ResumeReason reason,
                               EnrollHost& host) noexcept override {
    return guarded([&] { return author_.resume(request, token, reason, host); });
  }
  Result<TrustAnchors> fetch_trust_anchors(const std::vector<std::string>& vouched, Host& host) noexcept override {
    return optional_power<FetchesTrustAnchors, TrustAnchors>(
        author_, "trust anchors", [&](auto& p) { return p.fetch_trust_anchors(vouched, host); });
  }
  Result<std::vector<std::string>> fetch_next_anchors(const std::vector<std::string>& current,
                                                      const std::vector<std::string>& vouched,
                                                      Host& host) noexcept override {
    return optional_power<FetchesNextAnchors, std::vector<std::string>>(
        author_, "next trust anchors", [&](auto& p) { return p.fetch_next_anchors(current, vouched, host); });
  }
  Result<std::string> fetch_certificate(const std::string& serial, const EnrollRequest& request,
                                        Host& host) noexcept override {
    return optional_power<FetchesCertificate, std::string>(
        author_, "fetching a certificate", [&](auto& p) { return p.fetch_certificate(serial, request, host); });
  }
  Result<Bytes> fetch_crl(const EnrollRequest& request, Host& host) noexcept override {
    return optional_power<FetchesCrl, Bytes>(author_, "fetching a CRL",
                                             [&](auto& p) { return p.fetch_crl(request, host); });
  }
  Result<void> revoke(const EnrollRequest& request, int reason, Host& host) noexcept override {
    return optional_power<Revokes, void>(author_, "revocation", [&](auto& p) { p.revoke(request, reason, host); });
  }
  Result<RenewalWindow> renewal_window(const Credential& current, Host& host) noexcept override {
    return optional_power<SuggestsRenewalWindow, RenewalWindow>(
        author_, "a renewal window", [&](auto& p) { return p.renewal_window(current, host); });
  }

 private:
  Author author_;
};

template <class Author>
class StoreAdaptor final : public StoreApi {
 public:
  StoreAdaptor(const Options& options, Host& host) : author_(options, host) {}
  [[nodiscard]] bool supports_adopt() const noexcept override { return std::is_base_of_v<Adopts, Author>; }
  Result<std::string> location() noexcept override {
    return guarded([&] { return author_.location(); });
  }
  Result<int> put(const Credential& credential) noexcept override {
    return guarded([&] { return author_.put(credential); });
  }
  Result<void> activate(int generation) noexcept override {
    return guarded([&] { author_.activate(generation); });
  }
  Result<std::optional<Generation>> active() noexcept override {
    return guarded([&] { return author_.active(); });
  }
  Result<std::vector<Generation>> list() noexcept override {
    return guarded([&] { return author_.list(); });
  }
  Result<Credential> read(int generation) noexcept override {
    return guarded([&] { return author_.read(generation); });
  }
  Result<std::vector<int>> prune(int keep, const std::vector<int>& needed) noexcept override {
    return guarded([&] { return author_.prune(keep, needed); });
  }
  Result<std::optional<int>> adopt() noexcept override {
    return optional_power<Adopts, std::optional<int>>(author_, "adoption", [&](auto& p) { return p.adopt(); });
  }

 private:
  Author author_;
};

template <class Author>
class KeyProviderAdaptor final : public KeyProviderApi {
 public:
  KeyProviderAdaptor(const Options& options, Host& host) : author_(options, host) {}
  [[nodiscard]] bool supports_destroy() const noexcept override { return std::is_base_of_v<DestroysKeys, Author>; }
  [[nodiscard]] bool supports_attest() const noexcept override { return std::is_base_of_v<AttestsKeys, Author>; }
  Result<KeyRef> generate(const KeySpec& spec) noexcept override {
    return guarded([&] { return author_.generate(spec); });
  }
  Result<KeyHandle> load(const KeyRef& reference) noexcept override {
    return guarded([&] { return author_.load(reference); });
  }
  Result<void> destroy(const KeyRef& reference) noexcept override {
    return optional_power<DestroysKeys, void>(author_, "destroying keys", [&](auto& p) { p.destroy(reference); });
  }
  Result<Bytes> attest(const KeyRef& reference, const Bytes& challenge) noexcept override {
    return optional_power<AttestsKeys, Bytes>(author_, "attestation",
                                              [&](auto& p) { return p.attest(reference, challenge); });
  }

 private:
  Author author_;
};

template <class Author>
class DistributorAdaptor final : public DistributorApi {
 public:
  DistributorAdaptor(const Options& options, Host& host) : author_(options, host) {}
  [[nodiscard]] bool supports_reload() const noexcept override { return std::is_base_of_v<Reloads, Author>; }
  [[nodiscard]] bool supports_verify() const noexcept override { return std::is_base_of_v<Verifies, Author>; }
  Result<Inspection> inspect(const Credential* credential) noexcept override {
    return guarded([&] { return author_.inspect(credential); });
  }
  Result<Secret> prepare(const Credential& credential, const Credential* previous) noexcept override {
    return guarded([&] { return author_.prepare(credential, previous); });
  }
  Result<InstallReport> install(const Credential& credential, const Secret& undo_token) noexcept override {
    return guarded([&] { return author_.install(credential, undo_token); });
  }
  Result<void> undo(const Secret& undo_token) noexcept override {
    return guarded([&] { author_.undo(undo_token); });
  }
  Result<std::string> reload_key() noexcept override {
    return optional_power<Reloads, std::string>(author_, "reload", [&](auto& p) { return p.reload_key(); });
  }
  Result<void> reload() noexcept override {
    return optional_power<Reloads, void>(author_, "reload", [&](auto& p) { p.reload(); });
  }
  Result<Served> verify(const Credential& expected) noexcept override {
    return optional_power<Verifies, Served>(author_, "verification", [&](auto& p) { return p.verify(expected); });
  }

 private:
  Author author_;
};

template <class Author>
class HookAdaptor final : public HookApi {
 public:
  HookAdaptor(const Options& options, Host& host) : author_(options, host) {}
  [[nodiscard]] bool supports_veto() const noexcept override { return std::is_base_of_v<Vetoes, Author>; }
  Result<void> on_event(const Event& event) noexcept override {
    return guarded([&] { author_.on_event(event); });
  }
  Result<std::string> veto(const Event& event) noexcept override {
    return optional_power<Vetoes, std::string>(author_, "a veto", [&](auto& p) { return p.veto(event); });
  }

 private:
  Author author_;
};

// Which adaptor, interface and kind number belong to an author's base class.
template <class Kind>
struct KindOf;
template <>
struct KindOf<Enroller> {
  using Api = EnrollerApi;
  template <class Author>
  using Adaptor = EnrollerAdaptor<Author>;
  static constexpr std::uint32_t number = CERTCTL_KIND_ENROLLER;
};
template <>
struct KindOf<Store> {
  using Api = StoreApi;
  template <class Author>
  using Adaptor = StoreAdaptor<Author>;
  static constexpr std::uint32_t number = CERTCTL_KIND_STORE;
};
template <>
struct KindOf<KeyProvider> {
  using Api = KeyProviderApi;
  template <class Author>
  using Adaptor = KeyProviderAdaptor<Author>;
  static constexpr std::uint32_t number = CERTCTL_KIND_KEY_PROVIDER;
};
template <>
struct KindOf<Distributor> {
  using Api = DistributorApi;
  template <class Author>
  using Adaptor = DistributorAdaptor<Author>;
  static constexpr std::uint32_t number = CERTCTL_KIND_DISTRIBUTOR;
};
template <>
struct KindOf<Hook> {
  using Api = HookApi;
  template <class Author>
  using Adaptor = HookAdaptor<Author>;
  static constexpr std::uint32_t number = CERTCTL_KIND_HOOK;
};

template <class Kind, class Author>
void* create(const void* options, void* host, void* error) noexcept {
  using Api = typename KindOf<Kind>::Api;
  using Adaptor = typename KindOf<Kind>::template Adaptor<Author>;
  auto made = guarded([&]() -> Api* {
    return std::make_unique<Adaptor>(*static_cast<const Options*>(options), *static_cast<Host*>(host)).release();
  });
  if (made.ok()) return made.value();
  *static_cast<Error*>(error) = made.error();
  return nullptr;
}

template <class Kind>
void destroy(void* instance) noexcept {
  delete static_cast<typename KindOf<Kind>::Api*>(instance);
}

}  // namespace adaptor
}  // namespace certctl

// Linked statically (CERTCTL_STATIC_PLUGIN), the descriptors of all plugins stand one after the other in the section,
// and the registry walks it; as a module, it is the one symbol that leaves the object.
#ifdef CERTCTL_STATIC_PLUGIN
#define CERTCTL_DESCRIPTOR_LINKAGE static
#else
#define CERTCTL_DESCRIPTOR_LINKAGE extern "C" __attribute__((visibility("default")))
#endif

// A linker that drops what nobody refers to (--gc-sections) would drop descriptors.
#if defined(__has_attribute)
#if __has_attribute(retain)
#define CERTCTL_DESCRIPTOR_KEPT , retain
#endif
#endif
#ifndef CERTCTL_DESCRIPTOR_KEPT
#define CERTCTL_DESCRIPTOR_KEPT
#endif

// KIND: certctl::Enroller, Store, KeyProvider, Distributor or Hook. AUTHOR: a class derived from it, constructible from
// (const certctl::Options&, certctl::Host&). OPTIONS: an array (or std::array) of certctl::OptionSpec with static
// storage.
#define CERTCTL_PLUGIN(KIND, AUTHOR, NAME, VERSION, SUMMARY, OPTIONS)                                \
  CERTCTL_DESCRIPTOR_LINKAGE const certctl_descriptor certctl_plugin_v1                              \
      __attribute__((section("certctl_plugin"), used, aligned(8) CERTCTL_DESCRIPTOR_KEPT)) = {       \
          CERTCTL_MAGIC,                                                                             \
          sizeof(certctl_descriptor),                                                                \
          ::certctl::adaptor::KindOf<KIND>::number,                                                  \
          {CERTCTL_CONTRACT_REVISION, _GLIBCXX_USE_CXX11_ABI, sizeof(void*), CERTCTL_OPENSSL_MAJOR}, \
          NAME,                                                                                      \
          VERSION,                                                                                   \
          SUMMARY,                                                                                   \
          std::data(OPTIONS),                                                                        \
          std::size(OPTIONS),                                                                        \
          &::certctl::adaptor::create<KIND, AUTHOR>,                                                 \
          &::certctl::adaptor::destroy<KIND>}
