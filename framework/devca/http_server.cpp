#include "framework/devca/http_server.hpp"

#include "framework/devca/raw_answer.hpp"
#include "framework/sys/file_descriptor.hpp"
#include "framework/sys/system_error.hpp"

#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <strings.h>
#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <map>
#include <mutex>
#include <thread>

namespace certctl::devca {
namespace {

constexpr std::size_t kMaxBody = 1U << 20U;
constexpr std::size_t kConnectionMemory = 256U << 10U;  // request line and headers: a PKIOperation by GET is long
constexpr unsigned kMaxConnections = 64;

sys::FileDescriptor listen_on(const std::string& address, std::uint16_t port) {
  sockaddr_storage storage{};
  socklen_t length = 0;
  if (auto* v4 = reinterpret_cast<sockaddr_in*>(&storage); ::inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    length = sizeof(sockaddr_in);
  } else if (auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
             ::inet_pton(AF_INET6, address.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    length = sizeof(sockaddr_in6);
  } else {
    throw Failure::never("usage", "'" + address + "' is no IP address", "127.0.0.1, ::1, 0.0.0.0");
  }
  sys::FileDescriptor socket(::socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  if (!socket.is_open() || ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&storage), length) != 0 ||
      ::listen(socket.get(), kMaxConnections) != 0)
    throw Failure::never("cannot-listen",
                         "cannot listen on " + address + " port " + std::to_string(port) + ": " + std::strerror(errno));
  return socket;
}

std::uint16_t port_of(int socket) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&storage), &length) != 0)
    throw sys::system_failure("the listening socket cannot be examined", errno);
  return ntohs(storage.ss_family == AF_INET ? reinterpret_cast<const sockaddr_in*>(&storage)->sin_port
                                            : reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_port);
}

struct Request {
  std::string uri;
  bool started = false;
  bool post = false;
  Bytes body;
};

// Headers that decide where a request ends must say one thing.
struct Framing {
  int content_lengths = 0;
  int transfer_encodings = 0;
  bool other_encoding = false;
  bool bad_length = false;
  std::size_t length = 0;
};

// Null without TLS.
gnutls_session_t session_of(MHD_Connection* connection) {
  const MHD_ConnectionInfo* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
  return info == nullptr ? nullptr : static_cast<gnutls_session_t>(info->tls_session);
}

std::vector<Bytes> client_certificates_of(MHD_Connection* connection) {
  std::vector<Bytes> certificates;
  gnutls_session_t session = session_of(connection);
  if (session == nullptr) return certificates;
  unsigned count = 0;
  const gnutls_datum_t* list = gnutls_certificate_get_peers(session, &count);
  for (unsigned i = 0; list != nullptr && i < count; ++i)
    certificates.emplace_back(list[i].data, list[i].data + list[i].size);
  return certificates;
}

std::string header_of(MHD_Connection* connection, const char* name) {
  const char* value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
  return value == nullptr ? "" : value;
}

MHD_Result look_at_header(void* cls, MHD_ValueKind, const char* name, const char* value) {
  auto& framing = *static_cast<Framing*>(cls);
  const std::string text = value == nullptr ? "" : value;
  if (::strcasecmp(name, "Content-Length") == 0) {
    ++framing.content_lengths;
    framing.bad_length = text.empty() || text.size() > 9 ||
                         !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!framing.bad_length) framing.length = std::stoul(text);
  }
  if (::strcasecmp(name, "Transfer-Encoding") == 0) {
    ++framing.transfer_encodings;
    framing.other_encoding = ::strcasecmp(text.c_str(), "chunked") != 0;
  }
  return MHD_YES;
}

}  // namespace

struct HttpServer::Implementation {
  using Clock = std::chrono::steady_clock;

  Handler handler;
  std::chrono::seconds deadline;
  std::optional<TlsServing> tls;
  sys::FileDescriptor socket;
  std::uint16_t port = 0;
  MHD_Daemon* daemon = nullptr;

  std::mutex mutex;
  std::condition_variable changed;
  bool stopping = false;
  std::map<const MHD_Connection*, Clock::time_point> open;  // since when
  std::map<const MHD_Connection*, int> descriptors;
  std::thread watchdog;

