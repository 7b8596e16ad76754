// The module's settings file: what sh would read, and nothing executed. `sh` itself is the judge of the quoting.
#include "framework/compat/router_app/settings_text.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

#include "framework/compat/router_app/module_settings.hpp"
#include "framework/sys/subprocess.hpp"

using namespace certctl;
using namespace certctl::router_app;

namespace {

std::string value_of(const std::string& text, const std::string& name = "A") {
  const SettingsText parsed = parse_settings(text, "f");
  INFO(text);
  CHECK_FALSE(config::has_errors(parsed.diagnostics));
  const Setting* setting = parsed.find(name);
  return setting == nullptr ? "(none)" : setting->value;
}

// "LINE:COLUMN code" of the first error.
std::string error_of(const std::string& text) {
  for (const auto& diagnostic : parse_settings(text, "f").diagnostics) {
    if (diagnostic.severity == config::Severity::error)
      return std::to_string(diagnostic.mark.line) + ":" + std::to_string(diagnostic.mark.column) + " " +
             diagnostic.code;
  }
  return "";
}

std::string by_sh(const std::string& shell, const std::string& settings) {
  sys::ProcessRequest request;
  request.command = {false, {shell, "-c", settings + "\nprintf '%s' \"$A\""}};
  if (shell == "busybox") request.command.arguments.insert(request.command.arguments.begin() + 1, "sh");
  request.environment = {"PATH=/usr/bin:/bin"};
  request.output_limit = 65536;
  const auto result = sys::run_process(request);
  REQUIRE(result.succeeded());
  return result.output;
}

const std::vector<std::string> kHostile = {
    "",
    "plain",
    "two words",
    "it's",
    "''",
    "'",
    "\"$(touch /tmp/never)\"",
    "`id`",
    "$HOME ${HOME} $1",
    "a\\b\\",
    "line\nbreak",
    "; reboot #",
    "a=b",
    "*?[]{}~!",
    "\ttab",
    "\xC3\xA9",
    "scep_replace_pem /etc/settings.ipsec IPSEC_LOCAL_KEY pkey IPSEC_LOCAL_CERT cert; /etc/init.d/ipsec restart",
};

}  // namespace

TEST_CASE("a value is read as sh reads it") {
  CHECK(value_of("A=1\n") == "1");
  CHECK(value_of("A=1") == "1");
  CHECK(value_of("A=") == "");
  CHECK(value_of("A=''\n") == "");
  CHECK(value_of("A='a b'\n") == "a b");
  CHECK(value_of("A=\"a b\"\r\nB=2\r\n") == "a b");
  CHECK(value_of("A=\"a \\\"b\\\" \\$c \\x\"\n") == "a \"b\" $c \\x");
  CHECK(value_of("A='it'\\''s'\n") == "it's");
  CHECK(value_of("A=a\\ b # comment\n") == "a b");
  CHECK(value_of("export A=1;\n") == "1");
  CHECK(value_of("A='two\nlines'\nB=1\n") == "two\nlines");
  CHECK(value_of("# A=0\n\n  A=1\n") == "1");
  CHECK(value_of("A=1\nA=2\n") == "2");
  CHECK(value_of("\xEF\xBB\xBF"
                 "A=1\n") == "1");
  CHECK(value_of("AA=1\n") == "(none)");
}

TEST_CASE("what sh would expand is taken as it is, with a warning") {
  const SettingsText parsed = parse_settings("A=\"x $(reboot) `id`\"\nB='$y'\n", "f");
  REQUIRE(parsed.find("A") != nullptr);
  CHECK(parsed.find("A")->value == "x $(reboot) `id`");
  CHECK(parsed.diagnostics.size() == 1);
  CHECK(parsed.diagnostics.front().severity == config::Severity::warning);
}

