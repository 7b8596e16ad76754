// Changes to the store, each under the store's kernel lock (on its directory) and after the owner has been checked.
//
// Every member can be stopped at any instant and called again: what it left behind is removed by the next writer, and
// nothing that others see was ever half done.
#pragma once

#include "plugins/stores/scepclient/directory.hpp"
#include "plugins/stores/scepclient/generation.hpp"

#include <certctl/host.hpp>
#include <certctl/types.hpp>

#include <optional>
#include <string>
#include <vector>

namespace certctl::scepclient {

// What the options say.
struct Settings {
  std::string path;  // absolute, normal form
  FileAccess key;
  FileAccess certificate;
};

enum class OwnerRule : int {
  must_be_ours,  // another profile's store is refused
  take_over,     // becomes ours
};

// Refuses a store that another profile owns. An absent or damaged owner file owns nothing.
void require_owner(const Directory& root, const std::string& profile);

class Writer {
 public:
  // Opens the store, makes its directory if `create` (the one above must exist), waits for the lock at most 10 s
  // ("store-busy"), checks the owner, and removes what a crash left. Nothing when there is no store and not `create`.
  static std::optional<Writer> open(const Settings& settings, Host& host, PairJudge& judge, bool create,
                                    OwnerRule rule = OwnerRule::must_be_ours);

  int put(const Credential& credential);
  void activate(int generation);
  std::vector<int> prune(int keep, const std::vector<int>& needed);
  std::optional<int> adopt();

 private:
  Writer(const Settings& settings, Host& host, PairJudge& judge, Directory root)
      : settings_(settings), host_(host), judge_(judge), root_(std::move(root)) {}

  void lock();
  void claim();  // .certctl-owner, .generations
  void sweep();
  void warn(const std::string& line) { host_.log(LogLevel::warning, "store " + settings_.path + ": " + line); }
  [[nodiscard]] Directory generations() const;
  [[nodiscard]] int next_number() const;
  // put() without adoption first. `preferred`: names of files that are there already.
  int put_pair(const Credential& credential, const Loaded* preferred);
  void write_generation(int number, const Credential& credential, const std::string& key_name,
                        const std::string& certificate_name);
  void refresh_generation(const Loaded& loaded, const Credential& credential);
  // Adopts the pair of another program, if there is a whole one; nothing otherwise.
  std::optional<int> adopt_foreign();
  void switch_to(const Loaded& loaded);
  // latest.* and ca.crt-* lead through .active; what is right already is left alone.
  void ensure_links(const Loaded& active);
  void set_link(const std::string& name, const std::string& target);
  // Keeps a plain file of this name under another one, unless it equals the file `same_as`: somebody put it there, and
  // it may be the only copy of a key.
  void keep_copy(const std::string& name, const std::string& same_as);
  // Removes a directory in .generations and those of its files that no generation refers to.
  void dismantle(const std::string& name);

  const Settings& settings_;
  Host& host_;
  PairJudge& judge_;
  Directory root_;
  bool changed_ = false;  // entries of the root directory that are not durable yet
};

}  // namespace certctl::scepclient
