// Faults that the development CA makes on purpose, and how long each lasts.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace certctl::devca {

// [OPERATION/]NAME[:COUNT]
struct Fault {
  std::string operation = "pki";  // caps, cacert, nextca, pki; of EST: cacerts, csrattrs, est, serverkey
  std::string name;
  int count = -1;  // how often it may still happen; -1: always
};

// Fails with "usage" on an unknown operation or name.
Fault parse_fault(std::string_view text);
std::string print_fault(const Fault& fault);

// The faults of one request. Asking for one that is set uses it up once.
class Faults {
 public:
  Faults() = default;
  Faults(std::vector<Fault> all, std::string operation) : all_(std::move(all)), operation_(std::move(operation)) {}

  // True when the fault is set; then it counts as having happened in this request.
  bool hit(std::string_view name);
  // The same, without using it up.
  [[nodiscard]] bool is_set(std::string_view name) const;
  [[nodiscard]] const std::set<std::string>& happened() const noexcept { return happened_; }
  // What is left for later requests.
  [[nodiscard]] std::vector<Fault> remaining() const;

 private:
  std::vector<Fault> all_;
  std::string operation_;
  std::set<std::string> happened_;
};

// One fault a line. Unknown lines are left out.
std::vector<Fault> read_faults(std::string_view text);
std::string print_faults(const std::vector<Fault>& faults);

}  // namespace certctl::devca
