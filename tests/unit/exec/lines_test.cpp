#include "framework/sdk/exec/lines.hpp"

#include <certctl/result.hpp>

#include <catch2/catch.hpp>

using namespace certctl;
using namespace certctl::exec;

TEST_CASE("whatever a value holds, it is one line, and comes back") {
  const std::string value = "a=b\\n\nc\r\\ \"'$(x)\\";
  LineWriter writer;
  writer.add("key", value);
  writer.add("empty", "");
  CHECK(writer.text() == "key=a=b\\\\n\\nc\\r\\\\ \"'$(x)\\\\\nempty=\n");
  Lines lines = Lines::parse(writer.text());
  CHECK(lines.text("key") == value);
  CHECK(lines.optional("empty") == std::string());
  CHECK_FALSE(lines.optional("missing").has_value());
  CHECK_THROWS_AS(writer.add("a=b", "x"), Failure);
  CHECK_THROWS_AS(writer.add("a\nb", "x"), Failure);
}

TEST_CASE("what is no line of the protocol is refused, and what nobody asked for is too") {
  CHECK_THROWS_AS(Lines::parse("Restarting service...\n"), Failure);
  CHECK_THROWS_AS(Lines::parse("Key=x\n"), Failure);
  CHECK_THROWS_AS(Lines::parse("=x\n"), Failure);
  CHECK_THROWS_AS(Lines::parse(std::string("a\0b=x\n", 6)), Failure);
  Lines lines = Lines::parse("changed=yes\nn=12\nm=-1\ntwice=1\ntwice=2\nlast=x");
  CHECK_THROWS_AS(lines.flag("changed", true), Failure);
  CHECK(lines.number("n") == 12);
  CHECK_THROWS_AS(lines.number("m"), Failure);
  CHECK_THROWS_AS(lines.optional("twice"), Failure);
  CHECK(lines.all("twice") == std::vector<std::string>{"1", "2"});
  try {
    lines.reject_rest();
    FAIL("accepted");
  } catch (const Failure& failure) {
    CHECK(failure.error().code == "exec-malformed");
    CHECK(failure.error().message == "the executable says 'last', which means nothing here");
  }
  CHECK(lines.text("last") == "x");
  lines.reject_rest();
}
