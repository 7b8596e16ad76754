// How sscep ends early: an exit code that scripts know, and what to say.
#pragma once

#include <certctl/result.hpp>

#include <exception>
#include <string>
#include <utility>

namespace certctl::sscep {

// The numbers of the reference tool; scripts switch on them.
enum class ExitCode : int {
  success = 0,
  error = 1,       // options, algorithm names, engines
  pending = 3,     // the CA has not decided
  fail_info = 70,  // 70 + failInfo of a FAILURE: 70 badAlg … 74 badCertId
  signer = 91,     // no self-signed certificate; an unreadable serial number
  file = 93,       // input, output, configuration; a reply without what was asked for
  network = 95,    // no SCEP answer
  message = 97,    // a SCEP message cannot be made, or a reply must not be believed
};

class Stop : public std::exception {
 public:
  Stop(ExitCode code, std::string message, std::string hint = {})
      : code_(static_cast<int>(code)), message_(std::move(message)), hint_(std::move(hint)) {}
  // Everything has been said already.
  explicit Stop(int code) : code_(code) {}

  [[nodiscard]] int code() const noexcept { return code_; }
  [[nodiscard]] const std::string& message() const noexcept { return message_; }  // empty: nothing more to say
  [[nodiscard]] const std::string& hint() const noexcept { return hint_; }
  [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }

 private:
  int code_;
  std::string message_;
  std::string hint_;
};

// Runs `body`; a Failure becomes a Stop with this code. The hints of failures speak of a profile's options, which do
// not exist here: they are left out.
template <class Body>
auto or_stop(ExitCode code, const std::string& what, Body&& body) {
  try {
    return body();
  } catch (const Failure& failure) {
    throw Stop(code, what.empty() ? failure.error().message : what + ": " + failure.error().message);
  }
}

}  // namespace certctl::sscep
