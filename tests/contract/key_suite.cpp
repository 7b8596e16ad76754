#include "tests/contract/key_suite.hpp"

#include <catch2/catch.hpp>

#include "framework/crypto/certificate.hpp"
#include "framework/crypto/csr.hpp"
#include "tests/contract/test_host.hpp"

namespace certctl::contract {
namespace {

std::string described(const KeySpec& spec) {
  return spec.type == KeyType::rsa ? "rsa " + std::to_string(spec.bits) : "ec " + spec.curve;
}

// Signs with the key, and verifies with its public half.
void check_signs(const crypto::Key& key) {
  const Bytes der = crypto::build_csr({{{"CN", "test", false}}, {}, {}, {}}, key, {});
  const crypto::Csr csr = crypto::Csr::from_der(der);
  CHECK(csr.verify());
  CHECK(csr.public_key().same_public_key(key));
}

}  // namespace

void key_suite(const KeySubject& subject) {
  TestHost host;
  const Made<KeyProviderApi> provider = subject.make(subject.options, host);
  REQUIRE_FALSE(subject.can.empty());
  REQUIRE_FALSE(subject.cannot.empty());
  REQUIRE_FALSE(subject.unreadable.empty());

  SECTION("a key that was made is what was asked for, and signs") {
    for (const KeySpec& spec : subject.can) {
      INFO(described(spec));
      const KeyRef reference = provider->generate(spec).value();
      CHECK(reference.provider == subject.name);
      CHECK((reference.exportable() || !reference.reference.empty()));
      const KeyHandle handle = provider->load(reference).value();
      REQUIRE(handle);
      const crypto::Key key = crypto::Key::from_borrowed(handle.get());
      CHECK(key.description() == described(spec));
      check_signs(key);
      if (reference.exportable()) CHECK(crypto::Key::from_pem(reference.pem).same_public_key(key));
    }
  }

  SECTION("each key is another one") {
    const KeyRef one = provider->generate(subject.can.front()).value();
    const KeyRef two = provider->generate(subject.can.front()).value();
    const KeyHandle first = provider->load(one).value();
    const KeyHandle second = provider->load(two).value();
    CHECK_FALSE(crypto::Key::from_borrowed(first.get()).same_public_key(crypto::Key::from_borrowed(second.get())));
  }

  SECTION("a later run opens the same key, and a handle outlives the instance that gave it") {
    const KeyRef reference = provider->generate(subject.can.front()).value();
    const KeyHandle now = provider->load(reference).value();
    KeyHandle later;
    {
      TestHost other_host;
      const Made<KeyProviderApi> other = subject.make(subject.options, other_host);
      later = other->load(reference).value();
    }
    const crypto::Key key = crypto::Key::from_borrowed(later.get());
    CHECK(key.same_public_key(crypto::Key::from_borrowed(now.get())));
    check_signs(key);
  }

  SECTION("what it cannot make it refuses for good") {
    for (const KeySpec& spec : subject.cannot) {
      INFO(described(spec));
      const auto made = provider->generate(spec);
      CHECK(code_of(made) == "key-unsupported");
      if (!made.ok()) CHECK(made.error().retry == RetryClass::never);
    }
  }

  SECTION("what names no key is unreadable, and the words quote nothing") {
    for (const KeyRef& reference : subject.unreadable) {
      const auto loaded = provider->load(reference);
      CHECK(code_of(loaded) == "key-unreadable");
      if (!loaded.ok() && reference.pem.reveal().size() > 8) {
        CHECK(loaded.error().message.find(reference.pem.reveal()) == std::string::npos);
      }
    }
  }

  SECTION("a destroyed key is gone; a provider that can't destroy says so") {
    const KeyRef reference = provider->generate(subject.can.front()).value();
    if (provider->supports_destroy()) {
      provider->destroy(reference).value();
      CHECK(code_of(provider->load(reference)) == "key-unreadable");
    } else {
      CHECK(code_of(provider->destroy(reference)) == "unsupported");
      CHECK(provider->load(reference).ok());
    }
  }

  SECTION("a provider that can't attest says so") {
    const KeyRef reference = provider->generate(subject.can.front()).value();
    const auto attested = provider->attest(reference, Bytes{1, 2, 3});
    if (provider->supports_attest()) {
      CHECK(attested.ok());
    } else {
      CHECK(code_of(attested) == "unsupported");
    }
  }

  for (const auto& [level, line] : host.state().log) check_no_secret(line);
}

}  // namespace certctl::contract
