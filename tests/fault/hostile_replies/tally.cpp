#include "tests/fault/hostile_replies/tally.hpp"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <stdexcept>

namespace certctl::hostile {
namespace {

void copy(std::array<char, 160>& to, std::string_view from) noexcept {
  const std::size_t size = std::min(from.size(), to.size() - 1);
  std::copy_n(from.data(), size, to.data());
  to[size] = '\0';
}

long peak_kb() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

// Shared with the process that runs the family.
struct Shared {
  Tally tally;
  long began_kb = 0;
};

[[noreturn]] void run_and_exit(const std::function<void(Tally&)>& family, Shared& shared) {
  int code = 0;
  try {
    shared.began_kb = peak_kb();
    family(shared.tally);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "the campaign itself failed at %s: %s\n", shared.tally.current.data(), failure.what());
    code = 1;
  }
  std::fflush(nullptr);
  ::_exit(code);  // what was made before the fork is the parent's to end
}

}  // namespace

void Tally::begin(std::string_view name) noexcept {
  copy(current, name);
  ++tried;
}

void Tally::end(Verdict verdict, long milliseconds) noexcept {
  (verdict == Verdict::refused ? refused : verdict == Verdict::genuine ? genuine : wrong) += 1;
  if (milliseconds < longest_ms) return;
  longest_ms = milliseconds;
  longest = current;
}

FamilyReport run_family(const std::function<void(Tally&)>& family) {
  void* memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::runtime_error("no shared memory");
  Shared& shared = *new (memory) Shared;
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("cannot fork");
  if (child == 0) run_and_exit(family, shared);
  int status = 0;
  rusage usage{};
  if (::wait4(child, &status, 0, &usage) != child) throw std::runtime_error("cannot wait");
  FamilyReport report;
  report.tally = shared.tally;
  report.peak_rss_kb = usage.ru_maxrss;
  report.grown_kb = usage.ru_maxrss - shared.began_kb;
  report.crashed = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
  if (report.crashed)
    report.end = (WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status))
                                      : "exit " + std::to_string(WEXITSTATUS(status))) +
                 " at: " + shared.tally.current.data();
  ::munmap(memory, sizeof(Shared));
  return report;
}

void print_heading() {
  std::printf("%-22s %8s %8s %8s %8s %8s %11s %9s %9s\n", "family", "tried", "refused", "genuine", "wrong", "crashes",
              "longest ms", "peak MiB", "grown MiB");
}

void print_report(std::string_view name, const FamilyReport& report) {
  const Tally& tally = report.tally;
  std::printf("%-22.*s %8ld %8ld %8ld %8ld %8d %11ld %9ld %9ld\n", static_cast<int>(name.size()), name.data(),
              tally.tried, tally.refused, tally.genuine, tally.wrong, report.crashed ? 1 : 0, tally.longest_ms,
              report.peak_rss_kb / 1024, report.grown_kb / 1024);
  constexpr long kWorthTelling = 1000;
  if (tally.longest_ms >= kWorthTelling) std::printf("  longest: %s\n", tally.longest.data());
  if (report.crashed) std::printf("  CRASHED: %s\n", report.end.c_str());
  std::fflush(stdout);
}

}  // namespace certctl::hostile