  Implementation(Handler its_handler, std::chrono::seconds its_deadline, std::optional<TlsServing> its_tls)
      : handler(std::move(its_handler)), deadline(its_deadline), tls(std::move(its_tls)) {}

  // Sleeps unless the server stops; false when it does.
  bool wait(std::chrono::milliseconds time) {
    std::unique_lock<std::mutex> lock(mutex);
    return !changed.wait_for(lock, time, [&] { return stopping; });
  }

  // libmicrohttpd's time-out is for inactivity only: whoever sends a byte a second would stay for ever.
  void watch() {
    std::unique_lock<std::mutex> lock(mutex);
    while (!stopping) {
      changed.wait_for(lock, std::chrono::milliseconds{200});
      for (const auto& [connection, since] : open)
        if (stopping || Clock::now() - since > deadline) ::shutdown(descriptors[connection], SHUT_RDWR);
    }
    for (const auto& [connection, descriptor] : descriptors) ::shutdown(descriptor, SHUT_RDWR);
  }

  void connection_opened(MHD_Connection* connection) {
    const MHD_ConnectionInfo* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (info == nullptr) return;
    const std::lock_guard<std::mutex> lock(mutex);
    open[connection] = Clock::now();
    descriptors[connection] = info->connect_fd;
  }
  void connection_closed(const MHD_Connection* connection) {
    const std::lock_guard<std::mutex> lock(mutex);
    open.erase(connection);
    descriptors.erase(connection);
  }

  MHD_Result send(MHD_Connection* connection, const Request& request, const Answer& answer);
  void send_raw(MHD_Connection* connection, const Answer& answer);
  MHD_Result handle(MHD_Connection* connection, Request& request, const char* method, const char* data,
                    std::size_t* size);
};

namespace {

using Server = HttpServer::Implementation;

// The body of an answer that does not simply come.
struct SlowBody {
  Server* server;
  Answer answer;
};

ssize_t read_slowly(void* cls, std::uint64_t position, char* buffer, std::size_t size) {
  auto& body = *static_cast<SlowBody*>(cls);
  const Bytes& bytes = body.answer.body;
  switch (body.answer.manner) {
    case Manner::endless:
      if (!body.server->wait(std::chrono::milliseconds{1})) return MHD_CONTENT_READER_END_WITH_ERROR;
      std::memset(buffer, 'x', size);
      return static_cast<ssize_t>(size);
    case Manner::truncated: {
      if (position >= bytes.size() / 2) return MHD_CONTENT_READER_END_WITH_ERROR;
      const std::size_t count = std::min<std::size_t>(size, bytes.size() / 2 - static_cast<std::size_t>(position));
      std::memcpy(buffer, bytes.data() + position, count);
      return static_cast<ssize_t>(count);
    }
    default:  // slow
      if (position >= bytes.size()) return MHD_CONTENT_READER_END_OF_STREAM;
      if (!body.server->wait(std::chrono::seconds{1})) return MHD_CONTENT_READER_END_WITH_ERROR;
      buffer[0] = static_cast<char>(bytes[static_cast<std::size_t>(position)]);
      return 1;
  }
}

void free_slow_body(void* cls) {
  delete static_cast<SlowBody*>(cls);
}

}  // namespace

