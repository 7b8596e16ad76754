// Tells the delivery whose script we are in that this call failed: old scripts end with a restart that returns 0.
//
// The file `failed` in $CERTCTL_EVENT_DIR is there from the first moment, and goes only when the call has succeeded: a
// call that is killed has failed. One that another call of the same script left stays.
#pragma once

#include <string>

namespace certctl::replace_pem {

class DeliveryResult {
 public:
  // `directory`: the event's; empty: nobody is to be told.
  DeliveryResult(std::string directory, const std::string& what);
  DeliveryResult(const DeliveryResult&) = delete;
  DeliveryResult& operator=(const DeliveryResult&) = delete;
  ~DeliveryResult() = default;

  void succeeded();
  void failed(const std::string& message);
  // Why nobody can be told; empty: all is well.
  [[nodiscard]] const std::string& problem() const noexcept { return problem_; }

 private:
  std::string path_;
  bool ours_ = false;
  std::string problem_;
};

}  // namespace certctl::replace_pem
