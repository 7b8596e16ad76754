#include "framework/probe/smtp_greeting.hpp"

#include <algorithm>

#include <certctl/result.hpp>

#include "framework/sys/printable.hpp"

namespace certctl::probe {
namespace {

// RFC 5321 section 4.5.3.1.5 says 512 octets a line; servers are known to go beyond it.
constexpr std::size_t kMaxLine = 2048;
constexpr std::size_t kMaxLines = 128;
constexpr std::size_t kShown = 120;

Failure refused(const std::string& words) {
  return Failure("unreachable", words);
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// "STARTTLS", in whichever letters, alone or before parameters.
bool says_starttls(std::string_view line) {
  static constexpr std::string_view kWord = "STARTTLS";
  const std::string_view text = line.substr(std::min<std::size_t>(4, line.size()));
  if (text.size() < kWord.size() || (text.size() > kWord.size() && text[kWord.size()] != ' ')) return false;
  return std::equal(kWord.begin(), kWord.end(), text.begin(), [](char word, char c) {
    return word == (c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
  });
}

}  // namespace

std::string SmtpGreeting::receive(std::string_view bytes) {
  if (done()) throw refused("sends in clear after its answer to STARTTLS");
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t end = bytes.find('\n', at);
    rest_ += bytes.substr(at, end == std::string_view::npos ? std::string_view::npos : end + 1 - at);
    if (rest_.size() > kMaxLine) throw refused("sends an endless line instead of an SMTP reply");
    if (end == std::string_view::npos) return {};
    at = end + 1;
    rest_.pop_back();
    if (!rest_.empty() && rest_.back() == '\r') rest_.pop_back();
    take_line(rest_);
    rest_.clear();
    if (!reply_complete_) continue;
    if (at != bytes.size()) throw refused("sends more than the answer to one SMTP command");
    return answer();
  }
  return {};
}

void SmtpGreeting::take_line(std::string_view line) {
  const bool well_formed = line.size() >= 3 && std::all_of(line.begin(), line.begin() + 3, is_digit) &&
                           (line.size() == 3 || line[3] == ' ' || line[3] == '-');
  if (!well_formed) throw refused("does not speak SMTP: '" + sys::printable_start(line, kShown) + "'");
  if (!lines_.empty() && lines_.front().compare(0, 3, line, 0, 3) != 0)
    throw refused("answers one SMTP command with several codes");
  if (lines_.size() == kMaxLines) throw refused("sends an endless SMTP reply");
  lines_.emplace_back(line);
  reply_complete_ = line.size() == 3 || line[3] == ' ';
}

std::string SmtpGreeting::answer() {
  const std::vector<std::string> lines = std::move(lines_);
  lines_.clear();
  reply_complete_ = false;
  const std::string code = lines.front().substr(0, 3);
  const std::string wanted = step_ == Step::hello ? "250" : "220";
  if (code != wanted) {
    const char* const to_what = step_ == Step::greeting ? "greets with"
                                : step_ == Step::hello  ? "answers EHLO with"
                                                        : "answers STARTTLS with";
    throw refused(std::string(to_what) + " '" + sys::printable_start(lines.back(), kShown) + "'");
  }
  switch (step_) {
    case Step::greeting: step_ = Step::hello; return "EHLO " + own_name_ + "\r\n";
    case Step::hello:
      if (std::none_of(lines.begin() + 1, lines.end(), says_starttls)) throw refused("does not offer STARTTLS");
      step_ = Step::starttls;
      return "STARTTLS\r\n";
    default: step_ = Step::done; return {};
  }
}

}  // namespace certctl::probe
