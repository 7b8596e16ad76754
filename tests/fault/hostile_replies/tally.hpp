// The counts of one family of hostile replies, kept in memory that outlives the process which fills them: a family that
// crashes is counted, and says where.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace certctl::hostile {

// What became of one case.
enum class Verdict : int {
  refused,  // nothing came of it
  genuine,  // exactly what the genuine answer says came of it
  wrong,    // something else did, or what had to be taken or refused was not
};

struct Tally {
  long tried = 0;
  long refused = 0;
  long genuine = 0;
  long wrong = 0;
  long longest_ms = 0;
  std::array<char, 160> current{};  // the case at work
  std::array<char, 160> longest{};  // the one that took longest

  void begin(std::string_view name) noexcept;
  void end(Verdict verdict, long milliseconds) noexcept;
};

// How a family ended.
struct FamilyReport {
  Tally tally;
  bool crashed = false;
  std::string end;       // of one that crashed: how, and at which case
  long peak_rss_kb = 0;  // of its process
  long grown_kb = 0;     // of that, since it began
};

// Runs the family in a process of its own.
FamilyReport run_family(const std::function<void(Tally&)>& family);

// One line: name, tried, refused, genuine, accepted wrongly, crashes, longest, memory.
void print_heading();
void print_report(std::string_view name, const FamilyReport& report);

}  // namespace certctl::hostile
