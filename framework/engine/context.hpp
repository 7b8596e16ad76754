// What the engine works with, handed in by the program: no globals.
#pragma once

#include <certctl/host.hpp>

#include <atomic>
#include <functional>
#include <string>

#include "framework/config/profile.hpp"
#include "framework/engine/journal.hpp"
#include "framework/engine/retry.hpp"
#include "framework/registry/registry.hpp"

namespace certctl::engine {

// One line for people about one profile. Called from several threads at once.
using LogSink = std::function<void(LogLevel level, const std::string& profile, const std::string& line)>;

struct Context {
  config::Settings settings;
  registry::Registry* registry = nullptr;  // safe to use from several threads
  std::function<TimePoint()> clock;        // wall-clock time
  EpochSeconds build_date = 0;             // no clock that is right shows less (P11)
  Random random;
  LogSink log;
  std::chrono::seconds lock_timeout{30};
  const std::atomic<bool>* stop = nullptr;  // set by a signal: finish the step, begin none
  std::string locks_directory;              // of resource locks; see Settings::locks

  [[nodiscard]] bool stopping() const noexcept { return stop != nullptr && stop->load(); }
  [[nodiscard]] EpochSeconds now() const;
};

}  // namespace certctl::engine