void HttpServer::Implementation::send_raw(MHD_Connection* connection, const Answer& answer) {
  const MHD_ConnectionInfo* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  if (info == nullptr) return;
  const auto waiting = [this](std::chrono::milliseconds time) { return wait(time); };
  const int descriptor = info->connect_fd;
  gnutls_session_t session = session_of(connection);
  if (session == nullptr) {
    write_raw({descriptor,
               [descriptor](const char* bytes, std::size_t size) {
                 return ::send(descriptor, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
               }},
              answer, waiting);
    return;
  }
  write_raw({descriptor,
             [session](const char* bytes, std::size_t size) -> ssize_t {
               const ssize_t count = gnutls_record_send(session, bytes, size);
               if (count >= 0) return count;
               errno = count == GNUTLS_E_AGAIN || count == GNUTLS_E_INTERRUPTED ? EAGAIN : EPIPE;
               return -1;
             }},
            answer, waiting);
  if (answer.framing != "reset") gnutls_bye(session, GNUTLS_SHUT_WR);
}

MHD_Result HttpServer::Implementation::send(MHD_Connection* connection, const Request& request, const Answer& answer) {
  if (answer.manner == Manner::close) return MHD_NO;
  if (answer.manner == Manner::hang) {
    while (wait(std::chrono::milliseconds{100})) {
      // Until the client gives up, or the watchdog does.
      char byte = 0;
      const MHD_ConnectionInfo* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
      if (info == nullptr || ::recv(info->connect_fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0) break;
    }
    return MHD_NO;
  }
  if (!answer.framing.empty() || !answer.reason.empty()) {
    send_raw(connection, answer);
    return MHD_NO;
  }
  MHD_Response* response = nullptr;
  if (answer.manner == Manner::whole) {
    response = MHD_create_response_from_buffer(answer.body.size(), const_cast<std::uint8_t*>(answer.body.data()),
                                               MHD_RESPMEM_MUST_COPY);
  } else {
    const std::uint64_t size = answer.manner == Manner::endless ? MHD_SIZE_UNKNOWN : answer.body.size();
    auto body = std::make_unique<SlowBody>(SlowBody{this, answer});
    response = MHD_create_response_from_callback(size, 4096, &read_slowly, body.get(), &free_slow_body);
    if (response != nullptr) [[maybe_unused]]
      auto* const kept = body.release();
  }
  if (response == nullptr) return MHD_NO;
  if (!answer.content_type.empty())
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer.content_type.c_str());
  for (const auto& [name, value] : answer.headers) MHD_add_response_header(response, name.c_str(), value.c_str());
  MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
  if (answer.redirects_to_itself) MHD_add_response_header(response, MHD_HTTP_HEADER_LOCATION, request.uri.c_str());
  const MHD_Result queued = MHD_queue_response(connection, static_cast<unsigned>(answer.status), response);
  MHD_destroy_response(response);
  return queued;
}

MHD_Result HttpServer::Implementation::handle(MHD_Connection* connection, Request& request, const char* method,
                                              const char* data, std::size_t* size) {
  if (!request.started) {
    request.started = true;
    request.post = std::strcmp(method, MHD_HTTP_METHOD_POST) == 0;
    if (!request.post && std::strcmp(method, MHD_HTTP_METHOD_GET) != 0)
      return send(connection, request, text_answer(405, "GET or POST\n"));
    Framing framing;
    MHD_get_connection_values(connection, MHD_HEADER_KIND, &look_at_header, &framing);
    const bool both = framing.content_lengths > 0 && framing.transfer_encodings > 0;
    if (framing.content_lengths > 1 || framing.transfer_encodings > 1 || both || framing.other_encoding ||
        framing.bad_length)
      return send(connection, request, text_answer(400, "it is not clear where the request ends\n"));
    if (framing.length > kMaxBody) return send(connection, request, text_answer(413, "more than 1 MiB\n"));
    return MHD_YES;
  }
  if (*size != 0) {
    if (request.body.size() + *size > kMaxBody) return MHD_NO;
    request.body.insert(request.body.end(), data, data + *size);
    *size = 0;
    return MHD_YES;
  }
  HttpRequest whole;
  whole.post = request.post;
  whole.uri = request.uri;
  whole.content_type = header_of(connection, MHD_HTTP_HEADER_CONTENT_TYPE);
  whole.authorization = header_of(connection, MHD_HTTP_HEADER_AUTHORIZATION);
  whole.body = std::move(request.body);
  whole.client_certificates = client_certificates_of(connection);
  return send(connection, request, handler(whole));
}

HttpServer::HttpServer(Responder& responder, const std::string& address, std::uint16_t port,
                       std::chrono::seconds deadline)
    : HttpServer(
          [&responder](const HttpRequest& request) {
            const auto question = request.uri.find('?');
            // SCEP-132: the path is not looked at.
            const std::string query = question == std::string::npos ? "" : request.uri.substr(question + 1);
            return responder.answer(request.post, query, request.body);
          },
          address, port, deadline) {}

HttpServer::HttpServer(Handler handler, const std::string& address, std::uint16_t port, std::chrono::seconds deadline,
                       std::optional<TlsServing> tls)
    : implementation_(std::make_unique<Implementation>(std::move(handler), deadline, std::move(tls))) {
  Implementation& self = *implementation_;
  self.socket = listen_on(address, port);
  self.port = port_of(self.socket.get());

  // C callbacks: nothing may be thrown through them.
  const auto handle = [](void* cls, MHD_Connection* connection, const char*, const char* method, const char*,
                         const char* data, std::size_t* size, void** context) -> MHD_Result {
    try {
      return *context == nullptr ? MHD_NO
                                 : static_cast<Implementation*>(cls)->handle(
                                       connection, *static_cast<Request*>(*context), method, data, size);
    } catch (...) {
      return MHD_NO;
    }
  };
  const auto note_uri = [](void*, const char* uri, MHD_Connection*) -> void* {
    try {
      auto request = std::make_unique<Request>();
      request->uri = uri;
      return request.release();
    } catch (...) {
      return nullptr;
    }
  };
  const auto completed = [](void*, MHD_Connection*, void** context, MHD_RequestTerminationCode) {
    delete static_cast<Request*>(*context);
    *context = nullptr;
  };
  const auto connection_event = [](void* cls, MHD_Connection* connection, void**, MHD_ConnectionNotificationCode code) {
    try {
      auto& server = *static_cast<Implementation*>(cls);
      if (code == MHD_CONNECTION_NOTIFY_STARTED)
        server.connection_opened(connection);
      else
        server.connection_closed(connection);
    } catch (...) {  // not watched, but still subject to the time-out of inactivity
    }
  };
  using Uri = void* (*)(void*, const char*, MHD_Connection*);
  using Completed = void (*)(void*, MHD_Connection*, void**, MHD_RequestTerminationCode);
  using Event = void (*)(void*, MHD_Connection*, void**, MHD_ConnectionNotificationCode);
  std::vector<MHD_OptionItem> tls_options;
  if (self.tls) {
    const auto text = [](const std::string& pem) { return const_cast<char*>(pem.c_str()); };
    tls_options = {{MHD_OPTION_HTTPS_MEM_CERT, 0, text(self.tls->chain_pem)},
                   {MHD_OPTION_HTTPS_MEM_KEY, 0, text(self.tls->key_pem.reveal())},
                   {MHD_OPTION_HTTPS_MEM_TRUST, 0, text(self.tls->clients_pem)}};
  }
  tls_options.push_back({MHD_OPTION_END, 0, nullptr});
  const unsigned flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL |
                         (self.tls ? static_cast<unsigned>(MHD_USE_TLS) : 0U);
  self.daemon = MHD_start_daemon(
      flags, 0, nullptr, nullptr, static_cast<MHD_AccessHandlerCallback>(handle), &self,              //
      MHD_OPTION_LISTEN_SOCKET, static_cast<MHD_socket>(self.socket.get()),                           //
      MHD_OPTION_CONNECTION_LIMIT, kMaxConnections,                                                   //
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, kConnectionMemory,                                          //
      MHD_OPTION_CONNECTION_TIMEOUT, static_cast<unsigned>(deadline.count()),                         //
      MHD_OPTION_STRICT_FOR_CLIENT, 1,                                                                //
      MHD_OPTION_URI_LOG_CALLBACK, static_cast<Uri>(note_uri), static_cast<void*>(nullptr),           //
      MHD_OPTION_NOTIFY_COMPLETED, static_cast<Completed>(completed), static_cast<void*>(nullptr),    //
      MHD_OPTION_NOTIFY_CONNECTION, static_cast<Event>(connection_event), static_cast<void*>(&self),  //
      MHD_OPTION_ARRAY, tls_options.data(),                                                           //
      MHD_OPTION_END);
  if (self.daemon == nullptr) throw Failure("cannot-listen", "the HTTP server cannot be started");
  [[maybe_unused]] const int daemons_now = self.socket.release();
  self.watchdog = std::thread([&self] { self.watch(); });
}

HttpServer::~HttpServer() {
  Implementation& self = *implementation_;
  {
    const std::lock_guard<std::mutex> lock(self.mutex);
    self.stopping = true;
  }
  self.changed.notify_all();
  self.watchdog.join();
  MHD_stop_daemon(self.daemon);
}

std::uint16_t HttpServer::port() const noexcept {
  return implementation_->port;
}

}  // namespace certctl::devca
