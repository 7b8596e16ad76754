#include "framework/daemon/web/http_server.hpp"

#include <certctl/result.hpp>

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace certctl::web {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t kConnectionMemory = 32U << 10U;  // request line and headers
constexpr int kAnswerers = 8;

enum class Stage : int { headers, body, answering, answered };

struct Exchange {
  MHD_Connection* connection = nullptr;
  page::Request request;
  page::Response response;
  Stage stage = Stage::headers;
};

page::Response plain(int status, const char* text) {
  page::Response response;
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  response.body = std::string(text) + "\n";
  return response;
}

// What the headers say, and whether they say one thing.
struct Headers {
  page::Request* request;
  int hosts = 0;
  int lengths = 0;
  int encodings = 0;
  bool bad = false;
  std::size_t length = 0;
  std::string forwarded;
};

MHD_Result look_at(void* cls, MHD_ValueKind, const char* name, const char* value) {
  auto& headers = *static_cast<Headers*>(cls);
  const std::string text = value == nullptr ? "" : value;
  const auto is = [&](const char* other) { return ::strcasecmp(name, other) == 0; };
  page::Request& request = *headers.request;
  if (is("Host")) {
    ++headers.hosts;
    request.host = text;
  } else if (is("Content-Length")) {
    ++headers.lengths;
    const bool digits = !text.empty() && text.size() <= 9 &&
                        std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    headers.bad = headers.bad || !digits;
    if (digits) headers.length = std::stoul(text);
  } else if (is("Transfer-Encoding")) {
    ++headers.encodings;
  } else if (is("Content-Type")) {
    request.content_type = text;
  } else if (is("Origin")) {
    request.origin = text;
  } else if (is("Referer")) {
    request.referer = text;
  } else if (is("Sec-Fetch-Site")) {
    request.fetch_site = text;
  } else if (is("Cookie")) {
    request.cookie = text;
  } else if (is("X-Forwarded-For")) {
    headers.forwarded = text;
  }
  return MHD_YES;
}

// The last one in the list is what our own proxy saw; those before it are what the client says.
std::string last_of(const std::string& list) {
  const std::size_t comma = list.rfind(',');
  std::string last = comma == std::string::npos ? list : list.substr(comma + 1);
  last.erase(0, last.find_first_not_of(' '));
  return last.substr(0, 64);
}

std::string address_of(MHD_Connection* connection) {
  const MHD_ConnectionInfo* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  if (info == nullptr || info->client_addr == nullptr) return {};
  char text[INET6_ADDRSTRLEN] = "";
  const sockaddr* address = info->client_addr;
  if (address->sa_family == AF_INET)
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, text, sizeof text);
  if (address->sa_family == AF_INET6)
    ::inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, text, sizeof text);
  return text;
}

MHD_Result send(MHD_Connection* connection, const page::Response& answer) {
  MHD_Response* response =
      MHD_create_response_from_buffer(answer.body.size(), const_cast<char*>(answer.body.data()), MHD_RESPMEM_MUST_COPY);
  if (response == nullptr) return MHD_NO;
  MHD_add_response_header(response, "Content-Type", answer.content_type.c_str());
  MHD_add_response_header(response, "Connection", "close");
  for (const auto& [name, value] : page::safety_headers())
    MHD_add_response_header(response, name.c_str(), value.c_str());
  for (const auto& [name, value] : answer.headers) MHD_add_response_header(response, name.c_str(), value.c_str());
  const MHD_Result queued = MHD_queue_response(connection, static_cast<unsigned>(answer.status), response);
  MHD_destroy_response(response);
  return queued;
}

}  // namespace

struct HttpServer::Implementation {
  Handler handler;
  bool forwarded = false;
  MHD_Daemon* daemon = nullptr;

  struct Open {
    int descriptor = -1;
    Steady::time_point since;  // of the stage
    bool suspended = false;    // an answer is being made: nobody waits for the client
    bool answering = false;    // the answer is on its way
  };
  std::mutex mutex;
  std::condition_variable changed;
  bool stopping = false;
  std::deque<Exchange*> waiting;
  std::map<const MHD_Connection*, Open> open;
  std::size_t body_octets = 0;
  std::thread watchdog;
  std::vector<std::thread> answerers;

