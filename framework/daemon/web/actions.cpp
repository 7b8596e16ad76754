#include "framework/daemon/web/actions.hpp"

#include <algorithm>

#include "framework/crypto/digest.hpp"
#include "framework/crypto/random.hpp"

namespace certctl::web {

using Steady = std::chrono::steady_clock;

Actions::~Actions() {
  for (const auto& action : actions_)
    if (action->thread.joinable()) action->thread.detach();
}

void Actions::forget_old() {
  while (actions_.size() >= kMostKept) {
    const auto ended = std::find_if(actions_.begin(), actions_.end(), [](const auto& action) {
      const std::lock_guard lock(action->mutex);
      return !action->view.running;
    });
    if (ended == actions_.end()) return;
    (*ended)->thread.join();
    actions_.erase(ended);
  }
}

std::optional<std::string> Actions::start(const std::string& session, std::string title, std::string profile,
                                          nlohmann::json question) {
  const std::lock_guard lock(mutex_);
  forget_old();
  const auto running = std::count_if(actions_.begin(), actions_.end(), [](const auto& action) {
    const std::lock_guard its_lock(action->mutex);
    return action->view.running;
  });
  if (static_cast<std::size_t>(running) >= kMostAtOnce || actions_.size() >= kMostKept) return std::nullopt;
  auto action = std::make_shared<Action>();
  action->name = crypto::hex_lower(crypto::random_bytes(8));
  action->session = session;
  action->began = Steady::now();
  action->view.title = std::move(title);
  action->view.profile = std::move(profile);
  question["follow"] = true;
  actions_.push_back(action);
  // It holds itself alive: the page may be stopped while the engine is at work.
  action->thread = std::thread([action, question = std::move(question), socket = engine_socket_] {
    EngineClient engine(socket);
    EngineAnswer answer = engine.ask(question, kLongest, [&](const std::string& level, const std::string& line) {
      const std::lock_guard its_lock(action->mutex);
      if (level != "debug" && action->view.log.size() < kMostLines) action->view.log.push_back(line);
    });
    const std::lock_guard its_lock(action->mutex);
    action->view.answer = std::move(answer);
    action->view.age = std::chrono::duration_cast<std::chrono::seconds>(Steady::now() - action->began);
    action->view.running = false;
  });
  return action->name;
}

std::optional<ActionView> Actions::see(const std::string& session, const std::string& name) const {
  std::shared_ptr<Action> action;
  {
    const std::lock_guard lock(mutex_);
    const auto found =
        std::find_if(actions_.begin(), actions_.end(), [&](const auto& one) { return one->name == name; });
    if (found == actions_.end() || (*found)->session != session) return std::nullopt;
    action = *found;
  }
  const std::lock_guard lock(action->mutex);
  ActionView view = action->view;
  if (view.running) view.age = std::chrono::duration_cast<std::chrono::seconds>(Steady::now() - action->began);
  return view;
}

}  // namespace certctl::web
