// The `server` blocks of nginx's configuration, as far as TLS is concerned.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "distributors/nginx/configuration_files.hpp"

namespace certctl::nginx {

// One `listen`. `host` is "0.0.0.0" or "::" for all addresses; empty: a Unix socket.
struct Listen {
  std::string host;
  std::uint16_t port = 80;
  bool tls = false;  // of this line; what counts is Sockets::tls()
  bool default_server = false;
  bool proxy_protocol = false;
  bool quic = false;
  [[nodiscard]] std::string address() const { return host + " " + std::to_string(port); }
};

struct Server {
  std::vector<std::string> certificates;  // `ssl_certificate`, absolute; its own or those of the block around it
  std::vector<std::string> names;         // `server_name` as written, in lower case
  std::vector<Listen> listens;
};

// The servers of one block (http, stream, mail): those with the same address share its socket, and what one of them
// says of the socket holds for all.
class Sockets {
 public:
  explicit Sockets(std::vector<Server> servers);
  ~Sockets() = default;
  Sockets(Sockets&&) = default;
  Sockets& operator=(Sockets&&) = default;
  Sockets(const Sockets&) = delete;  // it points into itself
  Sockets& operator=(const Sockets&) = delete;

  [[nodiscard]] const std::vector<Server>& servers() const noexcept { return servers_; }
  [[nodiscard]] bool tls(const Listen& listen) const;
  [[nodiscard]] bool proxy_protocol(const Listen& listen) const;
  [[nodiscard]] bool listened_on(const std::string& address) const { return sockets_.count(address) != 0; }
  // Whose certificate a client gets that sends this server name (empty: none). Null: certctl cannot tell, since regular
  // expressions decide. Precondition: some server has the address.
  [[nodiscard]] const Server* answering(const Listen& listen, const std::string& name) const;

 private:
  struct Socket {
    bool tls = false;
    bool proxy_protocol = false;
    const Server* default_server = nullptr;
    std::vector<const Server*> servers;
  };
  std::vector<Server> servers_;
  std::map<std::string, Socket> sockets_;  // by Listen::address()
};

// One for each block that has servers.
[[nodiscard]] std::vector<Sockets> sockets_of(const Configuration& configuration);

}  // namespace certctl::nginx
