#include "framework/compat/replace_pem/delivery_result.hpp"

#include "framework/sys/atomic_file.hpp"
#include "framework/sys/printable.hpp"

#include <certctl/result.hpp>

namespace certctl::replace_pem {
namespace {

constexpr const char* kName = "failed";  // engine_host.cpp looks for it
constexpr std::size_t kLongestMessage = 500;

sys::WriteOptions not_durable() {
  sys::WriteOptions options;
  options.durable = false;
  return options;
}

}  // namespace

DeliveryResult::DeliveryResult(std::string directory, const std::string& what) {
  if (directory.empty()) return;
  path_ = std::move(directory) + "/" + kName;
  try {
    ours_ = sys::create_file(path_, sys::printable_start(what, kLongestMessage) + " did not end\n", not_durable());
  } catch (const Failure& failure) {
    problem_ = failure.error().message;
  }
}

void DeliveryResult::succeeded() {
  if (ours_) sys::remove_file(path_);
  ours_ = false;
}

void DeliveryResult::failed(const std::string& message) {
  if (!ours_) return;  // the first failure is the one that is shown
  try {
    sys::replace_file(path_, sys::printable_start(message, kLongestMessage) + "\n", not_durable());
  } catch (const Failure& failure) {
    problem_ = failure.error().message;  // "did not end" stays
  }
  ours_ = false;
}

}  // namespace certctl::replace_pem
