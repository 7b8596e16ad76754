// One request on its way: the state directory's lock, the faults that are set, and the line for requests.log.
#pragma once

#include "framework/devca/answer.hpp"
#include "framework/devca/faults.hpp"
#include "framework/devca/state.hpp"
#include "framework/sys/clock.hpp"

#include <nlohmann/json.hpp>

namespace certctl::devca {

struct Exchange {
  Exchange(const std::string& directory, TimePoint time) : state(directory), now(time) {
    log["time"] = sys::text_time(time);
  }

  void begin(const std::string& operation) { faults = Faults(read_faults(state.faults()), operation); }

  // Writes the line, and uses up faults that count.
  void finish(const Answer& answer) {
    if (!log.contains("status")) log["status"] = "HTTP " + std::to_string(answer.status);
    if (!faults.happened().empty()) {
      log["faults"] = faults.happened();
      const std::string before = state.faults();
      const std::string after = print_faults(faults.remaining());
      if (print_faults(read_faults(before)) != after) state.set_faults(after);
    }
    state.log_request(log.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace));
  }

  State state;
  TimePoint now;
  Faults faults;
  nlohmann::ordered_json log;
};

}  // namespace certctl::devca
