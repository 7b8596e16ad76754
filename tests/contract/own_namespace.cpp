#include "tests/contract/own_namespace.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "framework/sys/subprocess.hpp"

namespace certctl::contract {
namespace {

constexpr const char* kMark = "CERTCTL_TEST_UNSHARED";

std::string as_filter(const std::string& test) {
  std::string filter;
  for (const char c : test) {
    if (c == ',' || c == '[' || c == '\\' || c == '"') filter += '\\';
    filter += c;
  }
  return filter;
}

std::vector<std::string> unshare(Need need) {
  if (need == Need::network) {
    // In the words of a shell, since loopback is down in a new network.
    return {"unshare", ::geteuid() == 0 ? "-mn" : "-rmn", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh"};
  }
  if (::geteuid() == 0) return {"unshare", "-m"};
  if (need == Need::mounts) return {"unshare", "-rm"};
  return {"unshare", "-rm", "--map-auto"};
}

const char* what_is_needed(Need need) {
  if (need == Need::network) return "this test needs root, or user namespaces, and the program ip (iproute2)";
  return need == Need::mounts
             ? "this test needs root, or user namespaces (sysctl user.max_user_namespaces)"
             : "this test needs root, or user namespaces with other users (apt-get install uidmap, and a "
               "range in /etc/subuid and /etc/subgid)";
}

}  // namespace

bool goes_on_here(const std::string& test, Need need) {
  if (std::getenv(kMark) != nullptr) return true;
  if (need == Need::users && ::geteuid() == 0) return true;
  sys::ProcessRequest request;
  request.command.arguments = unshare(need);
  request.command.arguments.push_back(std::filesystem::read_symlink("/proc/self/exe"));
  request.command.arguments.push_back(as_filter(test));
  for (char** variable = ::environ; *variable != nullptr; ++variable) request.environment.emplace_back(*variable);
  request.environment.push_back(std::string(kMark) + "=1");
  request.directory = std::filesystem::current_path();
  request.timeout = std::chrono::minutes(4);
  request.output_limit = 64 * 1024;
  const sys::ProcessResult result = sys::run_process(request);
  // A filter that matches nothing succeeds too.
  if (!result.succeeded() || result.output.find("All tests passed") == std::string::npos)
    throw std::runtime_error("in a namespace of its own (" + std::string(what_is_needed(need)) +
                             "): " + sys::describe_end(result) + "\n" + result.output);
  return false;
}

}  // namespace certctl::contract
