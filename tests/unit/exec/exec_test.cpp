#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <set>

#include "framework/crypto/csr.hpp"
#include "framework/crypto/key.hpp"
#include "framework/sdk/exec/exec_plugin.hpp"
#include "tests/contract/test_host.hpp"
#include "tests/unit/exec/shell_plugin.hpp"

namespace fs = std::filesystem;
using namespace certctl;
using namespace certctl::exec;
using namespace certctl::contract;
using test::credential_of;
using test::names_in;
using test::Shell;

namespace {

const std::string kSecret = "correct-horse-battery";

std::string bundle_of(const Credential& credential) {
  return "# serial 0A\n" + credential.certificate_pem + credential.chain_pem[0] + credential.key.pem.reveal();
}

}  // namespace

TEST_CASE("the sample distributor delivers, is asked again, and undoes, in every shell there is") {
  const std::string sample = Scratch::read(CERTCTL_TEST_DATA "/exec/distributor_bundle");
  int shells = 0;
  for (const char* shell : {"/bin/sh", "/bin/dash", "/bin/busybox sh", "/bin/bash"}) {
    if (!fs::exists(std::string(shell).substr(0, std::string(shell).find(' ')))) continue;
    ++shells;
    CAPTURE(shell);
    TestHost host;
    const Scratch scratch;
    const auto plugin = ExecPlugin::load(
        scratch.write("distributor_bundle", std::string("#!") + shell + sample.substr(sample.find('\n')), 0755));
    const std::string file = scratch.path() / "it's a \\ bundle";
    Options options;
    options.set("file", file);
    options.set("reload", (scratch.path() / "reloads").string());
    const auto distributor = make_distributor(plugin, options, host);
    CHECK(distributor->supports_reload());
    CHECK_FALSE(distributor->supports_verify());
    const Credential first = credential_of("first");
    const Credential second = credential_of("second");

    auto inspection = distributor->inspect(nullptr).value();
    CHECK(inspection.present == Present::none);
    CHECK(inspection.resources == std::vector<std::string>{"file:" + file});
    CHECK(inspection.output_files == std::vector<std::string>{file});
    CHECK(inspection.disturbance == "reload");

    const Secret nothing_before = distributor->prepare(first, nullptr).value();
    CHECK_FALSE(fs::exists(file));
    CHECK(distributor->install(first, nothing_before).value().changed);
    CHECK(Scratch::read(file) == bundle_of(first));
    CHECK((fs::status(file).permissions() & fs::perms::all) == fs::perms(0600));
    CHECK_FALSE(distributor->install(first, nothing_before).value().changed);
    CHECK(distributor->inspect(&first).value().present == Present::this_one);
    CHECK(distributor->inspect(&second).value().present == Present::other);

    const Secret first_before = distributor->prepare(second, &first).value();
    CHECK(distributor->undo(first_before).ok());  // before anything happened
    CHECK(Scratch::read(file) == bundle_of(first));
    CHECK(distributor->install(second, first_before).ok());
    CHECK(Scratch::read(file) == bundle_of(second));
    CHECK(distributor->undo(first_before).ok());
    CHECK(distributor->undo(first_before).ok());
    CHECK(Scratch::read(file) == bundle_of(first));
    scratch.write("it's a \\ bundle", "somebody else's");
    CHECK(distributor->undo(first_before).ok());
    CHECK(Scratch::read(file) == "somebody else's");
    scratch.write("it's a \\ bundle", bundle_of(first));
    CHECK(distributor->undo(nothing_before).ok());
    CHECK_FALSE(fs::exists(file));

    CHECK(distributor->reload_key().value() == "bundle:" + (scratch.path() / "reloads").string());
    CHECK(distributor->reload().ok());
    CHECK(Scratch::read(scratch.path() / "reloads") == "reloaded\n");
    Options without_reload;
    without_reload.set("file", file);
    CHECK(make_distributor(plugin, without_reload, host)->reload().ok());
    CHECK(names_in(host.work_directory().value()).empty());  // no key, no token is left there
  }
  CHECK(shells >= 3);
}

