// Executables as plugins, as the registry finds, checks and refuses them.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "framework/registry/registry.hpp"
#include "tests/contract/own_namespace.hpp"
#include "tests/unit/registry/plugin_directory.hpp"

using namespace certctl;
using namespace certctl::registry;
using test::PluginDirectory;
namespace fs = std::filesystem;

namespace {

// Marks that it ran, beside its own file.
std::string script(const std::string& kind, const std::string& name) {
  return "#!/bin/sh\n[ \"$1\" = describe ] || { cat > /dev/null; exit 0; }\ntouch \"$0.ran\"\nprintf "
         "'protocol=1\\nkind=" +
         kind + "\\nname=" + name + "\\nsummary=a script\\noption=colour\\noption.text=which\\n'\n";
}

std::string code_of(Registry& registry, Kind kind, const std::string& name) {
  try {
    (void)registry.find(kind, name);
  } catch (const Failure& failure) {
    return failure.error().code;
  }
  return "found";
}

}  // namespace

TEST_CASE("an executable is found, described once, and makes instances") {
  PluginDirectory directory;
  const std::string path = directory.write("hook_bell", script("hook", "bell"), 0755);
  Registry registry({directory.path()});
  CHECK_FALSE(fs::exists(path + ".ran"));
  const PluginInfo& info = registry.find(Kind::hook, "bell");
  CHECK(info.kind == Kind::hook);
  CHECK(info.path == path);
  CHECK(info.summary == "a script");
  REQUIRE(info.options.size() == 1);
  CHECK(std::string(info.options[0].name) == "colour");
  fs::remove(path + ".ran");
  CHECK(registry.find(Kind::hook, "bell").options.data() == info.options.data());
  CHECK_FALSE(fs::exists(path + ".ran"));

  contract::TestHost host;
  auto hook = registry.make<HookApi>("bell", Options(), host);
  Event event;
  event.name = "delivered";
  hook.call(&HookApi::on_event, event);

  fs::remove(path + ".ran");
  const PluginInfo checked = Registry::check(path);
  CHECK(std::string(checked.options[0].text) == "which");  // lives without a registry
}

TEST_CASE("a native plugin goes before an executable of the same name") {
  PluginDirectory directory;
  directory.place("good", "hook_good.so");
  const std::string path = directory.write("hook_good", script("hook", "good"), 0755);
  Registry registry({directory.path()});
  CHECK(registry.find(Kind::hook, "good").version == "1.0");
  (void)registry.list();
  REQUIRE(registry.refusals().size() == 1);
  CHECK(registry.refusals()[0].path == path);
  CHECK(registry.refusals()[0].error.code == "plugin-shadowed");
  CHECK_FALSE(fs::exists(path + ".ran"));
}

TEST_CASE("an executable that others could change is not run") {
  for (const unsigned mode : {0775U, 0757U, 0777U}) {
    PluginDirectory directory;
    const std::string path = directory.write("hook_bell", script("hook", "bell"), mode);
    Registry registry({directory.path()});
    CAPTURE(mode);
    CHECK(code_of(registry, Kind::hook, "bell") == "plugin-unsafe");
    CHECK_FALSE(fs::exists(path + ".ran"));
  }
}

TEST_CASE("an executable of another user is not run") {
  if (!contract::as_root_with(contract::Need::users)) return;
  PluginDirectory directory;
  const std::string path = directory.write("hook_bell", script("hook", "bell"), 0755);
  REQUIRE(::chown(path.c_str(), 1234, 1234) == 0);
  Registry registry({directory.path()});
  CHECK(code_of(registry, Kind::hook, "bell") == "plugin-unsafe");
  CHECK_FALSE(fs::exists(path + ".ran"));
}

TEST_CASE("executables that are no plugins are refused with one line, and the others work on") {
  PluginDirectory directory;
  directory.write("hook_bell", script("hook", "bell"), 0755);
  directory.write("hook_other", script("hook", "bell"), 0755);
  directory.write("distributor_bell", script("hook", "bell"), 0755);
  directory.write("hook_plain", script("hook", "plain"), 0644);
  directory.write("hook_broken", "#!/bin/sh\necho hello\n", 0755);
  directory.write("store_bell", script("store", "bell"), 0755);  // can't be one: not looked at
  directory.write("README", "", 0644);
  Registry registry({directory.path()});
  CHECK(registry.list().size() == Registry({}).list().size() + 1);  // besides those that are linked into the test
  CHECK(registry.refusals().size() == 4);
  CHECK(code_of(registry, Kind::hook, "other") == "plugin-name");
  CHECK(code_of(registry, Kind::distributor, "bell") == "plugin-name");
  CHECK(code_of(registry, Kind::hook, "plain") == "plugin-unloadable");
  CHECK(code_of(registry, Kind::hook, "broken") == "plugin-malformed");
  CHECK(code_of(registry, Kind::store, "bell") == "plugin-unknown");
  CHECK(code_of(registry, Kind::hook, "bell") == "found");
}
