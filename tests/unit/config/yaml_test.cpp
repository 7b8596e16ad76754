// The tree: what it holds, and every trap of YAML with the place where it is refused.
#include <catch2/catch.hpp>

#include <ctime>
#include <string>

#include "framework/config/tree.hpp"

using namespace certctl;
using namespace certctl::config;
using std::string_literals::operator""s;

namespace {

#if defined(__has_feature)
#define CERTCTL_TEST_FEATURE(name) __has_feature(name)
#else
#define CERTCTL_TEST_FEATURE(name) 0
#endif
#if !defined(__OPTIMIZE__) || defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || \
    CERTCTL_TEST_FEATURE(address_sanitizer) || CERTCTL_TEST_FEATURE(thread_sanitizer)
constexpr double kAtOnce = 1.0;  // seconds of CPU time
#else
constexpr double kAtOnce = 0.1;
#endif

// "LINE:COLUMN code" of the error, or "" when the text was taken. Each text must be judged at once (T36).
std::string refusal(const std::string& text) {
  const std::clock_t begin = std::clock();
  const ParsedYaml yaml = parse_yaml(text, "p.yaml");
  CHECK(static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC < kAtOnce);
  if (!yaml.error) {
    CHECK(yaml.root);
    return {};
  }
  CHECK_FALSE(yaml.root);
  CHECK(yaml.error->mark.file == "p.yaml");
  return std::to_string(yaml.error->mark.line) + ":" + std::to_string(yaml.error->mark.column) + " " + yaml.error->code;
}

Node tree(const std::string& text) {
  ParsedYaml yaml = parse_yaml(text, "p.yaml");
  if (yaml.error) FAIL(format(*yaml.error));
  return std::move(*yaml.root);
}

std::string repeated(const std::string& text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

}  // namespace

TEST_CASE("every scalar is the text that was written") {
  const Node root = tree(
      "no: no\nfloat: 1e3\ndate: 2026-01-01\noctal: 0755\nhex: 0x10\nsexagesimal: 12:30:00\n"
      "quoted: \"a\\tb\"\nsingle: 'it''s'\non: [ on, off ]\ntilde: ~\nnothing:\nblock: |\n  one\n  two\n");
  const auto text = [&](const char* key) { return root.find(key)->value.text; };
  CHECK(text("no") == "no");
  CHECK(text("float") == "1e3");
  CHECK(text("date") == "2026-01-01");
  CHECK(text("octal") == "0755");
  CHECK(text("hex") == "0x10");
  CHECK(text("sexagesimal") == "12:30:00");
  CHECK(text("quoted") == "a\tb");
  CHECK(text("single") == "it's");
  CHECK(text("block") == "one\ntwo\n");
  CHECK(root.find("on")->value.items.at(1).text == "off");
  CHECK(root.find("tilde")->value.is_null());
  CHECK(root.find("nothing")->value.is_null());
}

TEST_CASE("nodes know their places") {
  const Node root = tree("a: 1\nlist:\n  - x\n  - { k: v }\nempty:\nlast: z\n");
  CHECK(root.find("a")->mark().line == 1);
  CHECK(root.find("a")->value.mark().column == 4);
  const Node& map = root.find("list")->value.items.at(1);
  CHECK(map.line == 4);
  CHECK(map.column == 5);
  CHECK(map.find("k")->column == 7);
  CHECK(map.find("k")->value.column == 10);
  // Not where the next key stands.
  CHECK(root.find("empty")->value.line == 5);
  CHECK(root.find("empty")->value.mark().file == "p.yaml");
}

TEST_CASE("an empty file is a null node with a place") {
  for (const char* text : {"", "\n\n", "# only a comment\n", "---\n"}) {
    const Node root = tree(text);
    CHECK(root.is_null());
    CHECK(root.mark().file == "p.yaml");
  }
}

TEST_CASE("anchors, aliases and merge keys are refused where they stand") {
  CHECK(refusal("a: &x 1\nb: *x\n") == "1:4 anchor");
  CHECK(refusal("b: *x\n") == "1:4 alias");
  CHECK(refusal("a: 1\nself: &s [ *s ]\n") == "2:7 anchor");
  CHECK(refusal("base: { a: 1 }\nb:\n  <<: { a: 1 }\n") == "3:3 merge-key");
  CHECK(refusal("&k key: 1\n") == "1:1 anchor");
}

TEST_CASE("an alias bomb ends at its first anchor") {
  std::string bomb = "a: &a [ x, x, x, x, x, x, x, x, x ]\n";
  for (char c = 'b'; c <= 'i'; ++c) {
    const std::string before = "*" + std::string(1, static_cast<char>(c - 1));
    bomb += std::string(1, c) + ": &" + std::string(1, c) + " [ " + before + repeated(", " + before, 8) + " ]\n";
  }
  CHECK(refusal(bomb) == "1:4 anchor");
}

TEST_CASE("tags are refused where they stand") {
  CHECK(refusal("a: !!str 1\n") == "1:4 tag");
  CHECK(refusal("a: !local x\n") == "1:4 tag");
  CHECK(refusal("a: ! x\n") == "1:4 tag");
  CHECK(refusal("a: !!map { b: c }\n") == "1:4 tag");
  CHECK(refusal("a: ! [ b ]\n") == "1:4 tag");
  CHECK(refusal("a: !<tag:yaml.org,2002:binary> aGk=\n") == "1:4 tag");
  CHECK(refusal("!!str a: b\n") == "1:1 tag");
  CHECK(refusal("a: \"!text\"\nb: '!'\n").empty());
}

TEST_CASE("duplicate keys are refused, and the first is named") {
  CHECK(refusal("a: 1\nb: 2\na: 3\n") == "3:1 duplicate-key");
  CHECK(refusal("m: { k: 1, \"k\": 2 }\n") == "1:12 duplicate-key");
  CHECK(refusal("m:\n  k: 1\nn:\n  k: 2\n").empty());
  const ParsedYaml yaml = parse_yaml("a: 1\nb: 2\na: 3\n", "p.yaml");
  CHECK(format(*yaml.error) == "p.yaml:3:1: error: the key 'a' is here twice: first in line 1 (remove one of them)");
}

TEST_CASE("keys must be words") {
  CHECK(refusal("? [ a, b ]\n: c\n") == "1:3 bad-key");
  CHECK(refusal("{ { a: b }: c }\n") == "1:3 bad-key");
  CHECK(refusal("~: c\n") == "1:1 bad-key");
  CHECK(refusal(": c\n") == "1:1 bad-key");
}

TEST_CASE("a second document is refused") {
  CHECK(refusal("a: 1\n---\nb: 2\n") == "2:1 second-document");
  CHECK(refusal("--- a\n...\n--- b\n") == "3:1 second-document");
  CHECK(refusal("---\na: 1\n...\n").empty());
}

TEST_CASE("depth is limited to 16") {
  CHECK(refusal(repeated("[", 16) + repeated("]", 16)).empty());
  CHECK(refusal(repeated("[", 17) + repeated("]", 17)) == "1:17 too-deep");
  CHECK(refusal(repeated("[", 5000) + repeated("]", 5000)) == "1:17 too-deep");
  CHECK(refusal(repeated("{a: ", 5000) + repeated("}", 5000)) == "1:65 too-deep");
  std::string levels;
  for (int i = 0; i < 1000; ++i) levels += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  CHECK(refusal(levels) == "17:17 too-deep");
  std::string lists = repeated("- ", 5000) + "a\n";
  CHECK(refusal(lists) == "1:33 too-deep");
}

TEST_CASE("the number of values is limited") {
  CHECK(tree(repeated("- a\n", 99999)).items.size() == 99999);
  // One scalar too many, with its place. (yaml-cpp alone takes most of a tenth of a second for so many.)
  const ParsedYaml yaml = parse_yaml(repeated("- a\n", 100000), "p.yaml");
  REQUIRE(yaml.error);
  CHECK(yaml.error->code == "too-many-nodes");
  CHECK(yaml.error->mark.line == 100000);
  std::string keys;
  for (int i = 0; i < 60000; ++i) keys += "k" + std::to_string(i) + ":\n";
  CHECK(parse_yaml(keys, "p.yaml").error->code == "too-many-nodes");
}

TEST_CASE("size is limited before anything is parsed") {
  CHECK(refusal("a: " + std::string(kMaxFileSize, 'x')) == "0:0 file-too-large");
  CHECK(refusal("a: " + std::string(20u << 20, 'x')) == "0:0 file-too-large");
}

TEST_CASE("no text makes the parser hoard") {
  // Each of these is one value that does not end, or a list that may be a key until it does.
  for (const char* piece : {"[", "{", "[{", "[\n", "{a: ", "[a,", "a:", "\n", "#\n", "x", "a b ", "!a ", "'a' "}) {
    INFO(piece);
    CHECK(refusal(repeated(piece, 250000)).find("1:1 too-long") == 0);
  }
  CHECK(refusal("a: 1\nb: " + std::string(100000, 'x')) == "2:1 too-long");
  CHECK(refusal("a: 1\nb: \"" + std::string(100000, 'x') + "\"") == "2:1 too-long");
  CHECK(tree("a: " + std::string(60000, 'x')).find("a")->value.text.size() == 60000);
  CHECK(tree("a: [" + repeated("b,", 40000) + "b]").find("a")->value.items.size() == 40001);
}

TEST_CASE("encodings other than UTF-8 are refused with their names") {
  CHECK(refusal("\xEF\xBB\xBF"
                "a: 1\n") == "1:1 bad-encoding");
  CHECK(refusal("\xFF\xFE"
                "a\0:\0"s) == "1:1 bad-encoding");
  CHECK(refusal("\xFE\xFF\0a\0:"s) == "1:1 bad-encoding");
  CHECK(refusal("a\0:\0 \0b\0"s) == "1:1 bad-encoding");
  CHECK(refusal("\0a\0:\0 \0b"s) == "1:1 bad-encoding");
  CHECK(refusal("ok: 1\nsubject: /CN=M\xFCller\n") == "2:15 bad-encoding");
  CHECK(refusal("a: \xC0\xAF\n") == "1:4 bad-encoding");          // overlong
  CHECK(refusal("a: \xED\xA0\x80\n") == "1:4 bad-encoding");      // surrogate
  CHECK(refusal("a: \xF4\x90\x80\x80\n") == "1:4 bad-encoding");  // beyond U+10FFFF
  CHECK(refusal("a: \xE2\x82") == "1:4 bad-encoding");            // cut off
  CHECK(refusal("subject: /CN=M\xC3\xBCller\n").empty());
  const ParsedYaml yaml = parse_yaml(
      "\xEF\xBB\xBF"
      "a: 1\n",
      "p.yaml");
  CHECK(format(*yaml.error) ==
        "p.yaml:1:1: error: the file begins with a byte order mark (save it as UTF-8 without byte order mark)");
}

TEST_CASE("control characters are refused, written as they are or as escapes") {
  CHECK(refusal("a: x\0y\n"s) == "1:5 bad-character");
  CHECK(refusal("a: 1\nb: \x1b[31m\n") == "2:4 bad-character");
  CHECK(refusal("a: x\ry\n") == "1:5 bad-character");
  CHECK(refusal("a: \"x\\0y\"\n") == "1:4 bad-character");
  CHECK(refusal("a: \"x\\e\"\n") == "1:4 bad-character");
  CHECK(refusal("a: \"x\\N\"\n") == "1:4 bad-character");
  CHECK(refusal("\"k\\x01\": 1\n") == "1:1 bad-character");
  CHECK(refusal("a: 1\r\nb: 2\r\n").empty());
  CHECK(tree("a: 1\r\nb: 2\r\n").find("a")->value.text == "1");
  CHECK(refusal("a: \"x\\ty\\n\"\n").empty());
}

TEST_CASE("tabs do not indent") {
  CHECK(refusal("a:\n\tb: 1\n") == "2:1 tab-indentation");
  CHECK(refusal("\ta: 1\n") == "1:1 tab-indentation");
  CHECK_FALSE(refusal("a:\n  \tb: 1\n").empty());
  CHECK(refusal("a: 1\n\t\n") == "2:1 tab-indentation");
  CHECK(refusal("run: |\n  if true\n  \techo\n").empty());
}

TEST_CASE("what is no YAML is refused with its place") {
  CHECK(refusal("a: [ 1, 2\n").find(" yaml-syntax") != std::string::npos);
  CHECK(refusal("a: 1\n b: 2\n") == "2:3 yaml-syntax");
  CHECK(refusal("a: \"open\n").find(" yaml-syntax") != std::string::npos);
  CHECK(refusal("a: @x\n") == "1:4 yaml-syntax");
  CHECK(refusal("a: %x\n") == "1:4 yaml-syntax");
  CHECK(refusal("a: b: c\n") == "1:5 yaml-syntax");
  CHECK(refusal("}\n").find(" yaml-syntax") != std::string::npos);
  CHECK(refusal("a: \"\\q\"\n").find(" yaml-syntax") != std::string::npos);
}
