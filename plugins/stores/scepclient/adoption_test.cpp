// The directory of the older router app: latest.key and latest.crt are links to <SERIAL>.key and <SERIAL>.crt, or
// files.
#include "plugins/stores/scepclient/test_store.hpp"
#include "tests/fault/kill_points.hpp"
#include "tests/fault/store_invariants.hpp"

#include <algorithm>

using namespace certctl;
using namespace certctl::scepclient;
using namespace certctl::scepclient::test;

namespace {

constexpr const char* kSerial = "11FF3FAA993B23E3BDA8";

enum class Form { relative_links, absolute_links, files };

void make_old_directory(const fs::path& path, Form form) {
  fs::remove_all(path);
  fs::create_directory(path);
  const std::string base = kSerial;
  if (form == Form::files) {
    fs::copy_file(data() / "one.key", path / "latest.key");
    fs::copy_file(data() / "one.crt", path / "latest.crt");
    fs::permissions(path / "latest.key", fs::perms(0600));
  } else {
    fs::copy_file(data() / "one.key", path / (base + ".key"));
    fs::copy_file(data() / "one.crt", path / (base + ".crt"));
    fs::permissions(path / (base + ".key"), fs::perms(0600));
    const fs::path prefix = form == Form::absolute_links ? path : fs::path();
    fs::create_symlink(prefix / (base + ".key"), path / "latest.key");
    fs::create_symlink(prefix / (base + ".crt"), path / "latest.crt");
  }
  fs::copy_file(data() / "ca-issuing.pem", path / "ca.crt-0");
  fs::copy_file(data() / "ca-root.pem", path / "ca.crt-1");
}

}  // namespace

TEST_CASE("the old app's directory is taken over without changing the pair") {
  for (const Form form : {Form::relative_links, Form::absolute_links, Form::files}) {
    const Scratch scratch;
    const fs::path path = scratch.path / "store";
    make_old_directory(path, form);
    Opened opened(path);

    // Already before that it can be read.
    REQUIRE(opened.store.active());
    CHECK(opened.store.active()->number == 1);
    CHECK(opened.store.active()->whole);
    CHECK(opened.store.active()->serial == kSerial);
    CHECK(opened.store.list().size() == 1);
    CHECK(opened.store.list().front().active);
    CHECK(opened.store.read(1).key.pem.reveal() == content_of(data() / "one.key"));
    CHECK_FALSE(fs::exists(path / ".certctl-owner"));

    CHECK(opened.store.adopt() == 1);
    CHECK(opened.store.adopt() == 1);
    CHECK(opened.store.active()->number == 1);
    CHECK(content_of(path / "latest.key") == content_of(data() / "one.key"));
    CHECK(content_of(path / "latest.crt") == content_of(data() / "one.crt"));
    CHECK(content_of(path / "ca.crt-0") == content_of(data() / "ca-issuing.pem"));
    CHECK(content_of(path / "ca.crt-1") == content_of(data() / "ca-root.pem"));
    CHECK(fs::canonical(path / "latest.crt").filename() == std::string(kSerial) + ".crt");
    const Credential read = opened.store.read(1);
    CHECK(read.ca_set_pem.size() == 2);
    CHECK(read.chain_pem == std::vector<std::string>{content_of(data() / "ca-issuing.pem")});
    CHECK(fault::store_problem(path, {true, true}) == "");
  }
}

TEST_CASE("put takes over the old pair first, so that it stays as a generation") {
  const Scratch scratch;
  const fs::path path = scratch.path / "store";
  make_old_directory(path, Form::relative_links);
  Opened opened(path);
  CHECK(opened.store.put(credential("two")) == 2);
  CHECK(opened.store.active()->number == 1);
  opened.store.activate(2);
  opened.store.activate(1);
  CHECK(content_of(path / "latest.key") == content_of(data() / "one.key"));
  CHECK(fault::store_problem(path, {true, true}) == "");
}

