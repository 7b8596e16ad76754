#include <catch2/catch.hpp>

#include "framework/sdk/exec/exec_plugin.hpp"
#include "tests/contract/test_host.hpp"

using namespace certctl;
using namespace certctl::exec;
using certctl::contract::Scratch;

namespace {

std::string code_of(const std::string& description) {
  try {
    (void)ExecPlugin::parse("/x", description);
  } catch (const Failure& failure) {
    return failure.error().code;
  }
  return "accepted";
}

std::string code_of_program(const std::string& script) {
  const Scratch scratch;
  try {
    (void)ExecPlugin::load(scratch.write("hook_x", script, 0755));
  } catch (const Failure& failure) {
    return failure.error().code;
  }
  return "accepted";
}

}  // namespace

TEST_CASE("the sample describes itself") {
  const auto plugin = ExecPlugin::load(CERTCTL_TEST_DATA "/exec/distributor_bundle");
  CHECK(plugin->kind() == CERTCTL_KIND_DISTRIBUTOR);
  CHECK(plugin->name() == "bundle");
  CHECK(plugin->version() == "1.0");
  CHECK(plugin->summary() == "certificate, chain and key in one file");
  CHECK(plugin->has_power("reload"));
  CHECK_FALSE(plugin->has_power("verify"));
  CHECK(plugin->timeout() == std::chrono::seconds{30});
  REQUIRE(plugin->options().size() == 2);
  const OptionSpec& file = plugin->options()[0];
  CHECK(std::string(file.name) == "file");
  CHECK(file.type == OptionType::path);
  CHECK(file.required);
  CHECK(std::string(file.text) == "where the bundle goes");
  CHECK_FALSE(plugin->options()[1].required);
}

TEST_CASE("descriptions with a mistake are refused") {
  const std::string good = "protocol=1\nkind=hook\nname=x\n";
  CHECK(code_of(good) == "accepted");
  CHECK(code_of(good + "option=mode\noption.type=choice\noption.choices=a|b\noption.default=a\n") == "accepted");
  CHECK(code_of("protocol=2\nkind=hook\nname=x\n") == "plugin-revision");
  for (const std::string& wrong : {std::string(""),
                                   std::string("kind=hook\nname=x\n"),
                                   std::string("protocol=1\nname=x\n"),
                                   std::string("protocol=1\nkind=hook\n"),
                                   std::string("protocol=1\nkind=store\nname=x\n"),
                                   std::string("protocol=1\nkind=hook\nname=../x\n"),
                                   good + "power=reload\n",
                                   good + "power=\n",
                                   good + "power=veto veto\n",
                                   good + "colour=red\n",
                                   good + "hello\n",
                                   good + "timeout=0\n",
                                   good + "timeout=1h\n",
                                   good + "option.type=text\n",
                                   good + "option=a b\n",
                                   good + "option=a\noption=a\n",
                                   good + "option=a\noption.type=number\n",
                                   good + "option=a\noption.required=yes\n",
                                   good + "option=a\noption.type=choice\n",
                                   good + "option=a\noption.choices=a|b\n",
                                   good + "option=a\noption.required=true\noption.default=x\n",
                                   good + "option=a\noption.type=secret\noption.default=x\n"}) {
    CAPTURE(wrong);
    CHECK(code_of(wrong) == "plugin-malformed");
  }
}

TEST_CASE("an executable that can't describe itself is no plugin") {
  CHECK(code_of_program("#!/bin/sh\nprintf 'protocol=1\\nkind=hook\\nname=x\\n'; echo chatter >&2\n") == "accepted");
  CHECK(code_of_program("#!/bin/sh\nprintf 'protocol=1\\nkind=hook\\nname=x\\n'; exit 1\n") == "plugin-unloadable");
  CHECK(code_of_program("#!/no/such/interpreter\n") == "plugin-unloadable");
  CHECK(code_of_program("#!/bin/sh\nkill -9 $$\n") == "plugin-unloadable");
  CHECK(code_of_program("#!/bin/sh\nhead -c 1000000 /dev/zero | tr '\\0' x\n") == "plugin-malformed");
}

TEST_CASE("file names of executables") {
  std::string kind;
  std::string name;
  CHECK(is_exec_file_name("distributor_my-proxy_2", kind, name));
  CHECK(kind == "distributor");
  CHECK(name == "my-proxy_2");
  for (const char* wrong :
       {"distributor", "distributor_", "store_x", "key_x", "distributor_x.so", "distributor_X", "hook_x~", ".hook_x"}) {
    CAPTURE(wrong);
    CHECK_FALSE(is_exec_file_name(wrong, kind, name));
  }
}
