#include "framework/net/directory_client.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "framework/net/curl_library.hpp"
#include "framework/net/url.hpp"
#include "framework/sys/printable.hpp"

namespace certctl::net {
namespace {

struct CloseHandle {
  void operator()(CURL* handle) const noexcept { curl().easy_cleanup(handle); }
};

struct Answer {
  std::size_t limit = 0;
  Bytes text;
  bool too_large = false;
  bool threw = false;  // out of memory in the callback
};

std::size_t on_text(char* data, std::size_t size, std::size_t count, void* user) {
  auto& answer = *static_cast<Answer*>(user);
  const std::size_t bytes = size * count;
  answer.too_large = bytes > answer.limit - answer.text.size();
  if (answer.too_large) return 0;
  try {
    answer.text.insert(answer.text.end(), data, data + bytes);
  } catch (...) {
    answer.threw = true;
    return 0;
  }
  return bytes;
}

[[noreturn]] void fail(const char* code, std::string message, const char* hint, bool nothing_sent) {
  throw HttpFailure(Error{code, std::move(message), hint, RetryClass::later, std::chrono::seconds{0}}, nothing_sent);
}

template <class Value>
void set(CURL* handle, CURLoption option, Value value) {
  if (curl().easy_setopt(handle, option, value) != CURLE_OK)
    fail("internal", "libcurl does not know option " + std::to_string(static_cast<int>(option)), "", true);
}

}  // namespace

Bytes look_up_directory(const std::string& url, const HttpSettings& settings) {
  const std::string shown = check_directory_url(url).shown;
  const std::unique_ptr<CURL, CloseHandle> handle(curl().easy_init());
  if (!handle) throw std::bad_alloc();
  Answer answer;
  answer.limit = settings.max_reply;
  std::array<char, CURL_ERROR_SIZE> words{};
  set(handle.get(), CURLOPT_NOSIGNAL, 1L);
  set(handle.get(), CURLOPT_QUICK_EXIT, 1L);
  set(handle.get(), CURLOPT_PROTOCOLS_STR, "ldap");
  set(handle.get(), CURLOPT_PROXY, "");
  set(handle.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(settings.timeout.count()));
  set(handle.get(), CURLOPT_CONNECTTIMEOUT_MS,
      static_cast<long>(std::min(settings.timeout, settings.connect_timeout).count()));
  set(handle.get(), CURLOPT_URL, url.c_str());
  set(handle.get(), CURLOPT_ERRORBUFFER, words.data());
  set(handle.get(), CURLOPT_WRITEFUNCTION, &on_text);
  set(handle.get(), CURLOPT_WRITEDATA, static_cast<void*>(&answer));

  const CURLcode code = curl().easy_perform(handle.get());
  if (answer.threw) throw std::bad_alloc();
  if (answer.too_large)
    fail("reply-too-large", shown + " sends more than " + std::to_string(settings.max_reply) + " bytes",
         "if that is right, raise `max_reply`", false);
  const std::string why =
      sys::printable_start(words[0] == '\0' ? std::string_view(curl().easy_strerror(code)) : words.data(), 200);
  switch (code) {
    case CURLE_OK: return std::move(answer.text);
    case CURLE_OPERATION_TIMEDOUT:
      fail("deadline", shown + " did not answer in time: " + why, "raise `timeout` if the server is that slow", false);
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_LDAP_CANNOT_BIND:
      fail("ca-unreachable", "no connection to " + shown + ": " + why,
           "check the address, the network and name resolution", true);
    case CURLE_UNSUPPORTED_PROTOCOL:
      fail("ca-unreachable", "this libcurl cannot ask a directory: " + why, "install a libcurl with LDAP", true);
    default: fail("reply-lost", "no answer of " + shown + ": " + why, "", false);
  }
}

}  // namespace certctl::net
