// Hooks: who is told what, at least once (row 12). A hook that fails is run again later, by its own clock.
#pragma once

#include <optional>
#include <string>

#include "framework/engine/profile_session.hpp"

namespace certctl::engine {

class Notifier {
 public:
  explicit Notifier(ProfileSession& session) : session_(session) {}

  // Runs the hooks that listen to `event`; each is owed in the journal before it runs.
  void send(const std::string& event, const std::string& message, const Error* error = nullptr);
  // `failed` is sent at the first failure and then daily at most; `recovered` once, when nothing is wrong any more.
  void failing(const Error& error);
  void well(const std::string& message);
  // Asks the hooks that may refuse a delivery; returns the reason of the first that does.
  [[nodiscard]] std::optional<std::string> veto();
  // Runs again what failed before and is due.
  void pay_debts();

 private:
  bool run(HookDebt& debt);

  ProfileSession& session_;
};

}  // namespace certctl::engine
