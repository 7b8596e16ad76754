// Takes a reply line by line and byte by byte, and stops when it gets too long. No libcurl. Internal to net.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "framework/net/http_client.hpp"

namespace certctl::net {

class ReplyCollector {
 public:
  explicit ReplyCollector(std::size_t max_body) : max_body_(max_body) {}

  // One header line, the status line and the empty one too. False: stop, see problem().
  [[nodiscard]] bool take_header(std::string_view line);
  // A piece of the body. False: stop.
  [[nodiscard]] bool take_body(std::string_view piece);
  // So many bytes came after the headers, with all that frames the body: chunks of nothing but their own sizes and
  // extensions are no body, and have no end either. False: stop.
  [[nodiscard]] bool count_received(std::size_t bytes);

  enum class Problem : int { none, too_large, malformed };
  [[nodiscard]] Problem problem() const noexcept { return problem_; }
  // What was too large or malformed, for people.
  [[nodiscard]] const std::string& what() const noexcept { return what_; }

  // Whether the headers of the real reply came to their end; curl takes a connection that breaks before that for a
  // reply.
  [[nodiscard]] bool headers_complete() const noexcept { return headers_complete_; }

  // Reason, content type, Retry-After, body.
  [[nodiscard]] HttpReply reply() &&;

 private:
  bool stop(Problem problem, std::string what);
  bool stop_too_large();
  void begin_reply(std::string_view status_line);

  std::size_t max_body_;
  std::size_t header_bytes_ = 0;
  std::size_t header_lines_ = 0;
  std::size_t received_ = 0;
  bool headers_complete_ = false;
  Problem problem_ = Problem::none;
  std::string what_;
  HttpReply reply_;
  std::optional<std::string> length_;
  std::string retry_after_;
  std::string date_;
};

}  // namespace certctl::net