TEST_CASE("mistakes have their place, and the other lines are read") {
  CHECK(error_of("A=1\nB = 2\n") == "2:1 not-an-assignment");
  CHECK(error_of("A=1\nreboot\n") == "2:1 not-an-assignment");
  CHECK(error_of("A=a b\n") == "1:5 value-unquoted");
  CHECK(error_of("A=a|b\n") == "1:4 value-unquoted");
  CHECK(error_of("A=a;reboot\n") == "1:5 value-unquoted");
  CHECK(error_of("B=1\nA='never\n") == "2:3 quote-open");
  CHECK(error_of(std::string("A=\0b\n", 6)) == "0:0 settings-unreadable");
  CHECK(error_of("A='" + std::string(9000, 'x') + "'\n") == "1:3 value-too-long");
  CHECK(error_of(std::string(70000, '\n')) == "0:0 settings-unreadable");
  CHECK(parse_settings("A='never\nB=2\n", "f").find("B")->value == "2");
}

TEST_CASE("a quoted value is read back by every sh and by us, whatever is in it") {
  for (const std::string& value : kHostile) {
    const std::string line = "A=" + quoted_for_sh(value);
    INFO(line);
    CHECK(value_of(line + "\n") == value);
    CHECK(by_sh("sh", line) == value);
    CHECK(by_sh("busybox", line) == value);
  }
}

TEST_CASE("writing values keeps everything else") {
  const std::string old = "# by hand\nX=\"keep me\"\nA=1\n\nB='two\nlines'\nA=3\nlast=1";
  CHECK(with_values(old, {{"A", "it's"}, {"B", ""}, {"C", "new"}}) ==
        "# by hand\nX=\"keep me\"\n\nB=''\nA='it'\\''s'\nlast=1\nC='new'\n");
  CHECK(with_values("", {{"A", "1"}}) == "A='1'\n");
  const std::string once = with_values(old, {{"A", "2"}});
  CHECK(with_values(once, {{"A", "2"}}) == once);
}

TEST_CASE("values of items are judged with the line they are on") {
  const auto messages = [](const std::string& text) {
    std::string all;
    for (const auto& diagnostic : read_module_settings(text, "s").diagnostics) all += config::format(diagnostic) + "\n";
    return all;
  };
  CHECK(messages("MOD_SCEPCLIENT_SERVER_URL=http://pki/scep\n").empty());
  CHECK(messages("\nMOD_SCEPCLIENT_RENEW_DAYS=0\n").find("s:2:1: error: MOD_SCEPCLIENT_RENEW_DAYS (Renew day)") == 0);
  CHECK(messages("MOD_SCEPCLIENT_RENEW_DAYS=99999999999\n").find("error") != std::string::npos);
  CHECK(messages("MOD_SCEPCLIENT_RENEW_DAYS=-1\n").find("error") != std::string::npos);
  CHECK(messages("MOD_SCEPCLIENT_ENABLED=yes\n").find("must be 1 or 0") != std::string::npos);
  CHECK(messages("MOD_SCEPCLIENT_SUBJECT=/XX=1\n").find("error") != std::string::npos);
  CHECK(messages("MOD_SCEPCLIENT_ALT_NAME='DNS:a, nonsense:b'\n").find("error") != std::string::npos);
  CHECK(messages("MOD_SCEPCLIENT_ENABLED=1\n").find("Server URL) is missing") != std::string::npos);
  CHECK(messages("MOD_SCEPCLIENT_SERVER_URL='ftp://x'\n").find("error") != std::string::npos);
  CHECK(messages("MOD_SCEPCLIENT_KEY_SIZE=1024\n").find("warning") != std::string::npos);
  CHECK(messages("MOD_SCEPCLIENT_RENEW_DAY=3\n").find("did you mean MOD_SCEPCLIENT_RENEW_DAYS?") != std::string::npos);
  CHECK(messages("MOD_SCEPCLIENT_TEMPLATE='\x1b[31m'\n").find('\x1b') == std::string::npos);
}
