#include "tests/unit/sdk/layout.hpp"

#include <catch2/catch.hpp>

using namespace certctl;

namespace {
struct Narrow {
  int number;
  bool flag;
};
struct Appended {
  int number;
  bool flag;
  bool hidden_in_padding;
};
struct Before {
  virtual void first() = 0;

 protected:
  ~Before() = default;
};
struct Changed {
  virtual void first(int) = 0;

 protected:
  ~Changed() = default;
};
struct After {
  virtual void first() = 0;
  virtual void second() = 0;

 protected:
  ~After() = default;
};
}  // namespace

TEST_CASE("a member that hides in padding, a virtual member at the end and another parameter move the recorded lines") {
  REQUIRE(sizeof(Narrow) == sizeof(Appended));
  CHECK(layout::type_line<Narrow>("T") != layout::type_line<Appended>("T"));
  CHECK(layout::interface_line<Before>("T") == "T slots 1");
  CHECK(layout::interface_line<After>("T") == "T slots 2");
  CHECK(layout::slot(&After::second) == 1);
  CHECK(layout::slot_line("f", &Before::first) != layout::slot_line("f", &Changed::first));
}
