// Store "EXAMPLE": a directory for each generation, and a link to the active one. What it shows is what every store
// promises: a generation appears whole or not at all, one step makes another one active, nothing is written again.
#include <certctl/plugin.hpp>

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "files.hpp"
#include "pair.hpp"

namespace {

namespace fs = std::filesystem;
using namespace certctl;

constexpr OptionSpec kOptions[] = {
    {"path", OptionType::path, "", true, false, "", "directory of the store; the one above it must be there"},
};
constexpr const char* kFresh = ".fresh";  // what a crash leaves under these names, the next put() or prune() removes
constexpr const char* kGone = ".gone";

std::optional<int> number_of(const std::string& text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 1 || text != std::to_string(number))
    return std::nullopt;
  return number;
}

std::string joined(const std::vector<std::string>& certificates) {
  std::string text;
  for (const std::string& one : certificates) text += one;
  return text;
}

class Example final : public Store {
 public:
  // Judges its options, and touches nothing.
  Example(const Options& options, Host& host) : path_(options.text("path")), host_(host) {
    if (path_.empty() || path_.front() != '/')
      throw Failure::never("bad-option", "`path` of the store EXAMPLE is no absolute path", "write /var/lib/…");
  }

  [[nodiscard]] std::string location() const override { return path_; }

  int put(const Credential& credential) override {
    const Pair pair = look_at(credential.certificate_pem, credential.key);
    if (!pair.problem.empty())
      throw Failure::never("generation-broken", "this is not stored in " + path_ + ": " + pair.problem,
                           "a key and the certificate for it are needed");
    make_directory(path_);
    take_possession();
    for (const int number : numbers()) {
      if (load(number).facts.fingerprint != pair.fingerprint || !load(number).facts.whole) continue;
      replace_file(directory_of(number), "chain.pem", joined(credential.chain_pem));
      replace_file(directory_of(number), "ca.pem", joined(credential.ca_set_pem));
      return number;
    }
    const int number = next_number();
    const std::string fresh = path_ + "/" + kFresh;
    remove_directory(fresh);
    make_directory(fresh);
    if (credential.key.exportable()) {
      write_new(fresh + "/key", credential.key.pem.reveal());
    } else {
      write_new(fresh + "/reference", credential.key.provider + "\n" + credential.key.reference + "\n");
    }
    write_new(fresh + "/crt", credential.certificate_pem);
    write_new(fresh + "/chain.pem", joined(credential.chain_pem));
    write_new(fresh + "/ca.pem", joined(credential.ca_set_pem));
    sync_directory(fresh);
    rename_in(path_, kFresh, std::to_string(number));
    return number;
  }

  void activate(int generation) override {
    const Loaded loaded = known(generation);
    if (!loaded.facts.whole) broken(loaded.facts);
    replace_link(path_, "active", std::to_string(generation));
  }

  [[nodiscard]] std::optional<Generation> active() override {
    refuse_others();
    const auto number = active_number();
    if (!number) return std::nullopt;
    return load(*number).facts;
  }

  [[nodiscard]] std::vector<Generation> list() override {
    refuse_others();
    std::vector<Generation> all;
    for (const int number : numbers()) all.push_back(load(number).facts);
    return all;
  }

  [[nodiscard]] Credential read(int generation) override {
    Loaded loaded = known(generation);
    if (!loaded.facts.whole) broken(loaded.facts);
    return std::move(loaded.credential);
  }

  std::vector<int> prune(int keep, const std::vector<int>& needed) override {
    refuse_others();
    remove_directory(path_ + "/" + kFresh);
    remove_directory(path_ + "/" + kGone);
    std::vector<int> removed;
    const auto all = numbers();
    const auto active = active_number();
    auto left = static_cast<int>(all.size());
    for (const int number : all) {
      if (left <= keep) break;
      if (number == active || std::find(needed.begin(), needed.end(), number) != needed.end()) continue;
      // Out of sight in one step: half of a generation is never seen.
      rename_in(path_, std::to_string(number), kGone);
      remove_directory(path_ + "/" + kGone);
      removed.push_back(number);
      --left;
    }
    return removed;
  }

