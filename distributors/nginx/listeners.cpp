#include "distributors/nginx/listeners.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "framework/sys/file_descriptor.hpp"
#include "framework/sys/printable.hpp"

namespace certctl::nginx {
namespace {

constexpr const char* kSomeLabel = "certctl";  // stands for the '*' of a name
constexpr int kLoopbackAddresses = 16;

std::string resolved(const std::string& path) {
  std::error_code error;
  const auto canonical = std::filesystem::weakly_canonical(path, error);
  return error ? path : canonical.string();
}

bool uses(const Server& server, const std::string& certificate) {
  return std::any_of(server.certificates.begin(), server.certificates.end(),
                     [&](const std::string& path) { return resolved(path) == certificate; });
}

// A name that a client can send; not an address, which never is sent.
bool can_be_sent(const std::string& name) {
  if (name.empty() || name.size() > 253 || name.find_first_not_of("0123456789.") == std::string::npos) return false;
  std::size_t label = 0;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (!letter && c != '.') return false;
    if (c == '.' && label == 0) return false;
    label = c == '.' ? 0 : label + 1;
    if (label > 63) return false;
  }
  return label > 0 && name != "_";  // "_": by custom, no name at all
}

// Names that match what `server_name` says, as far as one can be made.
std::vector<std::string> names_for(const std::string& pattern) {
  std::vector<std::string> names;
  if (pattern.starts_with("*.")) {
    names = {kSomeLabel + pattern.substr(1)};
  } else if (pattern.starts_with('.')) {
    names = {pattern.substr(1), kSomeLabel + pattern};
  } else if (pattern.ends_with(".*")) {
    names = {pattern.substr(0, pattern.size() - 1) + kSomeLabel};
  } else {
    names = {pattern};
  }
  names.erase(std::remove_if(names.begin(), names.end(), [](const auto& name) { return !can_be_sent(name); }),
              names.end());
  return names;
}

std::string shown(const Listen& listen) {
  if (listen.host.empty()) return "a Unix socket";
  return sys::printable_start(listen.host, 100) + " port " + std::to_string(listen.port);
}

class Finder {
 public:
  explicit Finder(const ListenerQuery& query) : query_(query), certificate_(resolved(query.certificate)) {}

  void look_at(const Sockets& sockets) {
    for (const Server& server : sockets.servers()) {
      if (!uses(server, certificate_)) continue;
      found_.used = true;
      for (const Listen& listen : server.listens) look_at(sockets, server, listen);
    }
  }
  Listeners take() { return std::move(found_); }

 private:
  void look_at(const Sockets& sockets, const Server& server, const Listen& listen) {
    if (listen.host.empty()) return leave_out(listen, "only local programs reach it");
    if (listen.quic) return leave_out(listen, "it speaks QUIC");
    if (!sockets.tls(listen)) return;
    if (sockets.proxy_protocol(listen)) return leave_out(listen, "it expects the PROXY protocol");
    const auto host = reachable(sockets, listen);
    if (!host) return leave_out(listen, "no address of this machine leads to it and to it alone");
    probe::Listener asked;
    asked.host = *host;
    asked.port = listen.port;
    if (!query_.server_names.empty()) {
      for (const std::string& name : query_.server_names) add(asked, name);
      return;
    }
    const std::size_t before = found_.listeners.size();
    bool known_already = false;
    const auto ask_for = [&](const std::string& name) {
      const Server* answers = sockets.answering(listen, name);
      if (answers == nullptr || (answers != &server && !uses(*answers, certificate_))) return;
      known_already = !add(asked, name) || known_already;
    };
    if (sockets.answering(listen, {}) == &server) ask_for({});
    for (const std::string& pattern : server.names) {
      for (const std::string& name : names_for(pattern)) ask_for(name);
    }
    if (found_.listeners.size() == before && !known_already)
      leave_out(listen, "no server name is known under which it answers with this certificate");
  }

  // False when it was there already.
  bool add(probe::Listener listener, const std::string& name) {
    listener.server_name = name;
    for (const auto& other : found_.listeners) {
      if (other.host == listener.host && other.port == listener.port && other.server_name == name) return false;
    }
    found_.listeners.push_back(std::move(listener));
    return true;
  }

  [[nodiscard]] std::optional<std::string> reachable(const Sockets& sockets, const Listen& listen) const {
    const auto taken = [&](const std::string& host) {
      return sockets.listened_on(host + " " + std::to_string(listen.port));
    };
    if (listen.host == "::") return query_.ipv6 && !taken("::1") ? std::optional<std::string>("::1") : std::nullopt;
    if (listen.host != "0.0.0.0") return listen.host;
    for (int last = 1; last <= kLoopbackAddresses; ++last) {
      std::string host = "127.0.0." + std::to_string(last);
      if (!taken(host)) return host;
    }
    return std::nullopt;
  }

  void leave_out(const Listen& listen, const std::string& why) {
    found_.left_out.push_back(shown(listen) + ": " + why);
  }

  const ListenerQuery& query_;
  std::string certificate_;
  Listeners found_;
};

}  // namespace

Listeners find_listeners(const Configuration& configuration, const ListenerQuery& query) {
  Finder finder(query);
  for (const Sockets& sockets : sockets_of(configuration)) finder.look_at(sockets);
  return finder.take();
}

bool has_ipv6_loopback() noexcept {
  const sys::FileDescriptor socket(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) return false;
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  return ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
}

}  // namespace certctl::nginx
