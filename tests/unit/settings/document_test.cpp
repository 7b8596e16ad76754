// Which lines of a settings file are assignments, and where their values end.
#include "distributors/settings/editor/document.hpp"

#include <certctl/result.hpp>

#include <catch2/catch.hpp>

#include "tests/unit/settings/fixture.hpp"

using namespace certctl::settings;
using settings_test::code_of;

namespace {

// "NAME=[raw]NAME=[raw]…"
std::string seen(const std::string& text) {
  const Document document{std::string(text)};
  std::string all;
  for (const auto& one : document.assignments()) {
    all += one.name + "=[" + std::string(document.raw(one)) + "]";
    if (one.has_tail) all += "+tail";
    if (one.unterminated) all += "+open";
  }
  return all;
}

const std::string kBlock =
    "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIBBTAKBggqhkjOPQQDAjA1MRMwEQYDVQQKDApTdG9yZSBU\nAbC=\n-----END "
    "CERTIFICATE-----";

}  // namespace

TEST_CASE("an assignment starts at column 0 with a name that a shell takes") {
  CHECK(seen("A=1\nB_2=x y\n_c=\n") == "A=[1]B_2=[x y]_c=[]");
  CHECK(seen(" A=1\nexport B=2\n#C=3\nD =4\nE\n2F=5\nG-H=6\n=7\n\n") == "");
  CHECK(seen("A=b=c\n") == "A=[b=c]");
  CHECK(seen("") == "");
}

TEST_CASE("line breaks, a missing last one and a byte order mark do not belong to values") {
  CHECK(seen("A=1\r\nB=\r\nC=3") == "A=[1]B=[]C=[3]");
  CHECK(seen("A=1\r") == "A=[1]");
  CHECK(seen("\xef\xbb\xbf"
             "A=1\n") == "A=[1]");
  CHECK(seen("X=0\n\xef\xbb\xbf"
             "A=1\n") == "X=[0]");
}

TEST_CASE("a quoted value ends at its quote, and what a shell runs after it is kept apart") {
  CHECK(seen("A=\"1 2\"\nB='3'\nC=\"\"\n") == "A=[\"1 2\"]B=['3']C=[\"\"]");
  CHECK(seen("A=\"1\"; export A\n") == "A=[\"1\"]+tail");
  CHECK(seen("A='1' # why\r\nB=2\n") == "A=['1']+tailB=[2]");
  CHECK(seen("A=\"1\"2\"3\"\n") == "A=[\"1\"2\"3\"]");
  CHECK(seen("A=\"a\\\"b\"\n") == "A=[\"a\\\"b\"]");
}

TEST_CASE("an unbalanced quote ends with its line") {
  CHECK(seen("A=\"one\nB=2\nC=\"three\"\n") == "A=[\"one]B=[2]C=[\"three\"]");
  CHECK(seen("A='it\nB=2\n") == "A=['it]B=[2]");
  CHECK(seen("A=\"") == "A=[\"]");
}

TEST_CASE("a quoted PEM text spans lines") {
  CHECK(seen("A=\"" + kBlock + "\"\nB=2\n") == "A=[\"" + kBlock + "\"]B=[2]");
  CHECK(seen("A='" + kBlock + "\n'\nB=2\n") == "A=['" + kBlock + "\n']B=[2]");
  CHECK(seen("A=\"" + kBlock + "\n" + kBlock + "\n\"; export A\nB=2\n") ==
        "A=[\"" + kBlock + "\n" + kBlock + "\n\"]+tailB=[2]");
  CHECK(seen("A=\"" + kBlock + "\nCN=x is a subject\n" + kBlock + "\"\nB=2") ==
        "A=[\"-----BEGIN CERTIFICATE-----]+openAbC=[]CN=[x is a subject]AbC=[]B=[2]");
}

TEST_CASE("line numbers count the lines of PEM texts") {
  const Document document("# x\nA=\"" + kBlock + "\"\nB=2\n");
  REQUIRE(document.assignments().size() == 2);
  CHECK(document.assignments()[0].line == 2);
  CHECK(document.assignments()[1].line == 6);
}

TEST_CASE("a PEM text whose quote never closes swallows nothing") {
  const std::string open = "A=\"-----BEGIN CERTIFICATE-----";
  CHECK(seen(open + "\nMIIB\n-----END CERTIFICATE-----\nB=2\nC=\"3\"\n") ==
        "A=[" + open.substr(2) + "]+openB=[2]C=[\"3\"]");
  CHECK(seen(open + "\nMIIB\n-----END CERTIFICATE-----\nC=\"3\"\n") == "A=[" + open.substr(2) + "]+openC=[\"3\"]");
  CHECK(seen(open + "\nIPSEC_ENABLED=1\nC=\"3\"\n") == "A=[" + open.substr(2) + "]+openIPSEC_ENABLED=[1]C=[\"3\"]");
  CHECK(seen(open + "\nC=\"3\"\n") == "A=[" + open.substr(2) + "]+openC=[\"3\"]");
  CHECK(seen(open) == "A=[" + open.substr(2) + "]+open");
  CHECK(seen("A=\"" + kBlock + "\"x\nB=2\n").find("+open") != std::string::npos);
}

TEST_CASE("names are case-sensitive and may repeat") {
  const Document document(std::string("a=1\nA=2\nXA=3\nA=4\n"));
  const auto found = document.find("A");
  REQUIRE(found.size() == 2);
  CHECK(document.raw(*found[0]) == "2");
  CHECK(document.raw(*found[1]) == "4");
  CHECK(document.find("B").empty());
}

TEST_CASE("what is no text is refused") {
  CHECK(code_of([] { Document(std::string("A=1\n\0B=2\n", 9)); }) == "settings-binary");
  CHECK(code_of([] { Document(std::string(kMaxFileBytes + 1, 'x')); }) == "too-large");
  CHECK(code_of([] { Document(std::string("A=\xff\xfe\x01\n")); }).empty());
}

TEST_CASE("a file full of quotes that never close is read in one pass") {
  std::string text;
  while (text.size() + 64 < kMaxFileBytes) text += "A=\"-----BEGIN CERTIFICATE-----\nQUJD\n";
  CHECK(Document(text).assignments().size() == text.size() / 36);
}