  // libmicrohttpd's time-out is for inactivity only: whoever sends a byte a second would stay for ever.
  void watch() {
    std::unique_lock lock(mutex);
    while (!stopping) {
      changed.wait_for(lock, std::chrono::milliseconds{300});
      const auto now = Steady::now();
      const bool crowded = open.size() > kMostConnections / 2;
      for (const auto& [connection, one] : open) {
        if (one.suspended) continue;
        const auto limit = one.answering ? kAnswerTime : crowded ? kCrowdedTime : kRequestTime;
        if (now - one.since > limit) ::shutdown(one.descriptor, SHUT_RDWR);
      }
    }
  }

  void answer_all() {
    std::unique_lock lock(mutex);
    for (;;) {
      changed.wait(lock, [&] { return stopping || !waiting.empty(); });
      if (waiting.empty()) return;
      Exchange* exchange = waiting.front();
      waiting.pop_front();
      const bool give_up = stopping;
      lock.unlock();
      exchange->response = give_up ? plain(503, "the page is being stopped") : handler(exchange->request);
      lock.lock();
      exchange->stage = Stage::answered;
      open[exchange->connection].suspended = false;
      MHD_resume_connection(exchange->connection);
    }
  }

  void connection_changed(MHD_Connection* connection, bool begins) {
    const MHD_ConnectionInfo* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    const std::lock_guard lock(mutex);
    if (begins && info != nullptr)
      open[connection] = {info->connect_fd, Steady::now(), false, false};
    else
      open.erase(connection);
  }

  MHD_Result refuse(Exchange& exchange, const page::Response& answer) {
    exchange.stage = Stage::answered;
    return deliver(exchange, answer);
  }

  MHD_Result deliver(const Exchange& exchange, const page::Response& answer) {
    {
      const std::lock_guard lock(mutex);
      Open& one = open[exchange.connection];
      one.since = Steady::now();
      one.answering = true;
    }
    return send(exchange.connection, answer);
  }

  MHD_Result begin(Exchange& exchange, const char* method) {
    exchange.stage = Stage::body;
    page::Request& request = exchange.request;
    request.method = method;
    if (request.method != "GET" && request.method != "HEAD" && request.method != "POST")
      return refuse(exchange, plain(405, "GET or POST"));
    if (request.path.empty() || request.path.front() != '/') return refuse(exchange, plain(400, "not a path"));
    Headers headers{&request, 0, 0, 0, false, 0, {}};
    MHD_get_connection_values(exchange.connection, MHD_HEADER_KIND, &look_at, &headers);
    const bool unclear = headers.lengths > 1 || headers.encodings > 0 || headers.bad;
    if (headers.hosts != 1 || unclear)
      return refuse(exchange, plain(400, "one Host, and one Content-Length for what has a body"));
    if (request.method != "POST" && headers.length > 0) return refuse(exchange, plain(400, "a body is not expected"));
    if (headers.length > kLongestBody) return refuse(exchange, plain(413, "the form is too long"));
    request.client = forwarded ? last_of(headers.forwarded) : address_of(exchange.connection);
    return MHD_YES;
  }

  MHD_Result take(Exchange& exchange, const char* data, std::size_t* size) {
    {
      const std::lock_guard lock(mutex);
      if (exchange.request.body.size() + *size > kLongestBody || body_octets + *size > kMostBodies) return MHD_NO;
      body_octets += *size;
    }
    exchange.request.body.append(data, *size);
    *size = 0;
    return MHD_YES;
  }

  MHD_Result handle(Exchange& exchange, const char* method, const char* data, std::size_t* size) {
    switch (exchange.stage) {
      case Stage::headers: return begin(exchange, method);
      case Stage::body: break;
      case Stage::answering: return MHD_NO;  // never: it is suspended
      case Stage::answered: return *size != 0 ? (*size = 0, MHD_YES) : deliver(exchange, exchange.response);
    }
    if (*size != 0) return take(exchange, data, size);
    {
      const std::lock_guard lock(mutex);
      if (stopping) return MHD_NO;
      exchange.stage = Stage::answering;
      open[exchange.connection].suspended = true;
      MHD_suspend_connection(exchange.connection);
      waiting.push_back(&exchange);
    }
    changed.notify_all();
    return MHD_YES;
  }

  void end(Exchange* exchange) {
    const std::lock_guard lock(mutex);
    body_octets -= std::min(body_octets, exchange->request.body.size());
    delete exchange;
  }
};

