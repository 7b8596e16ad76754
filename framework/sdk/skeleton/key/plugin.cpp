// Key provider "EXAMPLE": keys in files of its own, known outside by their names only. What it shows is what certctl
// counts on: a key that was named is durable, a name says nothing of the key, and no word of it gets into an error.
#include <certctl/plugin.hpp>

#include <fcntl.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace {

using namespace certctl;

constexpr OptionSpec kOptions[] = {
    {"directory", OptionType::path, "", true, false, "", "where the keys lie; the directory above it must be there"},
};
constexpr const char* kName = "EXAMPLE";
constexpr std::size_t kNameLength = 32;

struct FreeKey {
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;
struct CloseFile {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

[[noreturn]] void failed(const std::string& what, const std::string& path) {
  throw Failure("key-failed", what + " " + path + ": " + std::strerror(errno),
                "is there room, and may root write there?");
}

// Nobody is there to type a passphrase.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) {
  return -1;
}

Key make_key(const KeySpec& spec) {
  constexpr std::array kCurves{"P-256", "P-384", "P-521"};
  if (spec.type == KeyType::rsa) {
    if (spec.bits < 2048 || spec.bits > 8192)
      throw Failure::never("key-unsupported", "no RSA keys of " + std::to_string(spec.bits) + " bits are made",
                           "choose 2048 to 8192 bits");
    return Key(EVP_RSA_gen(static_cast<unsigned int>(spec.bits)));
  }
  if (std::find(kCurves.begin(), kCurves.end(), spec.curve) == kCurves.end())
    throw Failure::never("key-unsupported", "no keys on the curve '" + spec.curve + "' are made",
                         "choose P-256, P-384 or P-521");
  return Key(EVP_EC_gen(spec.curve.c_str()));
}

class Example final : public KeyProvider, public DestroysKeys {
 public:
  // Judges its options, and touches nothing.
  Example(const Options& options, Host& /*host*/) : directory_(options.text("directory")) {
    if (directory_.empty() || directory_.front() != '/')
      throw Failure::never("bad-option", "`directory` of the key provider EXAMPLE is no absolute path", "write /var/…");
  }

  KeyRef generate(const KeySpec& spec) override {
    const Key key = make_key(spec);
    if (!key) throw Failure("key-failed", "OpenSSL makes no key", "is there memory?");
    if (::mkdir(directory_.c_str(), 0700) != 0 && errno != EEXIST) failed("cannot make", directory_);
    const std::string name = new_name();
    write(name, key.get());
    return {kName, name, {}};
  }

  KeyHandle load(const KeyRef& reference) override {
    const File file(std::fopen(path_of(reference).c_str(), "re"));
    if (!file) unreadable(std::strerror(errno));
    EVP_PKEY* key = PEM_read_PrivateKey(file.get(), nullptr, no_passphrase, nullptr);
    ERR_clear_error();
    if (key == nullptr) unreadable("its file is damaged");
    return {key, [](evp_pkey_st* held) noexcept { EVP_PKEY_free(held); }};
  }

  void destroy(const KeyRef& reference) override {
    const std::string path = path_of(reference);
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) failed("cannot remove", path);
    sync_directory();
  }

 private:
  [[noreturn]] static void unreadable(const std::string& why) {
    throw Failure::never("key-unreadable", "the key provider EXAMPLE cannot read the key: " + why,
                         "`certctl renew --rekey` makes a new one");
  }

  static std::string new_name() {
    std::array<unsigned char, kNameLength / 2> bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
      throw Failure("key-failed", "OpenSSL has no random numbers", "look at /dev/urandom");
    std::string name;
    for (const unsigned char byte : bytes) {
      constexpr const char* kDigits = "0123456789abcdef";
      name += kDigits[byte >> 4U];
      name += kDigits[byte & 15U];
    }
    return name;
  }

  // A reference comes back from a file that others may have touched: nothing but a name of ours becomes a path.
  [[nodiscard]] std::string path_of(const KeyRef& reference) const {
    const std::string& name = reference.reference;
    if (name.size() != kNameLength || name.find_first_not_of("0123456789abcdef") != std::string::npos)
      unreadable("its name is none of this provider's");
    return directory_ + "/" + name + ".pem";
  }

  // Whole or not at all, also after a power cut: a new file beside, synced, then renamed.
  void write(const std::string& name, EVP_PKEY* key) const {
    const std::string path = directory_ + "/" + name + ".pem";
    const std::string fresh = path + ".new";
    const int descriptor = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0) failed("cannot make", fresh);
    {
      const File file(::fdopen(descriptor, "w"));
      if (!file) failed("cannot open", fresh);
      const bool whole = PEM_write_PKCS8PrivateKey(file.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1 &&
                         std::fflush(file.get()) == 0 && ::fsync(descriptor) == 0;
      ERR_clear_error();
      if (!whole) failed("cannot write", fresh);
    }
    if (std::rename(fresh.c_str(), path.c_str()) != 0) failed("cannot rename", fresh);
    sync_directory();
  }

  void sync_directory() const {
    const int descriptor = ::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) failed("cannot open", directory_);
    const bool synced = ::fsync(descriptor) == 0;
    ::close(descriptor);
    if (!synced) failed("cannot sync", directory_);
  }

  std::string directory_;
};

}  // namespace

CERTCTL_PLUGIN(certctl::KeyProvider, Example, "EXAMPLE", "0.1", "keys in files of its own, known by their names",
               kOptions);
