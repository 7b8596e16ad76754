// Key provider "file": keys are PEM text. The plugin makes and reads the text; the engine and the store write it to
// files, so that it has no options and touches no file itself.
#include "framework/crypto/key.hpp"

#include <certctl/plugin.hpp>

#include <array>

namespace {

using certctl::crypto::Key;
using certctl::crypto::PublicKeyType;

constexpr std::string_view kName = "file";
constexpr int kMinLoadedBits = 1024;
constexpr int kMinSafeBits = 2048;

constexpr std::array<certctl::OptionSpec, 0> kOptions{};

class FileKeys final : public certctl::KeyProvider {
 public:
  FileKeys(const certctl::Options& /*options*/, certctl::Host& host) : host_(host) {}

  certctl::KeyRef generate(const certctl::KeySpec& spec) override {
    return {std::string(kName), {}, Key::generate(spec).to_pem_pkcs8()};
  }

  certctl::KeyHandle load(const certctl::KeyRef& reference) override {
    if (!reference.exportable())
      throw certctl::Failure::never("key-unreadable", "the key provider 'file' was given a key without its text",
                                    "the key belongs to the provider '" + reference.provider + "'");
    const Key key = Key::from_pem(reference.pem);
    check(key);
    return key.handle();
  }

 private:
  void check(const Key& key) {
    const std::string hint = "use an RSA key of 2048 bits or more, or an EC key on P-256, P-384 or P-521";
    if (key.type() == PublicKeyType::other)
      throw certctl::Failure::never("key-unsupported", "keys of type " + key.description() + " are not supported",
                                    hint);
    if (key.type() == PublicKeyType::rsa && key.bits() < kMinLoadedBits)
      throw certctl::Failure::never("key-unsupported", "a key of type " + key.description() + " is too short", hint);
    if (key.type() == PublicKeyType::rsa && key.bits() < kMinSafeBits)
      host_.log(certctl::LogLevel::warning, "the key in use is " + key.description() + ": too short to be safe; " +
                                                "`certctl renew --rekey` makes a new one");
  }

  certctl::Host& host_;
};

}  // namespace

CERTCTL_PLUGIN(certctl::KeyProvider, FileKeys, "file", "1.0", "private keys as PEM text in the store's files",
               kOptions);
