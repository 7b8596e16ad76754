#include "tests/fault/store_invariants.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <regex>
#include <set>

#include "tests/fault/pem_pair.hpp"

namespace certctl::fault {
namespace {

namespace fs = std::filesystem;

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::symlink_status(path, ignored).type() != fs::file_type::not_found;
}

bool resolves(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

class Checker {
 public:
  Checker(fs::path store, const StoreRules& rules) : store_(std::move(store)), rules_(rules) {}

  std::vector<Violation> run() {
    active();
    latest();
    generations();
    modes();
    if (rules_.clean) leftovers();
    return std::move(violations_);
  }

 private:
  void report(Finding finding, const std::string& line) { violations_.push_back({finding, line}); }

  // P1: each resolution of .active gives a whole pair, through one directory descriptor.
  void active() {
    const fs::path link = store_ / ".active";
    if (!is_there(link)) return;
    const int directory = ::open(link.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) return report(Finding::mismatched, ".active does not resolve");
    const auto read = [&](const char* name) {
      const int file = ::openat(directory, name, O_RDONLY | O_CLOEXEC);
      std::string text(65536, '\0');
      const ssize_t length = file < 0 ? 0 : ::read(file, text.data(), text.size());
      if (file >= 0) ::close(file);
      text.resize(length < 0 ? 0 : static_cast<std::size_t>(length));
      return text;
    };
    if (const std::string problem = pair_problem(read("key"), read("crt")); !problem.empty())
      report(Finding::mismatched, ".active: " + problem);
    ::close(directory);
  }

  void latest() {
    const bool key = is_there(store_ / "latest.key");
    const bool certificate = is_there(store_ / "latest.crt");
    if (!key && !certificate) {
      if (rules_.pair_required) report(Finding::lost_key, "latest.key and latest.crt are missing");
      return;
    }
    // While the first pair is being activated, one may be there before the other.
    if (!rules_.pair_required && key != certificate) return;
    if (!resolves(store_ / "latest.key")) report(Finding::mismatched, "latest.key does not resolve");
    if (!resolves(store_ / "latest.crt")) report(Finding::mismatched, "latest.crt does not resolve");
    const std::string problem = pair_problem(content_of(store_ / "latest.key"), content_of(store_ / "latest.crt"));
    if (!problem.empty()) report(Finding::mismatched, "latest.*: " + problem);
    if (!rules_.clean) return;
    const std::string name = fs::canonical(store_ / "latest.crt").filename().string();
    if (!std::regex_match(name, std::regex("[0-9A-Fa-f]+(~[0-9a-f]{8}(-[0-9]+)?)?\\.crt")))
      report(Finding::broken, "latest.crt leads to " + name + ", which is not named by a serial");
  }

  void generations() {
    const fs::path all = store_ / ".generations";
    if (!fs::is_directory(all)) return;
    for (const auto& entry : fs::directory_iterator(all)) {
      const std::string name = entry.path().filename().string();
      if (!std::regex_match(name, std::regex("[1-9][0-9]*"))) continue;
      for (const char* link : {"key", "crt"})
        if (fs::is_symlink(entry.path() / link))
          used_.insert(fs::read_symlink(entry.path() / link).filename().string());
      const std::string problem = pair_problem(content_of(entry.path() / "key"), content_of(entry.path() / "crt"));
      if (!problem.empty()) report(Finding::mismatched, "generation " + name + ": " + problem);
    }
  }

  // P2: whatever holds a private key is unreadable for others.
  void modes() {
    for (const auto& entry : fs::recursive_directory_iterator(store_)) {
      if (!fs::is_regular_file(entry.symlink_status())) continue;
      const bool key = content_of(entry.path()).find("PRIVATE KEY-----") != std::string::npos;
      const auto mode = entry.symlink_status().permissions();
      const std::string name = entry.path().lexically_relative(store_).string();
      if (key && (mode & (fs::perms::others_all | fs::perms::group_write)) != fs::perms::none)
        report(Finding::readable, name + " holds a key and is open to others");
      if (!key && (mode & (fs::perms::others_write | fs::perms::group_write)) != fs::perms::none)
        report(Finding::readable, name + " can be written by others");
      if (entry.path().extension() == ".key" && (mode & fs::perms::others_all) != fs::perms::none)
        report(Finding::readable, name + " is a key file and is open to others");
    }
  }

  void leftovers() {
    // The old application's layout, until the first change converts it.
    for (const char* link : {"latest.key", "latest.crt"})
      if (fs::is_symlink(store_ / link)) used_.insert(fs::read_symlink(store_ / link).filename().string());
    for (const auto& entry : fs::directory_iterator(store_)) {
      const std::string name = entry.path().filename().string();
      static const std::set<std::string> kExpected = {".active", ".generations", ".certctl-owner", "latest.key",
                                                      "latest.crt"};
      if (kExpected.count(name) != 0 || used_.count(name) != 0) continue;
      if (name.rfind("ca.crt-", 0) == 0) {
        if (!resolves(entry.path())) report(Finding::leftover, name + " does not resolve");
        continue;
      }
      report(Finding::leftover, "stray file " + name);
    }
    const fs::path all = store_ / ".generations";
    if (!fs::is_directory(all)) return;
    for (const auto& entry : fs::recursive_directory_iterator(all)) {
      const std::string name = entry.path().lexically_relative(all).string();
      if (!std::regex_match(
              name, std::regex("\\.last|[1-9][0-9]*(/(key|crt|chain\\.pem|ca\\.pem|checksums|ca\\.crt-[0-9]+))?")))
        report(Finding::leftover, "stray entry .generations/" + name);
    }
  }

  fs::path store_;
  StoreRules rules_;
  std::set<std::string> used_;
  std::vector<Violation> violations_;
};

}  // namespace

std::vector<Violation> store_violations(const std::string& store, const StoreRules& rules) {
  if (!fs::is_directory(store)) {
    if (rules.pair_required) return {{Finding::broken, "the store does not exist"}};
    return {};
  }
  try {
    return Checker(store, rules).run();
  } catch (const fs::filesystem_error& failure) {
    return {{Finding::broken, std::string("the store cannot be examined: ") + failure.what()}};
  }
}

std::string store_problem(const std::string& store, const StoreRules& rules) {
  std::string text;
  for (const Violation& one : store_violations(store, rules)) text += (text.empty() ? "" : "; ") + one.text;
  return text;
}

std::string fingerprint_of_file(const std::string& path) {
  return fingerprint(certificate_in(content_of(path)));
}

}  // namespace certctl::fault
