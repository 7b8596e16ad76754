// One open delivery on its way. Internal to delivery.cpp (forward) and delivery_undo.cpp (backward). The record in the
// journal is the only state that counts: after a crash the next run makes a Transaction over it and goes on.
#pragma once

#include <set>

#include "framework/engine/delivery.hpp"

namespace certctl::engine {

class Transaction {
 public:
  explicit Transaction(DeliveryTools& tools) : tools_(tools), record_(tools.journal.delivery) {}

  void begin(const DeliveryOrder& order);
  bool run();

 private:
  // A target that is asked what it serves.
  struct Asked {
    DeliveryTarget* target = nullptr;
    TargetPort* port = nullptr;
    const Credential* expected = nullptr;
    std::optional<Error> error;  // why it is not well
  };

  // All return false when the delivery has turned.
  bool forward();
  bool install_stage(int stage, const Credential& credential);
  bool reload_stage(int stage, const Credential& credential);
  bool verify_stage(int stage, const Credential& credential);

  void backward();
  void go_back();
  void tell_not_back(DeliveryTarget& target, const Error& error);
  bool finish();
  [[nodiscard]] std::optional<Credential> read_old(int generation) const;

  // Asks each until it serves what is expected or its time is over, and says in `error` how it ended; who cannot be
  // asked keeps its error. Without an expected certificate nobody is asked.
  void ask(const std::vector<Asked*>& list);
  // The mildest way comes first: a restart only for who is not served after its reload, if its profile allows it. Equal
  // ones run once. Those that were restarted are asked again. A crash in between is safe: the journal still says
  // "reloaded" (or "undone"), so that the next run asks first, and restarts again if it must.
  void restart_unserved(std::vector<Asked>& asked);

  // Notes a failure; true when the whole delivery turns because of it.
  bool fail(DeliveryTarget& target, const Error& error);
  [[nodiscard]] bool turns_all(const TargetPort* port) const;
  void turn(const std::string& reason);
  [[nodiscard]] TargetPort* find_port(const std::string& name) const;
  [[nodiscard]] Secret token(const DeliveryTarget& target) const {
    return tools_.undo.load(target.name, target.undo_hash);
  }
  void log(LogLevel level, const std::string& line) const { tools_.log(level, line); }

  DeliveryTools& tools_;
  DeliveryRecord& record_;
};

[[nodiscard]] Error target_gone();

}  // namespace certctl::engine
