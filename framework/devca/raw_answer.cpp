#include "framework/devca/raw_answer.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <functional>
#include <string>

namespace certctl::devca {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::array<std::string_view, 26> kRawAnswerNames = {
    // refused by a careful client
    "cut-headers", "slow-headers", "reset", "length-huge", "length-negative", "length-words", "length-twice",
    "length-short", "length-long", "chunk-huge", "chunk-negative", "chunk-words", "chunk-cut", "chunk-trailer",
    "many-headers", "long-header", "many-interim", "not-http", "gzip-bomb", "hostile-reason",
    // odd, and fine
    "chunk-bytes", "chunk-and-length", "interim", "no-length", "old-http", "more-after"};

constexpr std::size_t kManyHeaders = 100'000;
constexpr std::size_t kLongHeader = 1U << 20U;
constexpr std::size_t kTrailerLines = 1'000'000;
constexpr std::size_t kBombBytes = 64U << 20U;  // what the bomb becomes
constexpr milliseconds kPatience{20'000};       // for a client that does not read

// Writes to a socket that may be non-blocking.
class Wire {
 public:
  Wire(const RawConnection& connection, const std::function<bool(milliseconds)>& wait)
      : connection_(connection), wait_(wait) {}

  // False when nobody reads any more, or the server stops.
  bool send(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t count = connection_.write(text.data(), text.size());
      if (count > 0) {
        text.remove_prefix(static_cast<std::size_t>(count));
      } else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
        return false;
      } else {
        pollfd ready{connection_.socket, POLLOUT, 0};
        if (::poll(&ready, 1, static_cast<int>(kPatience.count())) <= 0 || !wait_(milliseconds{0})) return false;
      }
    }
    return true;
  }
  [[nodiscard]] bool drip(std::string_view text, milliseconds pause) const {
    for (const char one : text)
      if (!wait_(pause) || !send({&one, 1})) return false;
    return true;
  }
  // The other side gets RST instead of an end.
  void reset() const {
    const linger at_once{1, 0};
    ::setsockopt(connection_.socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }

 private:
  const RawConnection& connection_;
  const std::function<bool(milliseconds)>& wait_;
};

std::string_view usual_reason(int status) {
  switch (status) {
    case 200: return "OK";
    case 202: return "Accepted";
    case 400: return "Bad Request";
    case 500: return "Internal Server Error";
    default: return "Status";
  }
}

std::string in_hex(std::size_t number) {
  std::string text;
  do text.insert(text.begin(), "0123456789abcdef"[number & 0xFU]);
  while ((number >>= 4U) != 0);
  return text;
}

// Deflate's fixed codes by hand: a zero octet, and then "258 times the octet before" over and over: 13 bits each.
std::string gzip_bomb() {
  std::string out("\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);
  unsigned pending = 0;
  unsigned bits = 0;
  const auto put = [&](unsigned value, unsigned count) {
    for (unsigned i = 0; i < count; ++i) {
      pending |= ((value >> i) & 1U) << bits;
      if (++bits == 8) out += static_cast<char>(pending), pending = bits = 0;
    }
  };
  const auto code = [&](unsigned value, unsigned count) {  // Huffman codes begin with their highest bit
    for (unsigned i = count; i-- > 0;) put((value >> i) & 1U, 1);
  };
  put(1, 1);
  put(1, 2);
  code(0x30, 8);
  for (std::size_t i = 0; i < kBombBytes / 258; ++i) {
    code(0xC5, 8);
    code(0, 5);
  }
  code(0, 7);
  put(0, bits == 0 ? 0 : 8 - bits);
  return out + std::string(8, '\0');  // checksum and size: nobody should come so far
}

}  // namespace

std::span<const std::string_view> framing_faults() {
  return kRawAnswerNames;
}

void write_raw(const RawConnection& connection, const Answer& answer, const std::function<bool(milliseconds)>& wait) {
  const Wire wire(connection, wait);
  const std::string& how = answer.framing;
  const std::string_view body(reinterpret_cast<const char*>(answer.body.data()), answer.body.size());
  const std::string length = "Content-Length: " + std::to_string(body.size()) + "\r\n";
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  std::string start = how == "old-http" ? "HTTP/1.0 " : "HTTP/1.1 ";
  start += std::to_string(answer.status) + " ";
  start += answer.reason.empty() ? usual_reason(answer.status) : std::string_view(answer.reason);
  start += "\r\n";
  if (!answer.content_type.empty()) start += "Content-Type: " + answer.content_type + "\r\n";
  for (const auto& [name, value] : answer.headers) start += name + ": " + value + "\r\n";
  start += "Connection: close\r\n";
  const std::string end = "\r\n";
  const auto reply = [&](const std::string& headers, std::string_view content) {
    return wire.send(start + headers + end) && wire.send(content);
  };
  const std::string one_chunk = in_hex(body.size()) + "\r\n" + std::string(body) + "\r\n";

  if (how == "cut-headers")
    wire.send(start.substr(0, start.size() - 5));
  else if (how == "slow-headers")
    (void)wire.drip(start, seconds{1});
  else if (how == "reset")
    reply(length, body.substr(0, body.size() / 2)), wire.reset();
  else if (how == "length-huge")
    reply("Content-Length: 10000000000\r\n", body);
  else if (how == "length-negative")
    reply("Content-Length: -1\r\n", body);
  else if (how == "length-words")
    reply("Content-Length: all of it\r\n", body);
  else if (how == "length-twice")
    reply(length + "Content-Length: 7\r\n", body);
  else if (how == "length-short")
    reply("Content-Length: " + std::to_string(body.size() / 2) + "\r\n", body);
  else if (how == "length-long")
    reply("Content-Length: " + std::to_string(body.size() + 100) + "\r\n", body);
  else if (how == "chunk-huge")
    reply(chunked, "fffffffffffffff0\r\n" + std::string(body));
  else if (how == "chunk-negative")
    reply(chunked, "-5\r\n" + std::string(body) + "\r\n0\r\n\r\n");
  else if (how == "chunk-words")
    reply(chunked, "many\r\n" + std::string(body) + "\r\n0\r\n\r\n");
  else if (how == "chunk-cut")
    reply(chunked, one_chunk);
  else if (how == "chunk-trailer") {
    bool reading = reply(chunked, one_chunk + "0\r\n");
    for (std::size_t i = 0; i < kTrailerLines && reading; ++i) reading = wire.send("X-Trailer: and so on\r\n");
  } else if (how == "chunk-bytes") {
    std::string chunks;
    for (const char one : body) chunks += std::string("1\r\n") + one + "\r\n";
    reply(chunked, chunks + "0\r\n\r\n");
  } else if (how == "chunk-and-length") {
    reply(length + chunked, one_chunk + "0\r\n\r\n");
  } else if (how == "many-headers") {
    std::string headers;
    for (std::size_t i = 0; i < kManyHeaders; ++i) headers += "X-" + std::to_string(i) + ": and so on\r\n";
    reply(length + headers, body);
  } else if (how == "long-header") {
    reply(length + "X-Long: " + std::string(kLongHeader, 'x') + "\r\n", body);
  } else if (how == "many-interim") {
    bool reading = true;
    for (std::size_t i = 0; i < kManyHeaders && reading; ++i) reading = wire.send("HTTP/1.1 102 Processing\r\n\r\n");
    if (reading) reply(length, body);
  } else if (how == "interim") {
    wire.send("HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nX-Early: yes\r\n\r\n");
    reply(length, body);
  } else if (how == "not-http") {
    wire.send("220 mail.example.test ESMTP ready\r\n");
  } else if (how == "gzip-bomb") {
    const std::string bomb = gzip_bomb();
    reply("Content-Encoding: gzip\r\nContent-Length: " + std::to_string(bomb.size()) + "\r\n", bomb);
  } else if (how == "no-length" || how == "old-http") {
    reply("", body);
  } else if (how == "more-after") {
    reply(length, std::string(body) + "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
  } else {
    reply(length, body);
  }
}

}  // namespace certctl::devca
