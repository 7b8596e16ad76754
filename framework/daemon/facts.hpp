// What the daemon knows of all profiles, as its work saw it last; and the forms in which monitoring takes it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "framework/engine/plan.hpp"

namespace certctl::daemon {

using engine::EpochSeconds;

class Facts {
 public:
  // One profile's object of `status --json`.
  void set_status(const std::string& profile, std::string object);
  // How an attempt of the daemon's ended: "ok", "failed", "pending", "not delivered", "busy", "crashed".
  void count_run(const std::string& profile, const std::string& result, EpochSeconds now);
  void keep_only(const std::vector<std::string>& profiles);

  // `status --json` of all profiles, from what is known; `now` is written beside as `updated`.
  [[nodiscard]] std::string status_json(EpochSeconds now) const;
  // Prometheus' text format 0.0.4. `configuration_errors`: how many the files have now.
  [[nodiscard]] std::string metrics(EpochSeconds now, std::size_t configuration_errors) const;

 private:
  struct Known {
    std::string status;                         // JSON text: small beside parsed
    std::map<std::string, std::uint64_t> runs;  // by result
    EpochSeconds last_success = 0;
  };
  std::map<std::string, Known> profiles_;
};

}  // namespace certctl::daemon
