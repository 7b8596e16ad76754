// PEM texts as values: what is recognised, and what is written.
#include "distributors/settings/editor/value.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/settings/fixture.hpp"

using namespace certctl::settings;
using namespace settings_test;

namespace {

std::string with_crlf(const std::string& text) {
  std::string result;
  for (const char c : text) result += c == '\n' ? std::string("\r\n") : std::string(1, c);
  return result;
}

std::string chomped(std::string text) {
  text.pop_back();
  return text;
}

}  // namespace

TEST_CASE("each encoding is recognised with everything that belongs to its form") {
  const std::string pem = certificate_pem("one");
  struct Row {
    const char* what;
    std::string raw;
    Form form;
  };
  const Row rows[] = {
      {"base64", base64_line(pem), {Encoding::base64_line, Quote::none, true, "\n"}},
      {"base64 without the last line break",
       base64_line(chomped(pem)),
       {Encoding::base64_line, Quote::none, false, "\n"}},
      {"base64 in quotes", "\"" + base64_line(pem) + "\"", {Encoding::base64_line, Quote::double_mark, true, "\n"}},
      {"base64 of CRLF", base64_line(with_crlf(pem)), {Encoding::base64_line, Quote::none, true, "\n"}},
      {"PEM in double quotes", "\"" + chomped(pem) + "\"", {Encoding::pem_quoted, Quote::double_mark, false, "\n"}},
      {"PEM in single quotes", "'" + pem + "'", {Encoding::pem_quoted, Quote::single_mark, true, "\n"}},
      {"PEM with CRLF", "\"" + with_crlf(pem) + "\"", {Encoding::pem_quoted, Quote::double_mark, true, "\r\n"}},
      {"escapes", "\"" + escaped(pem) + "\"", {Encoding::pem_escaped, Quote::double_mark, true, "\n"}},
      {"escapes without quotes", escaped(pem), {Encoding::pem_escaped, Quote::none, true, "\n"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const Decoded decoded = decode(row.raw);
    CHECK(decoded.content == Content::pem);
    CHECK(decoded.pem.reveal() == pem);
    CHECK(decoded.form == row.form);
  }
}

TEST_CASE("empty values keep their quotes") {
  CHECK(decode("").content == Content::empty);
  CHECK(decode("  ").content == Content::empty);
  CHECK(decode("\"\"").form.quote == Quote::double_mark);
  CHECK(decode("''").form.quote == Quote::single_mark);
}

TEST_CASE("what is no PEM is never guessed at") {
  const std::string pem = certificate_pem("one");
  for (const std::string& raw : std::vector<std::string>{
           "1", "yes", "/etc/cert.pem", "\"-----BEGIN CERTIFICATE-----", base64_line("hello"),
           run("openssl x509 -outform der | base64 -w0", pem), "\"" + chomped(pem), base64_line(pem).substr(4),
           "-----BEGIN CERTIFICATE-----MIIB-----END CERTIFICATE-----", base64_line(pem) + " # comment", "\"", "'x\""}) {
    CAPTURE(raw.substr(0, 40));
    CHECK(decode(raw).content == Content::other);
  }
}

TEST_CASE("what is written reads back, in every form") {
  for (const std::string& pem : {certificate_pem("one"), key_pem("three"), traditional_pem("one"),
                                 certificate_pem("one") + certificate_pem("two")}) {
    for (const Encoding encoding : {Encoding::base64_line, Encoding::pem_quoted, Encoding::pem_escaped})
      for (const Quote quote : {Quote::none, Quote::single_mark, Quote::double_mark})
        for (const bool final_line_break : {true, false})
          for (const char* line_break : {"\n", "\r\n"}) {
            if (encoding == Encoding::pem_quoted && quote == Quote::none) continue;
            if (encoding != Encoding::pem_quoted && line_break[0] == '\r') continue;
            const Form form{encoding, quote, final_line_break, line_break};
            const certctl::Secret raw = encode(pem, form);
            const Decoded decoded = decode(raw.reveal());
            CHECK(decoded.content == Content::pem);
            CHECK(decoded.pem.reveal() == pem);
            CHECK(decoded.form == form);
            const bool one_line = raw.reveal().find('\n') == std::string::npos;
            CHECK(one_line == (encoding != Encoding::pem_quoted));
          }
  }
}

TEST_CASE("other programs read what is written") {
  const std::string pem = key_pem("one");
  CHECK(encode(pem, {Encoding::base64_line, Quote::none, true, "\n"}).reveal() == base64_line(pem));
  CHECK(encode(pem, {Encoding::pem_escaped, Quote::double_mark, true, "\n"}).reveal() == "\"" + escaped(pem) + "\"");
  CHECK(encode(pem, {Encoding::pem_quoted, Quote::none, true, "\n"}).reveal() == "\"" + pem + "\"");
  CHECK(encode("", {Encoding::base64_line, Quote::double_mark, true, "\n"}).reveal() == "\"\"");
  CHECK(encode("", {Encoding::pem_quoted, Quote::none, true, "\n"}).reveal().empty());
}