 private:
  struct Loaded {
    Generation facts;
    Credential credential;
  };

  [[nodiscard]] std::string directory_of(int number) const { return path_ + "/" + std::to_string(number); }

  [[noreturn]] void broken(const Generation& facts) const {
    throw Failure::never("generation-broken",
                         "generation " + std::to_string(facts.number) + " of " + path_ + ": " + facts.problem,
                         "`certctl rollback` takes another one");
  }

  void refuse_others() const {
    const auto owner = read_file(path_ + "/owner");
    if (owner && *owner != host_.profile())
      throw Failure::never("store-foreign", "the store " + path_ + " belongs to the profile '" + *owner + "'",
                           "give each profile a store of its own");
  }
  void take_possession() const {
    refuse_others();
    if (!read_file(path_ + "/owner")) replace_file(path_, "owner", host_.profile());
  }

  // Ascending; broken ones too.
  [[nodiscard]] std::vector<int> numbers() const {
    std::vector<int> all;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(path_, error))
      if (const auto number = number_of(entry.path().filename().string())) all.push_back(*number);
    std::sort(all.begin(), all.end());
    return all;
  }

  // Never again one that somebody could mean another generation by.
  [[nodiscard]] int next_number() const {
    const auto all = numbers();
    const int last = number_of(read_file(path_ + "/last").value_or("")).value_or(0);
    const int number = std::max(last, all.empty() ? 0 : all.back()) + 1;
    replace_file(path_, "last", std::to_string(number));
    return number;
  }

  [[nodiscard]] std::optional<int> active_number() const {
    std::error_code error;
    const fs::path target = fs::read_symlink(path_ + "/active", error);
    return error ? std::nullopt : number_of(target.string());
  }

  [[nodiscard]] Loaded known(int number) const {
    refuse_others();
    const auto all = numbers();
    if (std::find(all.begin(), all.end(), number) == all.end())
      throw Failure::never("generation-unknown", "there is no generation " + std::to_string(number) + " in " + path_);
    return load(number);
  }

  [[nodiscard]] Loaded load(int number) const {
    Loaded loaded;
    Generation& facts = loaded.facts;
    Credential& credential = loaded.credential;
    facts.number = credential.generation = number;
    facts.directory = credential.directory = directory_of(number);
    facts.active = active_number() == number;
    try {
      credential.key = key_in(facts.directory);
      credential.certificate_pem = needed(facts.directory + "/crt");
      credential.chain_pem = split(needed(facts.directory + "/chain.pem"));
      credential.ca_set_pem = split(needed(facts.directory + "/ca.pem"));
      const Pair pair = look_at(credential.certificate_pem, credential.key);
      facts.serial = credential.serial = pair.serial;
      facts.fingerprint = credential.fingerprint = pair.fingerprint;
      facts.problem = pair.problem;
    } catch (const Failure& failure) {
      facts.problem = failure.error().message;
    }
    facts.whole = facts.problem.empty();
    return loaded;
  }

  [[nodiscard]] static std::string needed(const std::string& path) {
    auto text = read_file(path);
    if (!text) throw Failure::never("generation-broken", path + " is missing");
    return std::move(*text);
  }

  [[nodiscard]] static KeyRef key_in(const std::string& directory) {
    if (auto pem = read_file(directory + "/key")) return {"file", {}, Secret(std::move(*pem))};
    const std::string text = needed(directory + "/reference");
    const auto end = text.find('\n');
    if (end == std::string::npos || text.back() != '\n' || end + 1 == text.size())
      throw Failure::never("generation-broken", directory + "/reference is damaged");
    return {text.substr(0, end), text.substr(end + 1, text.size() - end - 2), {}};
  }

  std::string path_;
  Host& host_;
};

}  // namespace

CERTCTL_PLUGIN(certctl::Store, Example, "EXAMPLE", "0.1", "a directory for each generation, and a link to the active",
               kOptions);
