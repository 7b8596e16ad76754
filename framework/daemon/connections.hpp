// The daemon's socket: local clients, one JSON object a line in both directions. Who may connect is a matter of the
// socket's owner and mode, and of the client's user: root and the daemon's own user are trusted; the user of the page's
// process is heard, and what it may is decided for each request (access.hpp); nobody else is.
#pragma once

#include <poll.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "framework/sys/file_descriptor.hpp"

namespace certctl::daemon {

using ClientNumber = std::uint64_t;  // never used twice

enum class Peer : int { trusted, page };

// The user that the page's process runs as.
struct PageUser {
  uid_t user = 0;
  gid_t group = 0;
};
// Failure no-such-user, page-as-root (root's page would be trusted).
[[nodiscard]] PageUser find_page_user(const std::string& name);

class Connections {
 public:
  // Listens at `path`; a socket that nobody listens at any more is replaced. With a page's user its group may connect,
  // too. Throws Failure: socket-in-use, socket-unusable.
  Connections(std::string path, std::optional<PageUser> page_user);
  ~Connections();  // closes all and removes the socket
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  // Adds what is to be waited for.
  void add_to(std::vector<pollfd>& list) const;
  // Takes what has come. `heard` gets each complete line, and answers with send() now or later.
  void serve(const std::vector<pollfd>& list, const std::function<void(ClientNumber, std::string&&)>& heard);
  // One line; `last`: the answer to a request ends with it, and each request that was heard gets one such. A client
  // that is gone, or does not read, is no matter.
  void send(ClientNumber client, const std::string& line, bool last);
  [[nodiscard]] bool is_connected(ClientNumber client) const { return clients_.contains(client); }
  // Of a client that is connected; of one that is not, the one that may less.
  [[nodiscard]] Peer peer(ClientNumber client) const;
  // In a process that is forked: closes the descriptors, and leaves the socket alone.
  void forget() noexcept;

  static constexpr std::size_t kMaxClients = 64;
  static constexpr std::size_t kMaxPages = 32;  // of these; the others are root's
  static constexpr std::size_t kMaxRequest = 512U << 10U;
  static constexpr std::size_t kMaxBacklog = 32U << 20U;  // bytes that wait for a client to read them

 private:
  using Steady = std::chrono::steady_clock;
  struct Client {
    sys::FileDescriptor socket;
    Peer peer = Peer::page;
    std::string incoming;
    std::string outgoing;
    Steady::time_point since;  // of the last whole request, or of connecting
    std::size_t owed = 0;      // requests without their last line
    bool closing = false;      // it says nothing any more: the end comes when nothing is owed and all is written
  };

  void accept_all();
  // False: the connection is over.
  bool read(Client& client, const std::function<void(std::string&&)>& heard) const;
  static bool write(Client& client);

  [[nodiscard]] std::optional<Peer> who(int socket) const;

  std::string path_;
  std::optional<PageUser> page_user_;
  sys::FileDescriptor listener_;
  std::map<ClientNumber, Client> clients_;
  ClientNumber next_ = 1;
};

}  // namespace certctl::daemon
