#include "framework/daemon/connections.hpp"

#include <certctl/result.hpp>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "framework/sys/account.hpp"

namespace certctl::daemon {
namespace {

// A client that has begun a request ends it in this time, or is sent away.
constexpr std::chrono::seconds kRequestTime{30};

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    throw Failure::never("socket-unusable", "the path of the socket is too long: " + path,
                         "name a shorter one with --socket");
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

[[noreturn]] void unusable(const std::string& path, const char* what) {
  throw Failure::never("socket-unusable", "socket " + path + ": " + what + ": " + std::strerror(errno),
                       "does its directory exist, and may this user write there?");
}

bool somebody_listens(const sockaddr_un& address) {
  const sys::FileDescriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return probe.is_open() && ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

}  // namespace

PageUser find_page_user(const std::string& name) {
  const auto account = sys::find_account(name);
  if (!account)
    throw Failure::never("no-such-user", "there is no user " + name + " for the page",
                         "make one: useradd --system --no-create-home --shell /usr/sbin/nologin " + name);
  if (account->user == 0 || account->group == 0)
    throw Failure::never("page-as-root", "the page's user " + name + " is root, or of root's group",
                         "give the page a user of its own");
  return {account->user, account->group};
}

// The kernel says who it is.
std::optional<Peer> Connections::who(int socket) const {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return std::nullopt;
  if (peer.uid == 0 || peer.uid == ::geteuid()) return Peer::trusted;
  if (page_user_ && peer.uid == page_user_->user) return Peer::page;
  return std::nullopt;
}

Peer Connections::peer(ClientNumber client) const {
  const auto found = clients_.find(client);
  return found == clients_.end() ? Peer::page : found->second.peer;
}

Connections::Connections(std::string path, std::optional<PageUser> page_user)
    : path_(std::move(path)), page_user_(page_user) {
  const sockaddr_un address = address_of(path_);
  struct stat status {};
  if (::lstat(path_.c_str(), &status) == 0) {
    if (!S_ISSOCK(status.st_mode))
      throw Failure::never("socket-unusable", path_ + " exists and is no socket", "name another one with --socket");
    if (somebody_listens(address))
      throw Failure::never("socket-in-use", "another daemon listens at " + path_,
                           "one daemon per configuration is enough; stop the other one, or name another --socket");
    ::unlink(path_.c_str());
  }
  listener_ = sys::FileDescriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!listener_.is_open()) unusable(path_, "cannot be made");
  // The process's mask is 077: nobody else can connect at any moment.
  if (::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    unusable(path_, "cannot be bound");
  // Owner first: in between, the group that may connect is still our own.
  if (page_user_ &&
      (::chown(path_.c_str(), static_cast<uid_t>(-1), page_user_->group) != 0 || ::chmod(path_.c_str(), 0660) != 0))
    unusable(path_, "cannot be given to the page's group");
  if (::listen(listener_.get(), 64) != 0) unusable(path_, "cannot be listened at");
}

Connections::~Connections() {
  if (listener_.is_open()) ::unlink(path_.c_str());
}

void Connections::forget() noexcept {
  listener_.close();
  clients_.clear();
}

void Connections::add_to(std::vector<pollfd>& list) const {
  if (clients_.size() < kMaxClients) list.push_back({listener_.get(), POLLIN, 0});
  for (const auto& [number, client] : clients_) {
    const short events = static_cast<short>((client.closing ? 0 : POLLIN) | (client.outgoing.empty() ? 0 : POLLOUT));
    list.push_back({client.socket.get(), events, 0});
  }
}

void Connections::serve(const std::vector<pollfd>& list,
                        const std::function<void(ClientNumber, std::string&&)>& heard) {
  const auto events = [&](int descriptor) {
    const auto found = std::find_if(list.begin(), list.end(), [&](const pollfd& one) { return one.fd == descriptor; });
    return found == list.end() ? 0 : static_cast<int>(found->revents);
  };
  // Numbers first: an answer may come at once, and a client that is gone is removed while we go.
  std::vector<ClientNumber> numbers;
  numbers.reserve(clients_.size());
  for (const auto& [number, client] : clients_) numbers.push_back(number);
  for (const ClientNumber number : numbers) {
    Client& client = clients_.at(number);
    const int happened = events(client.socket.get());
    const bool gone = client.closing && (happened & (POLLHUP | POLLERR)) != 0;
    bool alive = !gone;
    if ((happened & (POLLIN | POLLHUP | POLLERR)) != 0 && !client.closing)
      alive = read(client, [&](std::string&& line) { heard(number, std::move(line)); });
    if (alive && !client.outgoing.empty()) alive = write(client);
    const bool late = !client.incoming.empty() && Steady::now() - client.since > kRequestTime;
    const bool done = client.closing && client.outgoing.empty() && client.owed == 0;
    if (!alive || late || done || client.outgoing.size() > kMaxBacklog) clients_.erase(number);
  }
  if ((events(listener_.get()) & POLLIN) != 0) accept_all();
}

void Connections::send(ClientNumber client, const std::string& line, bool last) {
  const auto found = clients_.find(client);
  if (found == clients_.end()) return;
  if (last && found->second.owed > 0) --found->second.owed;
  found->second.outgoing += line;
  found->second.outgoing += '\n';
  // Errors show at the next serve().
  (void)write(found->second);
}

void Connections::accept_all() {
  while (clients_.size() < kMaxClients) {
    sys::FileDescriptor socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!socket.is_open()) return;
    const auto peer = who(socket.get());
    if (!peer) continue;
    const auto pages = std::count_if(clients_.begin(), clients_.end(),
                                     [](const auto& entry) { return entry.second.peer == Peer::page; });
    if (*peer == Peer::page && static_cast<std::size_t>(pages) >= kMaxPages) continue;
    Client client;
    client.socket = std::move(socket);
    client.peer = *peer;
    client.since = Steady::now();
    clients_.emplace(next_++, std::move(client));
  }
}

bool Connections::read(Client& client, const std::function<void(std::string&&)>& heard) const {
  std::array<char, 16384> chunk{};
  for (;;) {
    const ssize_t count = ::recv(client.socket.get(), chunk.data(), chunk.size(), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
    if (count == 0) {
      client.closing = true;  // perhaps only its side: it may wait for answers
      return true;
    }
    if (client.incoming.empty()) client.since = Steady::now();
    client.incoming.append(chunk.data(), static_cast<std::size_t>(count));
    std::size_t begin = 0;
    for (std::size_t end; (end = client.incoming.find('\n', begin)) != std::string::npos; begin = end + 1) {
      ++client.owed;
      heard(client.incoming.substr(begin, end - begin));
    }
    client.incoming.erase(0, begin);
    if (client.incoming.size() > kMaxRequest) return false;
  }
}

bool Connections::write(Client& client) {
  while (!client.outgoing.empty()) {
    const ssize_t count =
        ::send(client.socket.get(), client.outgoing.data(), client.outgoing.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
    client.outgoing.erase(0, static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace certctl::daemon
