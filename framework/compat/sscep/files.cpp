#include "framework/compat/sscep/files.hpp"

#include "framework/compat/sscep/stop.hpp"
#include "framework/crypto/der.hpp"
#include "framework/sys/atomic_file.hpp"
#include "framework/sys/file_descriptor.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace certctl::sscep {
namespace {

constexpr std::size_t kMaxInput = 4U << 20U;

[[noreturn]] void file_stop(const std::string& what, const std::string& path, int error) {
  // A PKCS #11 URI in the place of a file may have the PIN in it.
  const std::size_t pin = path.find("pin-value=");
  throw Stop(ExitCode::file,
             what + " " + (pin == std::string::npos ? path : path.substr(0, pin) + "…") + ": " + std::strerror(error));
}

bool is_pem(std::string_view text) {
  return text.find("-----BEGIN ") != std::string_view::npos;
}

// The file behind symbolic links; the path itself when there is none yet.
std::string resolved(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr), &std::free);
  return real ? std::string(real.get()) : path;
}

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

void write_in_place(const std::string& path, std::string_view content) {
  const sys::FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!file.is_open()) file_stop("cannot write", path, errno);
  while (!content.empty()) {
    const ssize_t count = ::write(file.get(), content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) file_stop("cannot write", path, errno);
    content.remove_prefix(static_cast<std::size_t>(count));
  }
}

mode_t mode_of_new_file() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666 & ~mask;
}

}  // namespace

std::string read_input(const std::string& path) {
  const sys::FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) file_stop("cannot open", path, errno);
  std::string text;
  struct stat status {};
  // One piece of memory: it may be a key, and what is left behind by growing is not wiped.
  if (::fstat(file.get(), &status) == 0 && status.st_size > 0 && S_ISREG(status.st_mode))
    text.reserve(std::min<std::size_t>(static_cast<std::size_t>(status.st_size), kMaxInput) + 1);
  std::array<char, 8192> buffer{};
  for (;;) {
    const ssize_t count = ::read(file.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) file_stop("cannot read", path, errno);
    if (count == 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(count));
    if (text.size() > kMaxInput) throw Stop(ExitCode::file, "the file " + path + " is too large");
  }
  wipe(buffer.data(), buffer.size());
  return text;
}

crypto::Certificate read_certificate(const std::string& path) {
  const std::string text = read_input(path);
  return or_stop(ExitCode::file, "cannot read the certificate in " + path, [&] {
    return is_pem(text) ? crypto::Certificate::from_pem(text) : crypto::Certificate::from_der(crypto::bytes_of(text));
  });
}

crypto::Csr read_request(const std::string& path) {
  const std::string text = read_input(path);
  return or_stop(ExitCode::file, "cannot read the certificate request in " + path, [&] {
    return is_pem(text) ? crypto::Csr::from_pem(text) : crypto::Csr::from_der(crypto::bytes_of(text));
  });
}

crypto::Key read_key(const std::string& path) {
  const Secret text(read_input(path));
  return or_stop(ExitCode::file, "cannot read the private key in " + path, [&] {
    return is_pem(text.reveal()) ? crypto::Key::from_pem_asking(text)
                                 : crypto::Key::from_der(crypto::bytes_of(text.reveal()));
  });
}

void check_writable(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) file_stop("cannot write", path, EISDIR);
    if (::access(path.c_str(), W_OK) != 0) file_stop("cannot write", path, errno);
    return;
  }
  if (errno != ENOENT) file_stop("cannot write", path, errno);
  const std::string directory = directory_of(path);
  if (::access(directory.c_str(), W_OK | X_OK) != 0) file_stop("cannot write", path, errno);
}

void write_output(const std::string& path, std::string_view content) {
  const std::string target = resolved(path);
  struct stat status {};
  const bool exists = ::stat(target.c_str(), &status) == 0;
  // A link to nothing, a device, a file in a directory that is not ours: as the reference tool writes.
  struct stat link {};
  const bool dangling = !exists && ::lstat(target.c_str(), &link) == 0;
  const bool replaceable = !dangling && (!exists || S_ISREG(status.st_mode)) &&
                           ::access(directory_of(target).c_str(), W_OK | X_OK) == 0 &&
                           (!exists || ::access(target.c_str(), W_OK) == 0);
  if (!replaceable) {
    write_in_place(target, content);
    return;
  }
  sys::WriteOptions options;
  options.mode = mode_of_new_file();
  options.like_existing = exists;
  or_stop(ExitCode::file, "", [&] { sys::replace_file(target, content, options); });
}

void remove_set_from(const std::string& base, std::size_t number) {
  for (;; ++number) {
    const std::string path = base + "-" + std::to_string(number);
    try {
      const auto text = sys::read_file_if_exists(path, kMaxInput, sys::Links::refuse);
      if (!text || crypto::Certificate::all_from_pem(*text).empty()) return;
      sys::remove_file(path);
    } catch (const Failure&) {
      return;
    }
  }
}

}  // namespace certctl::sscep
