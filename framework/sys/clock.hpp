// Wall-clock time and its text.
#pragma once

#include <certctl/types.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace certctl::sys {

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual TimePoint now() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] TimePoint now() const override { return std::chrono::system_clock::now(); }
};

// For tests.
class FixedClock final : public Clock {
 public:
  explicit FixedClock(TimePoint now) : now_(now) {}
  [[nodiscard]] TimePoint now() const override { return now_; }
  void set(TimePoint now) { now_ = now; }

 private:
  TimePoint now_;
};

// ISO 8601, UTC, whole seconds: "2026-11-25T06:53:18Z". The clock itself spans the years 1677 to 2262.
[[nodiscard]] std::string text_time(TimePoint time);
// Exactly that form and in that span; nothing otherwise.
[[nodiscard]] std::optional<TimePoint> parse_time(std::string_view text);

}  // namespace certctl::sys