HttpServer::HttpServer(Listener listener, bool forwarded, Handler handler)
    : implementation_(std::make_unique<Implementation>()) {
  Implementation& self = *implementation_;
  self.handler = std::move(handler);
  self.forwarded = forwarded;

  // C callbacks: nothing may be thrown through them.
  const auto handle = [](void* cls, MHD_Connection*, const char*, const char* method, const char*, const char* data,
                         std::size_t* size, void** context) -> MHD_Result {
    try {
      if (*context == nullptr) return MHD_NO;
      return static_cast<Implementation*>(cls)->handle(*static_cast<Exchange*>(*context), method, data, size);
    } catch (...) {
      return MHD_NO;
    }
  };
  // As it was sent: libmicrohttpd decodes and cuts what it hands to the handler.
  const auto note_target = [](void*, const char* target, MHD_Connection* connection) -> void* {
    try {
      auto exchange = std::make_unique<Exchange>();
      exchange->connection = connection;
      const std::string text = target;
      const std::size_t question = text.find('?');
      exchange->request.path = text.substr(0, question);
      if (question != std::string::npos) exchange->request.query = text.substr(question + 1);
      return exchange.release();
    } catch (...) {
      return nullptr;
    }
  };
  const auto completed = [](void* cls, MHD_Connection*, void** context, MHD_RequestTerminationCode) {
    if (*context != nullptr) static_cast<Implementation*>(cls)->end(static_cast<Exchange*>(*context));
    *context = nullptr;
  };
  const auto connection_event = [](void* cls, MHD_Connection* connection, void**, MHD_ConnectionNotificationCode code) {
    try {
      static_cast<Implementation*>(cls)->connection_changed(connection, code == MHD_CONNECTION_NOTIFY_STARTED);
    } catch (...) {  // not watched, but still subject to the time-out of inactivity
    }
  };
  using Target = void* (*)(void*, const char*, MHD_Connection*);
  using Completed = void (*)(void*, MHD_Connection*, void**, MHD_RequestTerminationCode);
  using Event = void (*)(void*, MHD_Connection*, void**, MHD_ConnectionNotificationCode);
  self.daemon = MHD_start_daemon(
      MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, nullptr, nullptr,
      static_cast<MHD_AccessHandlerCallback>(handle), &self,                                          //
      MHD_OPTION_LISTEN_SOCKET, static_cast<MHD_socket>(listener.socket.get()),                       //
      MHD_OPTION_CONNECTION_LIMIT, kMostConnections,                                                  //
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, kConnectionMemory,                                          //
      MHD_OPTION_CONNECTION_TIMEOUT, static_cast<unsigned>(kAnswerTime.count()),                      //
      MHD_OPTION_STRICT_FOR_CLIENT, 1,                                                                //
      MHD_OPTION_URI_LOG_CALLBACK, static_cast<Target>(note_target), static_cast<void*>(nullptr),     //
      MHD_OPTION_NOTIFY_COMPLETED, static_cast<Completed>(completed), static_cast<void*>(&self),      //
      MHD_OPTION_NOTIFY_CONNECTION, static_cast<Event>(connection_event), static_cast<void*>(&self),  //
      MHD_OPTION_END);
  if (self.daemon == nullptr) throw Failure::never("cannot-listen", "the HTTP server cannot be started");
  [[maybe_unused]] const int its_socket = listener.socket.release();
  self.watchdog = std::thread([&self] { self.watch(); });
  for (int i = 0; i < kAnswerers; ++i) self.answerers.emplace_back([&self] { self.answer_all(); });
}

HttpServer::~HttpServer() {
  Implementation& self = *implementation_;
  const MHD_socket listening = MHD_quiesce_daemon(self.daemon);
  {
    const std::lock_guard lock(self.mutex);
    self.stopping = true;
  }
  self.changed.notify_all();
  for (std::thread& answerer : self.answerers) answerer.join();
  self.watchdog.join();
  {
    // A request that became whole after the last answerer had looked.
    const std::lock_guard lock(self.mutex);
    for (Exchange* exchange : self.waiting) {
      exchange->stage = Stage::answered;
      exchange->response = plain(503, "the page is being stopped");
      MHD_resume_connection(exchange->connection);
    }
    self.waiting.clear();
  }
  MHD_stop_daemon(self.daemon);
  if (listening != MHD_INVALID_SOCKET) ::close(listening);
}

}  // namespace certctl::web
