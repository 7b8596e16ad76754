#include "framework/sys/printable.hpp"

#include <catch2/catch.hpp>
#include <random>

using namespace certctl::sys;

TEST_CASE("text without controls stays as it is") {
  CHECK(printable("Zürich 東京 \\ \"x\" 😀") == "Zürich 東京 \\ \"x\" 😀");
  CHECK(printable("").empty());
}

TEST_CASE("what could move a cursor, begin a line or turn text round is escaped") {
  CHECK(printable("a\nb\r\tc") == "a\\nb\\r\\tc");
  CHECK(printable("\x1b[2J\x7f") == "\\x1b[2J\\x7f");
  CHECK(printable(std::string("a\0b", 3)) == "a\\x00b");
  CHECK(printable("\xc2\x9b") == "\\u{9b}");
  CHECK(printable("\xe2\x80\xae") == "\\u{202e}");
  CHECK(printable("\xe2\x80\xa8") == "\\u{2028}");
  CHECK(printable("\xef\xbb\xbf") == "\\u{feff}");
}

TEST_CASE("what is not UTF-8 is escaped byte by byte") {
  CHECK(printable("\xff\xc3") == "\\xff\\xc3");
  CHECK(printable("\xc0\xaf") == "\\xc0\\xaf");           // overlong /
  CHECK(printable("\xed\xa0\x80") == "\\xed\\xa0\\x80");  // a surrogate
  CHECK(printable("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");
}

TEST_CASE("random bytes become one clean line, and stay it") {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (int i = 0; i < 40; ++i) text += static_cast<char>(random() & 0xffU);
    const std::string once = printable(text);
    REQUIRE(printable(once) == once);
    for (const char c : once) REQUIRE((static_cast<unsigned char>(c) >= 0x20 && c != 0x7f));
    for (const std::size_t limit : {0U, 1U, 7U, 39U, 200U}) {
      REQUIRE(printable_start(text, limit).size() <= limit + 3);
      REQUIRE(printable_end(text, limit).size() <= limit + 3);
      REQUIRE(printable(printable_start(text, limit)) == printable_start(text, limit));
      REQUIRE(printable(printable_end(text, limit)) == printable_end(text, limit));
    }
  }
}

TEST_CASE("long text is cut at a character") {
  CHECK(printable_start("abcdef", 6) == "abcdef");
  CHECK(printable_start("abcdef", 3) == "abc...");
  CHECK(printable_start("aü", 2) == "a...");
  CHECK(printable_end("abcdef", 3) == "...def");
  CHECK(printable_end("üab", 3) == "...ab");
  CHECK(printable_end("abc", 3) == "abc");
}
