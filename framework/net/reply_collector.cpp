#include "framework/net/reply_collector.hpp"

#include <algorithm>
#include <charconv>

#include "framework/net/curl_library.hpp"
#include "framework/sys/printable.hpp"

namespace certctl::net {
namespace {

constexpr std::size_t kMostHeaderBytes = 256 * 1024;
constexpr std::size_t kMostHeaderLines = 1000;
// A body in chunks of one byte, the smallest that are sent, is six times as large: "1\r\nx\r\n".
constexpr std::size_t kMostFraming = 8;
constexpr std::size_t kLongestText = 200;  // of the reason phrase and content type
constexpr std::chrono::seconds kLongestRetryAfter{std::chrono::hours(24 * 365)};

bool same_letters(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [&](char x, char y) { return lower(x) == lower(y); });
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

// RFC 9110 §10.2.3: seconds, or a date, which is compared with the server's own clock: ours may be wrong.
std::chrono::seconds delay(const std::string& retry_after, const std::string& date) {
  long long seconds = 0;
  const auto [end, error] = std::from_chars(retry_after.data(), retry_after.data() + retry_after.size(), seconds);
  if (error != std::errc() || end != retry_after.data() + retry_after.size()) {
    const auto until = curl().getdate(retry_after.c_str(), nullptr);
    const auto now = curl().getdate(date.c_str(), nullptr);
    if (until < 0 || now < 0) return std::chrono::seconds{0};
    seconds = static_cast<long long>(until) - static_cast<long long>(now);
  }
  return std::clamp(std::chrono::seconds{seconds}, std::chrono::seconds{0}, kLongestRetryAfter);
}

}  // namespace

bool ReplyCollector::stop(Problem problem, std::string what) {
  problem_ = problem;
  what_ = std::move(what);
  return false;
}

bool ReplyCollector::stop_too_large() {
  return stop(Problem::too_large, "more than " + std::to_string(max_body_) + " bytes of reply");
}

// An interim reply (1xx) may come before the real one.
void ReplyCollector::begin_reply(std::string_view status_line) {
  reply_ = {};
  headers_complete_ = false;
  length_.reset();
  retry_after_.clear();
  date_.clear();
  // "HTTP/1.1 202 Accepted": curl has checked the beginning
  const std::size_t first = std::min(status_line.find(' '), status_line.size());
  const std::string_view rest = trimmed(status_line.substr(first));
  const std::size_t second = std::min(rest.find(' '), rest.size());
  reply_.reason = sys::printable_start(trimmed(rest.substr(second)), kLongestText);
}

bool ReplyCollector::take_header(std::string_view line) {
  header_bytes_ += line.size();
  ++header_lines_;
  if (header_bytes_ > kMostHeaderBytes) {
    return stop(Problem::too_large, "more than " + std::to_string(kMostHeaderBytes / 1024) + " KiB of headers");
  }
  if (header_lines_ > kMostHeaderLines) {
    return stop(Problem::too_large, "more than " + std::to_string(kMostHeaderLines) + " lines of headers");
  }
  if (line.starts_with("HTTP/")) {
    begin_reply(line);
    return true;
  }
  if (trimmed(line).empty()) {
    headers_complete_ = true;
    return true;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return true;
  const std::string_view name = line.substr(0, colon);
  const std::string value(trimmed(line.substr(colon + 1)));
  reply_.headers.emplace_back(lower_case(trimmed(name)), value);
  if (same_letters(name, "content-length")) {
    // RFC 9112 §6.3: lengths that differ make a reply that can't be trusted to be whole.
    if (length_ && *length_ != value) return stop(Problem::malformed, "two different lengths of the reply");
    length_ = value;
    std::size_t length = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
    // curl would read what it can't count until the connection ends, as if it were whole then.
    if (end != value.data() + value.size() || error == std::errc::invalid_argument) {
      return stop(Problem::malformed, "a length of the reply that is no number");
    }
    if (error != std::errc() || length > max_body_) return stop_too_large();
  } else if (same_letters(name, "content-type")) {
    reply_.content_type = sys::printable_start(value, kLongestText);
  } else if (same_letters(name, "www-authenticate")) {
    if (reply_.authenticate.size() < kLongestText)
      reply_.authenticate += (reply_.authenticate.empty() ? "" : "; ") + sys::printable_start(value, kLongestText);
  } else if (same_letters(name, "retry-after")) {
    retry_after_ = value;
  } else if (same_letters(name, "date")) {
    date_ = value;
  }
  return true;
}

bool ReplyCollector::take_body(std::string_view piece) {
  if (piece.size() > max_body_ - reply_.body.size()) {
    return stop_too_large();
  }
  reply_.body.insert(reply_.body.end(), piece.begin(), piece.end());
  return true;
}

bool ReplyCollector::count_received(std::size_t bytes) {
  received_ += bytes;
  const std::size_t most = max_body_ * kMostFraming + kMostHeaderBytes;
  return received_ <= most ||
         stop(Problem::too_large, "more than " + std::to_string(most) + " bytes around a smaller reply");
}

HttpReply ReplyCollector::reply() && {
  reply_.retry_after = delay(retry_after_, date_);
  return std::move(reply_);
}

}  // namespace certctl::net
