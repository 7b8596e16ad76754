#include "tests/contract/distributor_suite.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <sstream>

namespace certctl::contract {
namespace fs = std::filesystem;
namespace {

// One run of the program: an instance and its host. What an earlier run left is on disk only.
class Run {
 public:
  explicit Run(const DistributorSubject& subject)
      : host_(std::make_unique<TestHost>()), made_(subject.make(subject.options(), *host_)) {}
  DistributorApi* operator->() const { return made_.operator->(); }
  [[nodiscard]] HostState& host() const { return host_->state(); }

 private:
  std::unique_ptr<TestHost> host_;  // outlives the instance
  Made<DistributorApi> made_;
};

// All texts that a person could see.
class Shown {
 public:
  void add(const std::string& text) { all_ += text + "\n"; }
  void add(const Error& error) { add(error.code + " " + error.message + " " + error.hint); }
  void add(const Inspection& inspection) {
    add(inspection.detail);
    add(inspection.serial);
    add(inspection.disturbance);
    for (const auto* list : {&inspection.resources, &inspection.values, &inspection.output_files, &inspection.diff})
      for (const auto& text : *list) add(text);
  }
  void add(const InstallReport& report) {
    for (const auto& warning : report.warnings) add(warning);
  }
  void add(const HostState& host) {
    for (const auto& [level, line] : host.log) add(line);
  }
  [[nodiscard]] const std::string& all() const { return all_; }

 private:
  std::string all_;
};

// Lines of a key that identify it: none of them may be shown.
std::vector<std::string> key_lines(const Credential& credential) {
  std::vector<std::string> lines;
  std::istringstream stream(credential.key.pem.reveal());
  for (std::string line; std::getline(stream, line);)
    if (line.size() >= 16 && line.find("-----") == std::string::npos) lines.push_back(line.substr(0, 24));
  return lines;
}

Secret copy_of(const Secret& token) {
  return Secret(std::string(token.reveal()));
}

// What a section needs; at its end nothing secret may have been shown.
class Section {
 public:
  explicit Section(const DistributorSubject& subject) : s_(subject) { s_.reset(); }
  ~Section() {
    std::vector<std::string> secrets = key_lines(s_.old_credential);
    for (auto& line : key_lines(s_.new_credential)) secrets.push_back(std::move(line));
    if (!s_.secret.empty()) secrets.push_back(s_.secret);
    CHECK(secrets.size() > 4);
    for (const auto& secret : secrets) CHECK(shown_.all().find(secret) == std::string::npos);
    check_no_secret(shown_.all());
    CHECK(shown_.all().find("LS0tLS1CRUdJTiB") == std::string::npos);  // base64 of "-----BEGIN "
  }
  Section(const Section&) = delete;
  Section& operator=(const Section&) = delete;

  Secret prepare(Run& run) {
    auto token = run->prepare(s_.new_credential, &s_.old_credential);
    shown_.add(run.host());
    return std::move(token).value();
  }
  InstallReport install(Run& run, const Secret& token) {
    auto report = run->install(s_.new_credential, copy_of(token)).value();
    shown_.add(report);
    shown_.add(run.host());
    return report;
  }
  void undo(Run& run, const Secret& token) {
    run->undo(copy_of(token)).value();
    shown_.add(run.host());
  }
  Inspection inspect(Run& run, const Credential* credential) {
    auto inspection = run->inspect(credential).value();
    shown_.add(inspection);
    shown_.add(run.host());
    return inspection;
  }
  Present present(Run& run, const Credential& credential) { return inspect(run, &credential).present; }
  template <class Value>
  void fails(const Result<Value>& result) {
    CHECK_FALSE(result.ok());
    if (result.ok()) return;
    check_error(result.error());
    shown_.add(result.error());
  }

