// What somebody has started at the page and is at work, or has ended a while ago. The engine goes on with it whether
// anybody watches or not.
#pragma once

#include <chrono>
#include <list>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "framework/daemon/web/engine_client.hpp"

namespace certctl::web {

struct ActionView {
  std::string title;    // "Renew web"
  std::string profile;  // empty: all
  std::vector<std::string> log;
  std::chrono::seconds age{0};
  bool running = true;
  EngineAnswer answer;  // when it has ended
};

class Actions {
 public:
  explicit Actions(std::string engine_socket) : engine_socket_(std::move(engine_socket)) {}
  ~Actions();  // waits for no engine: threads end when their connection does
  Actions(const Actions&) = delete;
  Actions& operator=(const Actions&) = delete;

  // Starts asking; its name for see(). Nothing: kMostAtOnce are at work. `session` is whose it is: nobody else sees it.
  [[nodiscard]] std::optional<std::string> start(const std::string& session, std::string title, std::string profile,
                                                 nlohmann::json question);
  [[nodiscard]] std::optional<ActionView> see(const std::string& session, const std::string& name) const;

  static constexpr std::size_t kMostAtOnce = 8;
  static constexpr std::size_t kMostKept = 50;
  static constexpr std::size_t kMostLines = 500;
  static constexpr std::chrono::hours kLongest{1};

 private:
  struct Action {
    std::string name, session;
    std::chrono::steady_clock::time_point began;
    std::mutex mutex;  // of what follows
    ActionView view;
    std::thread thread;
  };
  void forget_old();

  std::string engine_socket_;
  mutable std::mutex mutex_;  // of the list
  std::list<std::shared_ptr<Action>> actions_;
};

}  // namespace certctl::web
