#include "framework/probe/address.hpp"

#include <netdb.h>
#include <netinet/in.h>

#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include <certctl/result.hpp>

#include "framework/sys/printable.hpp"

namespace certctl::probe {
namespace {

struct Answer {
  int error = EAI_SYSTEM;
  std::vector<Address> addresses;
};

std::string text_of(const sockaddr* address, socklen_t size) {
  char host[NI_MAXHOST];
  char port[NI_MAXSERV];
  if (getnameinfo(address, size, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return "an address";
  const std::string name = address->sa_family == AF_INET6 ? "[" + std::string(host) + "]" : host;
  return name + ":" + port;
}

Answer ask(const std::string& host, std::uint16_t port, int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  Answer answer;
  answer.error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  if (answer.error != 0) return answer;
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(list, &freeaddrinfo);
  for (const addrinfo* one = list; one != nullptr; one = one->ai_next) {
    if (one->ai_addrlen > sizeof(sockaddr_storage)) continue;
    Address address;
    std::memcpy(&address.storage, one->ai_addr, one->ai_addrlen);
    address.size = one->ai_addrlen;
    address.text = text_of(one->ai_addr, one->ai_addrlen);
    answer.addresses.push_back(std::move(address));
  }
  return answer;
}

Failure unknown_host(const std::string& host, const std::string& why) {
  return Failure("unreachable", "no address for " + sys::printable(host) + ": " + why,
                 "name the listener by its address, or mend the name service");
}

// The resolver has no deadline of its own; a thread that waits too long is left to end by itself.
struct Question {
  std::mutex mutex;
  std::condition_variable answered;
  std::optional<Answer> answer;
};

}  // namespace

std::vector<Address> addresses_of(const std::string& host, std::uint16_t port, Deadline deadline) {
  Answer answer = ask(host, port, AI_NUMERICHOST);
  if (answer.error != 0) {
    const auto question = std::make_shared<Question>();
    std::thread([question, host, port] {
      Answer found = ask(host, port, AI_ADDRCONFIG);
      const std::lock_guard<std::mutex> lock(question->mutex);
      question->answer = std::move(found);
      question->answered.notify_all();
    }).detach();
    std::unique_lock<std::mutex> lock(question->mutex);
    if (!question->answered.wait_until(lock, deadline, [&] { return question->answer.has_value(); }))
      throw unknown_host(host, "the name service does not answer in time");
    answer = std::move(*question->answer);
  }
  if (answer.error != 0) throw unknown_host(host, gai_strerror(answer.error));
  if (answer.addresses.empty()) throw unknown_host(host, "it has none");
  return answer.addresses;
}

}  // namespace certctl::probe
