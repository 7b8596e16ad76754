// What every enroller promises (certctl/enroller.hpp), against a CA of the plugin's protocol that the fixture runs.
#pragma once

#include <certctl/plugin.hpp>

#include <functional>
#include <memory>

#include "tests/contract/conformance.hpp"
#include "tests/contract/instance.hpp"
#include "tests/contract/test_host.hpp"

namespace certctl::contract {

// How the CA behaves from now on.
enum class CaMood : int {
  issues,
  waits,         // every new request waits for a person
  refuses,       // with a reason of the protocol
  loses_answer,  // requests are granted, and the answers are lost
  babbles,       // answers that belong to no protocol
  unreachable,   // no connection at all
};

// One CA in a fresh state that issues at once, and a plugin with the options to reach and trust it.
class EnrollerFixture {
 public:
  virtual ~EnrollerFixture() = default;
  [[nodiscard]] virtual Made<EnrollerApi> make(Host& host) = 0;
  // Same, with a pin that vouches for another CA.
  [[nodiscard]] virtual Made<EnrollerApi> make_distrusting(Host& host) = 0;
  virtual void mood(CaMood mood) = 0;
  virtual void decide(bool approve) = 0;  // over what waits
  // What reached the CA that it could act on (no polls, no look-ups): how many messages, of how many transactions.
  [[nodiscard]] virtual std::size_t requests() const = 0;
  [[nodiscard]] virtual std::size_t transactions() const = 0;
  [[nodiscard]] virtual std::size_t certificates() const = 0;  // issued so far
  [[nodiscard]] virtual TimePoint now() const = 0;             // the CA's time
};

struct EnrollerSubject {
  std::function<std::unique_ptr<EnrollerFixture>()> fixture;
};

void enroller_suite(const EnrollerSubject& subject);

}  // namespace certctl::contract
