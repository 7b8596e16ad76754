// Hook: is told what happened.
//
// Life: constructed with its options; one instance on one thread; a call ends within the hook's own time limit.
#pragma once

#include <certctl/host.hpp>
#include <certctl/types.hpp>

#include <string>
#include <utility>
#include <vector>

namespace certctl {

// An event. Delivered at least once: after a crash it may come again.
struct Event {
  std::string name;  // pending, delivered, failed, recovered, before-deliver
  std::string profile;
  TimePoint at;
  std::string message;                                     // one line for people
  std::string code;                                        // failed: the error's code
  std::string hint;                                        // failed: what to do
  const Credential* credential = nullptr;                  // the active one, if any; borrowed
  std::vector<std::pair<std::string, std::string>> facts;  // further facts as in `status --json`
};

class Hook {
 public:
  virtual ~Hook() = default;
  // Throws Failure when the hook did not do its work; the engine reports it and runs it again later.
  virtual void on_event(const Event& event) = 0;
};

// May: refuse a delivery (before-deliver only). Returns the reason, or an empty text to let it pass.
class Vetoes {
 public:
  virtual std::string veto(const Event& event) = 0;

 protected:
  ~Vetoes() = default;
};

}  // namespace certctl