TEST_CASE("CA files of older habits belong to the set") {
  const Scratch scratch;
  const fs::path path = scratch.path / "store";
  make_old_directory(path, Form::relative_links);
  SECTION("ca.crt-0 and ca.crt.1") {
    fs::rename(path / "ca.crt-1", path / "ca.crt.1");
    Opened opened(path);
    opened.store.adopt();
    CHECK(opened.store.read(1).ca_set_pem.size() == 2);
    CHECK(content_of(path / "ca.crt-1") == content_of(data() / "ca-root.pem"));
  }
  SECTION("a bare ca.crt counts when there is no set") {
    fs::remove(path / "ca.crt-1");
    fs::rename(path / "ca.crt-0", path / "ca.crt");
    Opened opened(path);
    opened.store.adopt();
    CHECK(opened.store.read(1).ca_set_pem == std::vector<std::string>{content_of(data() / "ca-issuing.pem")});
  }
  SECTION("a bare ca.crt beside a set is stale") {
    fs::copy_file(data() / "five.crt", path / "ca.crt");
    Opened opened(path);
    opened.store.adopt();
    CHECK(opened.store.read(1).ca_set_pem.size() == 2);
  }
}

TEST_CASE("an old pair that is not whole is reported, and kept when its place is taken") {
  const Scratch scratch;
  const fs::path path = scratch.path / "store";
  make_old_directory(path, Form::files);
  fs::remove(path / "latest.crt");
  fs::copy_file(data() / "two.crt", path / "latest.crt");
  Opened opened(path);
  REQUIRE(opened.store.active());
  CHECK_FALSE(opened.store.active()->whole);
  CHECK(opened.store.active()->problem.find("do not belong together") != std::string::npos);
  CHECK_FALSE(opened.store.adopt());
  CHECK(content_of(path / "latest.key") == content_of(data() / "one.key"));

  opened.store.activate(opened.store.put(credential("three")));
  CHECK(content_of(path / "latest.key") == content_of(data() / "three.key"));
  CHECK(content_of(path / "latest.key.replaced-1") == content_of(data() / "one.key"));
  CHECK(content_of(path / "latest.crt.replaced-1") == content_of(data() / "two.crt"));
}

TEST_CASE("links that lead out of the store are not followed") {
  const Scratch scratch;
  const fs::path path = scratch.path / "store";
  make_old_directory(path, Form::relative_links);
  fs::remove(path / "latest.key");
  fs::create_symlink(data() / "one.key", path / "latest.key");
  Opened opened(path);
  CHECK_FALSE(opened.store.active()->whole);
  CHECK(opened.store.active()->problem.find("outside") != std::string::npos);
  CHECK_FALSE(opened.store.adopt());
}

TEST_CASE("an empty or foreign directory has nothing to take over") {
  const Scratch scratch;
  Opened missing(scratch.path / "none");
  CHECK_FALSE(missing.store.adopt());
  CHECK_FALSE(fs::exists(scratch.path / "none"));
  fs::create_directory(scratch.path / "empty");
  Opened empty(scratch.path / "empty");
  CHECK_FALSE(empty.store.adopt());
  CHECK(fs::is_empty(scratch.path / "empty"));
}

TEST_CASE("kill -9 on entry of every system call of an adoption") {
  const Scratch scratch(Scratch::Where::memory);
  const fs::path path = scratch.path / "store";
  for (const Form form : {Form::relative_links, Form::files}) {
    const auto adopt = [&] {
      Opened opened(path);
      opened.store.adopt();
    };
    const auto campaign =
        fault::kill_everywhere([&] { make_old_directory(path, form); }, adopt,
                               [&] {
                                 // At once: latest.* is the old pair. The next run completes without help.
                                 if (content_of(path / "latest.key") != content_of(data() / "one.key"))
                                   return std::string("latest.key changed");
                                 if (content_of(path / "latest.crt") != content_of(data() / "one.crt"))
                                   return std::string("latest.crt changed");
                                 if (std::string problem = fault::store_problem(path, {}); !problem.empty())
                                   return problem;
                                 const Opened opened(path);
                                 const auto seen = Opened(path).store.active();
                                 if (!seen || seen->number != 1 || !seen->whole)
                                   return std::string("active() does not show the old pair");
                                 adopt();
                                 if (content_of(path / "latest.key") != content_of(data() / "one.key"))
                                   return std::string("lost in recovery");
                                 return fault::store_problem(path, {true, true});
                               });
    INFO(campaign.first_bad);
    CHECK(campaign.bad == 0);
    CHECK(campaign.points > 30);
  }
}
