// For tests of distributors against the services that they deliver to: a port, waiting, and the openssl program as the
// client.
#pragma once

#include <certctl/types.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <stdexcept>
#include <string>
#include <thread>

#include "framework/sys/file_descriptor.hpp"
#include "framework/sys/subprocess.hpp"

namespace certctl::contract {

// On a slow machine too: who waits, waits for a condition.
inline constexpr std::chrono::seconds kPatience{60};

// A TCP port of 127.0.0.1 that nobody listens on.
inline std::uint16_t free_port() {
  const sys::FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (::bind(socket.get(), any, size) != 0 || ::getsockname(socket.get(), any, &size) != 0)
    throw std::runtime_error("no free port");
  return ntohs(address.sin_port);
}

// True as soon as the condition holds; false when it does not in kPatience.
inline bool wait_until(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  return true;
}

// Output and errors of shell text; what it starts in the background goes on.
inline sys::ProcessResult shell(const std::string& text, const std::filesystem::path& directory) {
  sys::ProcessRequest request;
  request.command = {true, {text}};
  request.environment = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"};
  request.directory = directory.string();
  request.output_limit = 1U << 18U;
  request.timeout = kPatience;
  return sys::run_process(request);
}

// What is in a file, or in one that is not there yet: nothing.
inline std::string content_if_there(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

// Throws when a program that a test needs is missing.
inline void need_program(const std::string& program, const std::string& package) {
  if (std::filesystem::exists(program)) return;
  throw std::runtime_error(program + " is missing: apt-get install --no-install-recommends " + package +
                           " (scripts/setup installs all, and starts no service)");
}

// What `openssl s_client` says of the server, with the test data's root as its only anchor; `more`: further arguments.
inline std::string client(std::uint16_t port, const std::string& server_name, const std::string& more = {}) {
  const std::string name = server_name.empty() ? " -noservername" : " -servername " + server_name;
  return shell("openssl s_client -connect 127.0.0.1:" + std::to_string(port) + name +
                   " -no_check_time -verify_return_error -CAfile " CERTCTL_TEST_DATA "/store/ca-root.pem " + more +
                   " </dev/null 2>&1",
               "/")
      .output;
}

// The serial that a client is shown; empty when there is no handshake.
inline std::string served_serial(std::uint16_t port, const std::string& server_name = {},
                                 const std::string& more = {}) {
  const std::string name = server_name.empty() ? " -noservername" : " -servername " + server_name;
  const auto result = shell("openssl s_client -connect 127.0.0.1:" + std::to_string(port) + name + " " + more +
                                " </dev/null 2>/dev/null | openssl x509 -noout -serial",
                            "/");
  constexpr std::string_view kSerial = "serial=";
  if (!result.output.starts_with(kSerial)) return {};
  return result.output.substr(kSerial.size(), result.output.find('\n') - kSerial.size());
}

}  // namespace certctl::contract