TEST_CASE("exit statuses are the protocol's") {
  const auto error_of = [](const std::string& body) {
    TestHost host;
    const Shell shell("distributor", body);
    const Options options;
    const auto result = make_distributor(shell.plugin, options, host)->install(credential_of("x"), Secret("t"));
    REQUIRE_FALSE(result.ok());
    CHECK(names_in(host.work_directory().value()) == std::set<std::string>{"said"});
    return result.error();
  };
  Error error = error_of("echo message=not now; echo code=peer-busy; echo hint=wait; exit 30");
  CHECK(error.code == "peer-busy");
  CHECK(error.message == "not now");
  CHECK(error.hint == "wait");
  CHECK(error.retry == RetryClass::later);
  error = error_of("echo retry_after=120; exit 30");
  CHECK(error.retry == RetryClass::after);
  CHECK(error.delay == std::chrono::seconds{120});
  error = error_of("echo message=no such file; exit 40");
  CHECK(error.code == "bad-option");
  CHECK(error.retry == RetryClass::never);
  error = error_of("echo first >&2; printf 'last \\033[2J\\n' >&2; exit 1");
  CHECK(error.code == "exec-failed");
  CHECK(error.message == "'install': exit status 1: first\\nlast \\x1b[2J");
  CHECK(error.retry == RetryClass::later);
  const std::string hidden = "(not shown: it may hold a private key)";
  error = error_of("cat \"$(value key_file)\" >&2; exit 1");
  CHECK(error.message == "'install': exit status 1: " + hidden);
  error = error_of("echo message=\"$(head -n 1 \"$(value key_file)\")\"; exit 1");
  CHECK(error.message == "'install': exit status 1: " + hidden);
  CHECK(error_of("cat \"$(value key_file)\"").message.find("PRIVATE") == std::string::npos);
  CHECK(error_of("kill -11 $$").message == "'install': ended by signal 11: 'install' failed without a word");
  CHECK(error_of("exit 10").code == "exec-failed");  // nothing but a request can be pending
  CHECK(error_of("exit 20").code == "exec-rejected");
  CHECK(error_of("echo code='Forged Code'; exit 30").code == "exec-try-later");
  CHECK(error_of("echo noise; exit 3").code == "exec-failed");
  CHECK(error_of("echo Restarting...").code == "exec-malformed");
  CHECK(error_of("echo chnaged=true").code == "exec-malformed");
  CHECK(error_of("echo changed=yes").code == "exec-malformed");
  CHECK(error_of("head -c 300000 /dev/zero | tr '\\0' '\\n'").code == "exec-malformed");
}

TEST_CASE("a call has its time") {
  TestHost host;
  const Shell slow("distributor", "echo thinking >&2; sleep 30", "timeout=1\\n");
  const Options options;
  const auto begin = std::chrono::steady_clock::now();
  const auto result = make_distributor(slow.plugin, options, host)->reload_key();
  CHECK_FALSE(result.ok());
  CHECK(result.error().code == "unsupported");
  const auto late = make_distributor(slow.plugin, options, host)->inspect(nullptr);
  REQUIRE_FALSE(late.ok());
  CHECK(late.error().code == "exec-timeout");
  CHECK(late.error().message == "'inspect' was not finished within 1 s; it said: thinking");
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{15});
}

TEST_CASE("an undo that can't be is said as such") {
  TestHost host;
  const Shell shell("distributor", "echo message=the old pair is gone; exit 20");
  const Options options;
  const auto result = make_distributor(shell.plugin, options, host)->undo(Secret("t"));
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().code == "undo-impossible");
  CHECK(result.error().message == "the old pair is gone");
}

