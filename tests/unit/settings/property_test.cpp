// For random files: an edit changes the named values and no other byte, gives the values asked for, is its own second
// edit, and undo gives every byte back.
#include <catch2/catch.hpp>
#include <random>

#include "tests/unit/settings/editor_property.hpp"

namespace {

std::string random_file(std::mt19937& random) {
  const std::string certificate = "-----BEGIN CERTIFICATE-----\nQUJDREVG\nAbC=\n-----END CERTIFICATE-----";
  const std::vector<std::string> pieces{"K",
                                        "C",
                                        "X",
                                        "KC",
                                        "=",
                                        "\"",
                                        "'",
                                        "\n",
                                        "\n",
                                        "\r\n",
                                        "\r",
                                        " ",
                                        "#",
                                        "; export C",
                                        "\\n",
                                        "\\",
                                        "\nK=",
                                        "\nC=",
                                        "\nC=\"",
                                        "\nK='",
                                        "\"\n",
                                        "'\n",
                                        "-----BEGIN CERTIFICATE-----",
                                        "-----END CERTIFICATE-----",
                                        certificate,
                                        certificate + "\n",
                                        "QUJD",
                                        "\xef\xbb\xbf",
                                        "\xff",
                                        settings_test::old_values()[0],
                                        settings_test::old_values()[1],
                                        settings_test::old_values()[2],
                                        settings_test::old_values()[3],
                                        settings_test::old_values()[4]};
  std::string text;
  const int count = std::uniform_int_distribution<int>(0, 24)(random);
  for (int i = 0; i < count; ++i)
    text += pieces[std::uniform_int_distribution<std::size_t>(0, pieces.size() - 1)(random)];
  return text;
}

}  // namespace

TEST_CASE("edits of random files change the named values only") {
  std::mt19937 random(20261125);
  settings_test::Tally tally;
  for (int i = 0; i < 8000; ++i) {
    const std::string text = random_file(random);
    const auto choice = static_cast<unsigned>(random());
    const std::string problem = settings_test::check_edit(text, choice, tally);
    INFO(text);
    CAPTURE(i, choice, problem);
    REQUIRE(problem.empty());
  }
  // The test means something only when many of the files can be edited.
  CHECK(tally.edited > 2000);
  CHECK(tally.refused > 500);
}
