// Tests that mount file systems, need several users, or a network of their own: nobody who runs them has to be root,
// and none is left out.
#pragma once

#include <catch2/catch.hpp>
#include <string>

namespace certctl::contract {

enum class Need {
  mounts,   // a mount namespace of its own
  users,    // root, and other users to give files to
  network,  // a network of its own that nobody else reaches, with nothing but loopback in it
};

[[nodiscard]] bool goes_on_here(const std::string& test, Need need);

// First line of such a test case: `if (!as_root_with(Need::mounts)) return;`. True where the need is met. Else the test
// case is run again by this program in a namespace where it is, and false is returned: it passed there. Throws what is
// missing, or what failed there.
[[nodiscard]] inline bool as_root_with(Need need) {
  return goes_on_here(Catch::getResultCapture().getCurrentTestName(), need);
}

}  // namespace certctl::contract