TEST_CASE("options arrive in all their types, and secrets by file only") {
  TestHost host;
  const Shell shell(
      "hook",
      "env > env; tr '\\0' ' ' < /proc/$$/cmdline > cmdline; umask > mask\n"
      "stat -c %a \"$(value option.password.file)\" > mode; cat \"$(value option.password.file)\" > secret",
      "option=text\\noption=number\\noption.type=integer\\noption=on\\noption.type=boolean\\noption=wait\\n"
      "option.type=duration\\noption=list\\noption.type=list\\noption=map\\noption.type=map\\noption=do\\n"
      "option.type=command\\noption=password\\noption.type=secret\\noption=absent\\n");
  Options options;
  options.set("text", std::string("two\nlines \\ $(x)"));
  options.set("number", std::int64_t{-5});
  options.set("on", true);
  options.set("wait", std::chrono::seconds{90});
  options.set("list", std::vector<std::string>{"a", "b=c"});
  options.set("map", std::vector<std::pair<std::string, std::string>>{{"KEY", "v=1"}, {"B", ""}});
  options.set("do", Command{false, {"/bin/x", "y z"}});
  options.set("password", SecretSource{"", Secret(kSecret)});
  options.set("absent", std::monostate());
  Event event;
  event.name = "failed";
  event.profile = "test";
  event.message = "no\nconnection";
  event.facts = {{"serial", "0A"}};
  REQUIRE(make_hook(shell.plugin, options, host)->on_event(event).ok());

  const fs::path work = host.work_directory().value();
  const std::string said = Scratch::read(work / "said");
  for (const char* line :
       {"\nverb=event\n", "\nprofile=test\n", "\noption.text=two\\nlines \\\\ $(x)\n", "\noption.number=-5\n",
        "\noption.on=true\n", "\noption.wait=90\n", "\noption.list=a\noption.list=b=c\n",
        "\noption.map=KEY=v=1\noption.map=B=\n",
        "\noption.do.shell=false\noption.do.argument=/bin/x\noption.do.argument=y z\n", "\nevent=failed\n",
        "\nmessage=no\\nconnection\n", "\nfact.serial=0A\n", "\ncredential=false\n", "\nat=2027-01-01T00:00:00Z\n"}) {
    CAPTURE(line, said);
    if (std::string(line).starts_with("\nat=")) continue;
    CHECK(said.find(line) != std::string::npos);
  }
  CHECK(said.starts_with("protocol=1\n"));
  CHECK(said.find("absent") == std::string::npos);
  CHECK(said.find(kSecret) == std::string::npos);
  CHECK(Scratch::read(work / "cmdline").find(kSecret) == std::string::npos);
  CHECK(Scratch::read(work / "env").find(kSecret) == std::string::npos);
  CHECK(Scratch::read(work / "secret") == kSecret);
  CHECK(Scratch::read(work / "mode") == "600\n");
  CHECK(Scratch::read(work / "mask") == "0077\n");
  CHECK_FALSE(fs::exists(work / "call"));
}

TEST_CASE("a hook may refuse a delivery, if it says that it can") {
  TestHost host;
  const Options options;
  Event event;
  event.name = "before-deliver";
  const Shell refusing("hook", "[ \"$1\" = veto ] && echo message=not on Fridays && exit 20", "power=veto\\n");
  auto hook = make_hook(refusing.plugin, options, host);
  CHECK(hook->supports_veto());
  CHECK(hook->veto(event).value() == "not on Fridays");
  const Shell passing("hook", "exit 0", "power=veto\\n");
  CHECK(make_hook(passing.plugin, options, host)->veto(event).value().empty());
  const Shell silent("hook", "exit 20", "power=veto\\n");
  CHECK_FALSE(make_hook(silent.plugin, options, host)->veto(event).value().empty());
  const Shell without("hook", "exit 0");
  CHECK_FALSE(make_hook(without.plugin, options, host)->supports_veto());
  CHECK(make_hook(without.plugin, options, host)->veto(event).error().code == "unsupported");
}

TEST_CASE("instances for a registry are made and destroyed by kind") {
  TestHost host;
  const Options options;
  for (const char* kind : {"enroller", "distributor", "hook"}) {
    const Shell shell(kind, "exit 0");
    Error error;
    void* instance = create(shell.plugin, options, host, error);
    REQUIRE(instance != nullptr);
    destroyer(shell.plugin->kind())(instance);
  }
}

TEST_CASE("what a crashed call left behind goes with the next one") {
  TestHost host;
  const fs::path work = host.work_directory().value();
  fs::create_directories(work / "call" / "in");
  host.state().scratch.write("work/call/in/key.pem", "key");
  const Shell shell("distributor", "[ ! -e call/in/key.pem.old ]; ls call/in > files");
  const Options options;
  CHECK(make_distributor(shell.plugin, options, host)->undo(Secret("t")).ok());
  CHECK(Scratch::read(work / "files") == "undo\n");
  CHECK_FALSE(fs::exists(work / "call"));
}
