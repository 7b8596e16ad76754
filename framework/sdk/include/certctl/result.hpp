// How certctl speaks of failure: one Error value, one exception that carries it, and Result<T> for the border.
//
// Inside a plugin and inside the framework a failure is thrown as certctl::Failure. No exception crosses a library:
// at the border, in both directions, the same Error travels inside a Result<T>. The adaptors of plugin.hpp make that
// translation, so that a plugin's author only throws and returns.
#pragma once

#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace certctl {

// What the reporter of a failure knows about trying again. Only the engine waits and retries; no plugin sleeps.
enum class RetryClass : int {
  never,  // the same attempt cannot succeed until a person changes something (the engine still tries daily)
  later,  // a passing fault: the engine's back-off decides
  after,  // the other side named a delay: Error::delay, which the engine clamps to 1 minute .. 24 hours
};

struct Error {
  std::string code;                      // stable, for programs: lower case words joined by '-', e.g. "ca-unreachable"
  std::string message;                   // for people: lower case, no full stop: what failed, on what
  std::string hint;                      // for people: what to do about it; may be empty
  RetryClass retry = RetryClass::later;  // see above
  std::chrono::seconds delay{0};         // meaningful with RetryClass::after only
};

// The one exception type of certctl.
class Failure : public std::exception {
 public:
  explicit Failure(Error error) : error_(std::move(error)) {}
  // A passing fault (RetryClass::later).
  Failure(std::string code, std::string message, std::string hint = {})
      : error_{std::move(code), std::move(message), std::move(hint), RetryClass::later, std::chrono::seconds{0}} {}

  // A failure that only a person can mend (RetryClass::never).
  [[nodiscard]] static Failure never(std::string code, std::string message, std::string hint = {}) {
    return Failure(
        Error{std::move(code), std::move(message), std::move(hint), RetryClass::never, std::chrono::seconds{0}});
  }
  // The other side named a delay.
  [[nodiscard]] static Failure after(std::chrono::seconds delay, std::string code, std::string message,
                                     std::string hint = {}) {
    return Failure(Error{std::move(code), std::move(message), std::move(hint), RetryClass::after, delay});
  }

  [[nodiscard]] const Error& error() const noexcept { return error_; }
  [[nodiscard]] const char* what() const noexcept override { return error_.message.c_str(); }

 private:
  Error error_;
};

// A value or an Error. value() throws Failure when there is none, so that code behind the border reads like code
// without one.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : content_(std::in_place_index<0>, std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : content_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const noexcept { return content_.index() == 0; }
  // The error. Precondition: !ok().
  [[nodiscard]] const Error& error() const { return std::get<1>(content_); }
  // The value, or throws Failure with the error.
  T& value() & {
    if (!ok()) throw Failure(error());
    return std::get<0>(content_);
  }
  T value() && {
    if (!ok()) throw Failure(error());
    return std::move(std::get<0>(content_));
  }

 private:
  std::variant<T, Error> content_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const noexcept { return !error_.has_value(); }
  [[nodiscard]] const Error& error() const { return *error_; }
  void value() const {
    if (error_) throw Failure(*error_);
  }

 private:
  std::optional<Error> error_;
};

}  // namespace certctl
