// Asks the engine at its socket: one JSON object a line in both directions (docs/daemon.md).
#pragma once

#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "framework/sys/file_descriptor.hpp"

namespace certctl::web {

// What the engine answered with: `result`, or its `error` with code, message, hint. When it cannot be asked at all the
// code is engine-gone.
struct EngineAnswer {
  nlohmann::json result;
  nlohmann::json error;  // null: none
  [[nodiscard]] bool ok() const noexcept { return error.is_null(); }
  [[nodiscard]] std::string code() const { return ok() ? std::string() : error.value("code", ""); }
};

// One connection, for questions one after the other. Not for several threads.
class EngineClient {
 public:
  explicit EngineClient(std::string socket) : socket_path_(std::move(socket)) {}

  // Called with each line of the engine's log on the way: level, text.
  using OnLog = std::function<void(const std::string& level, const std::string& line)>;
  // Never throws; waits `deadline` at most.
  [[nodiscard]] EngineAnswer ask(const nlohmann::json& question, std::chrono::seconds deadline,
                                 const OnLog& on_log = {}) noexcept;

  static constexpr std::size_t kLongestAnswer = 64U << 20U;

 private:
  void connect();
  void send(const std::string& line, std::chrono::steady_clock::time_point until);
  [[nodiscard]] nlohmann::json receive(std::chrono::steady_clock::time_point until);

  std::string socket_path_;
  sys::FileDescriptor socket_;
  std::string incoming_;
};

}  // namespace certctl::web