 private:
  const DistributorSubject& s_;
  Shown shown_;
};

}  // namespace

void distributor_suite(const DistributorSubject& subject) {
  Section section(subject);
  const Credential& old_one = subject.old_credential;
  const Credential& new_one = subject.new_credential;
  const std::string before = subject.snapshot();
  Run run(subject);

  SECTION("inspect() and prepare() have no effect") {
    for (const Credential* credential : {static_cast<const Credential*>(nullptr), &old_one, &new_one})
      section.inspect(run, credential);
    CHECK_FALSE(section.prepare(run).empty());
    CHECK(run->prepare(new_one, nullptr).ok());
    CHECK(subject.snapshot() == before);
    CHECK(run.host().calls.empty());
  }

  SECTION("inspect() tells what is there, and what will be locked and written") {
    const Inspection without = section.inspect(run, nullptr);
    const Inspection with_old = section.inspect(run, &old_one);
    const Inspection with_new = section.inspect(run, &new_one);
    CHECK(without.resources == with_new.resources);
    for (const auto& resource : without.resources) CHECK(resource.find(':') != std::string::npos);
    for (const auto& value : without.values)
      CHECK(std::any_of(without.resources.begin(), without.resources.end(),
                        [&](const std::string& resource) { return value.starts_with(resource); }));
    CHECK(std::set<std::string>{"none", "reload", "restart", "script"}.count(without.disturbance) == 1);
    CHECK(without.present != Present::this_one);
    if (subject.looks) {
      CHECK_FALSE(without.resources.empty());
      CHECK(without.present == Present::other);
      CHECK(with_old.present == Present::this_one);
      CHECK(with_old.diff.empty());
      CHECK(with_new.present == Present::other);
      CHECK((with_new.serial == old_one.serial || (with_new.serial.empty() && !subject.reads_serial)));
      CHECK_FALSE(with_new.diff.empty());
    } else {
      CHECK(with_old.present == Present::unknown);
      CHECK(with_new.present == Present::unknown);
    }
  }

  SECTION("install() by a later run than prepare() puts the credential there") {
    const Secret token = section.prepare(run);
    Run later(subject);
    CHECK(section.install(later, token).changed);
    if (subject.looks) {
      CHECK(section.present(later, new_one) == Present::this_one);
      const Inspection other = section.inspect(later, &old_one);
      CHECK(other.present == Present::other);
      CHECK((other.serial == new_one.serial || (other.serial.empty() && !subject.reads_serial)));
    }
  }

  SECTION("install() twice is install() once") {
    const Secret token = section.prepare(run);
    section.install(run, token);
    const std::string once = subject.snapshot();
    Run later(subject);
    const bool changed = section.install(later, token).changed;
    if (subject.looks) {
      CHECK_FALSE(changed);
      CHECK(subject.snapshot() == once);
    }
  }

  SECTION("a delivery of what is there already changes nothing, nor does its undo") {
    section.install(run, section.prepare(run));
    const std::string once = subject.snapshot();
    const Secret token = section.prepare(run);
    const bool changed = section.install(run, token).changed;
    section.undo(run, token);
    if (subject.looks) {
      CHECK_FALSE(changed);
      CHECK(subject.snapshot() == once);
    }
  }

  SECTION("undo() by a later run gives the target back what it had, as often as it is called") {
    const Secret token = section.prepare(run);
    section.install(run, token);
    for (int i = 0; i < 2; ++i) {
      Run later(subject);
      section.undo(later, token);
      if (subject.restores) CHECK(subject.snapshot() == before);
      if (subject.looks) CHECK(section.present(later, old_one) == Present::this_one);
    }
    section.install(run, section.prepare(run));
    if (subject.looks) CHECK(section.present(run, new_one) == Present::this_one);
  }

  SECTION("undo() succeeds when install() never happened") {
    section.undo(run, section.prepare(run));
    if (subject.restores) CHECK(subject.snapshot() == before);
  }

  SECTION("undo() keeps what others changed meanwhile beside our values") {
    if (subject.change_neighbour) {
      subject.change_neighbour();
      const std::string changed = subject.snapshot();
      subject.reset();
      const Secret token = section.prepare(run);
      section.install(run, token);
      subject.change_neighbour();
      section.undo(run, token);
      CHECK(subject.snapshot() == changed);
    }
  }

  SECTION("undo() leaves a credential that somebody else put there") {
    if (subject.take_over) {
      const Secret token = section.prepare(run);
      section.install(run, token);
      subject.take_over();
      const std::string taken = subject.snapshot();
      section.undo(run, token);
      CHECK(subject.snapshot() == taken);
    }
  }

  SECTION("a damaged undo token is an Error and has no effect") {
    const std::string good = section.prepare(run).reveal();
    for (const std::string& bad :
         {std::string(), std::string("{}"), std::string("\0\xff", 2), good.substr(0, good.size() / 2), "x" + good,
          std::string(100000, '['), std::string("null"), std::string("[]")}) {
      section.fails(run->install(new_one, Secret(std::string(bad))));
      section.fails(run->undo(Secret(std::string(bad))));
      CHECK(subject.snapshot() == before);
    }
    CHECK(run.host().calls.empty());
  }

  SECTION("a credential that is none is an Error, and the target keeps what it has") {
    if (subject.checks_credentials) {
      const Secret token = section.prepare(run);
      Credential mixed = new_one;
      mixed.key = old_one.key;
      Credential garbage = new_one;
      garbage.certificate_pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
      for (const Credential& credential : {Credential{}, mixed, garbage}) {
        section.fails(run->prepare(credential, &old_one));
        section.fails(run->install(credential, token));
        CHECK(subject.snapshot() == before);
      }
      CHECK(run.host().calls.empty());
    }
  }

  SECTION("a target that is gone is unreadable, and an Error for prepare() and install()") {
    if (subject.break_target) {
      const Secret token = section.prepare(run);
      subject.break_target();
      const std::string broken = subject.snapshot();
      const Inspection inspection = section.inspect(run, &new_one);
      CHECK(inspection.present == Present::unreadable);
      CHECK_FALSE(inspection.detail.empty());
      section.fails(run->prepare(new_one, &old_one));
      section.fails(run->install(new_one, token));
      CHECK(subject.snapshot() == broken);
    }
  }
}

std::string snapshot_of(const fs::path& directory) {
  std::vector<std::string> entries;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    struct stat status {};
    if (::lstat(entry.path().c_str(), &status) != 0) continue;
    std::ostringstream line;
    line << entry.path().lexically_relative(directory).string() << " " << std::oct << status.st_mode << std::dec << " "
         << status.st_uid << ":" << status.st_gid << " ";
    if (S_ISLNK(status.st_mode)) line << "-> " << fs::read_symlink(entry.path()).string();
    if (S_ISREG(status.st_mode)) line << Scratch::read(entry.path());
    entries.push_back(line.str());
  }
  std::sort(entries.begin(), entries.end());
  std::string all;
  for (const auto& entry : entries) all += entry + "\n";
  return all;
}

}  // namespace certctl::contract
