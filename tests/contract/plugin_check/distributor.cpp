#include <catch2/catch.hpp>
#include <fstream>

#include "tests/contract/credentials.hpp"
#include "tests/contract/distributor_suite.hpp"
#include "tests/contract/plugin_check/suites.hpp"

namespace certctl::plugin_check {
namespace fs = std::filesystem;
namespace {

void put(const Subject& subject, const Credential& credential) {
  contract::TestHost host;
  const auto distributor = subject.make<DistributorApi>(subject.options(), host);
  const Secret token = distributor->prepare(credential, nullptr).value();
  distributor->install(credential, token).value();
}

// What the plugin can do at all is asked once, before the rules.
struct Powers {
  bool looks = true;
  bool reads_serial = true;
  bool checks_credentials = true;
};

Powers powers_of(const Subject& subject, const Credential& old_one, const Credential& new_one) {
  Powers powers;
  subject.reset_fixture();
  put(subject, old_one);
  contract::TestHost host;
  const auto distributor = subject.make<DistributorApi>(subject.options(), host);
  const Inspection inspection = distributor->inspect(&new_one).value();
  powers.looks = inspection.present != Present::unknown;
  powers.reads_serial = !inspection.serial.empty();
  Credential mixed = new_one;
  mixed.key = old_one.key;
  powers.checks_credentials = !distributor->prepare(mixed, nullptr).ok();
  return powers;
}

// What is neither looked at nor written: a directory where a file was, a file where a directory was.
void turn_over(const fs::path& path) {
  const bool was_directory = fs::is_directory(path);
  fs::remove_all(path);
  fs::create_directories(was_directory ? path.parent_path() : path / "in the way");
  if (was_directory) std::ofstream(path) << "in the way\n";
}

}  // namespace

void check_distributor(const Subject& checked) {
  contract::DistributorSubject subject;
  subject.make = checked.maker<DistributorApi>();
  subject.options = [&] { return checked.options(); };
  subject.old_credential = contract::test_credential("one");
  subject.new_credential = contract::test_credential("two");
  static const Powers powers = powers_of(checked, subject.old_credential, subject.new_credential);
  subject.looks = powers.looks;
  subject.reads_serial = powers.reads_serial;
  subject.checks_credentials = powers.checks_credentials;
  subject.reset = [&] {
    checked.reset_fixture();
    put(checked, subject.old_credential);
  };
  subject.snapshot = [&] { return contract::snapshot_of(checked.fixture()); };
  subject.change_neighbour = [&] { std::ofstream(checked.fixture() / "neighbour") << "changed by somebody else\n"; };
  subject.take_over = [&] { put(checked, contract::test_credential("three")); };
  const Options options = checked.options();
  const auto paths = checked.path_options(options);
  // Files that it has written: those are its target.
  subject.break_target = [options, paths] {
    for (const auto& name : paths)
      if (fs::exists(options.text(name))) turn_over(options.text(name));
  };
  if (paths.empty() || !powers.looks) subject.break_target = nullptr;
  contract::distributor_suite(subject);
}

}  // namespace certctl::plugin_check
