// The words with a mail server that lead to a TLS handshake: its greeting, EHLO, STARTTLS (RFC 5321, RFC 3207). Over
// bytes in memory; the server may be hostile.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace certctl::probe {

class SmtpGreeting {
 public:
  // `own_name`: what EHLO says, a domain or an address literal.
  explicit SmtpGreeting(std::string own_name) : own_name_(std::move(own_name)) {}

  // Takes what the server sent; returns what is to be sent to it, perhaps nothing. Failure unreachable (later), with
  // words that follow the listener's name: a server that refuses, offers no STARTTLS, breaks the protocol, sends more
  // than an answer may have, or says something that it was not asked (RFC 3207 section 6: what comes in clear after the
  // STARTTLS answer must not reach the TLS session).
  [[nodiscard]] std::string receive(std::string_view bytes);
  // The server waits for the handshake.
  [[nodiscard]] bool done() const noexcept { return step_ == Step::done; }

 private:
  enum class Step : int { greeting, hello, starttls, done };

  void take_line(std::string_view line);
  [[nodiscard]] std::string answer();

  std::string own_name_;
  Step step_ = Step::greeting;
  std::string rest_;  // of a line that is not complete
  std::vector<std::string> lines_;
  bool reply_complete_ = false;
};

}  // namespace certctl::probe
