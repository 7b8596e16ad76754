// The folder <state>/<profile>/ (0700): journal.json, tx/ (the open request), undo/ (undo tokens), kept/ (keys of
// abandoned and refused requests), work/ (plugins' files), event/ (what scripts are told). Every write is a temporary
// file, fsync, rename, fsync of the directory. Used under the profile's lock, except for reading.
#pragma once

#include <certctl/enroller.hpp>
#include <certctl/types.hpp>

#include <optional>
#include <string>
#include <vector>

#include "framework/engine/delivery.hpp"
#include "framework/engine/journal.hpp"

namespace certctl::engine {

// The answer of an issuer as received: tx/answer.json.
struct StoredAnswer {
  std::string certificate_pem;
  std::vector<std::string> ca_set_pem;
  std::vector<std::string> anchors_pem;
  bool self_signed = false;
};

struct LoadedJournal {
  Journal journal;
  bool existed = false;
  std::string damage;  // what was wrong; the journal was then made anew from tx/ and undo/
};

class StateDirectory final : public UndoStore {
 public:
  // No effect on disk.
  StateDirectory(std::string state_root, std::string profile);

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] bool exists() const;
  // Makes the folder (0700). Throws Failure state-volatile on tmpfs and ramfs unless allowed.
  void create(bool allow_volatile);

  // Throws journal-newer. A damaged journal is never a fresh start while tx/key exists: the record is made from what
  // tx/ holds.
  [[nodiscard]] LoadedJournal load() const;
  void save(const Journal& journal) const;
  // Puts a damaged journal.json aside, for a person to look at.
  void set_aside_damaged_journal() const;

  // --- tx/ ---
  void save_key(const KeyRef& key) const;
  [[nodiscard]] std::optional<KeyRef> key() const;
  [[nodiscard]] bool has_transaction() const;  // something of a request is there, readable or not
  void save_request(const std::string& json) const;
  [[nodiscard]] std::optional<std::string> request() const;
  // 64 KiB that are given back when the answer comes, so that a disk that fills meanwhile can't lose it.
  void reserve_answer_space() const;
  void save_token(const std::string& token) const;
  [[nodiscard]] std::optional<std::string> token() const;
  void save_answer(const StoredAnswer& answer) const;
  [[nodiscard]] std::optional<StoredAnswer> answer() const;
  // Everything but the key goes: the next attempt uses it again.
  void clear_transaction_but_key() const;
  void clear_transaction() const;

  // --- rollover.json: CA certificates that are trusted beside the pin (rollover.hpp) ---
  void save_rollover(const std::string& text) const;
  [[nodiscard]] std::optional<std::string> rollover() const;

  // --- kept/ ---
  // Copies key, token and answer of tx/ to a new folder of kept/, with the reason. Nothing is lost before tx/ is
  // cleared.
  void keep_transaction(const std::string& kind, const std::string& reason, EpochSeconds now) const;
  // Removes what is older than 30 days once a successor is active, and refused ones beyond 32; never those in doubt
  // that are younger.
  void prune_kept(EpochSeconds now, EpochSeconds successor_active_since) const;

  // --- undo/ ---
  std::string save(const std::string& target, const Secret& token) override;
  Secret load(const std::string& target, const std::string& hash) override;
  void erase_all() override;

  // --- work/, event/ ---
  [[nodiscard]] std::string work_directory(const std::string& use) const;  // made when asked for
  void clear_work(const std::string& use) const;
  [[nodiscard]] std::string event_directory() const;

  // Temporary files of writers that were killed. Under the profile's lock.
  void remove_left_overs() const;

  // Marks the profile as being at work, for the report after a crash (P9). Returns whether the mark was left by an
  // earlier run.
  bool mark_at_work() const;
  void unmark_at_work() const;
  [[nodiscard]] bool was_interrupted() const;

  [[nodiscard]] std::string lock_file() const { return path_ + "/.lock"; }

  // Tokens of the kernel locks that this run holds for the profile: scripts that we call may call us, and what an
  // ancestor holds counts as held (design 6a).
  [[nodiscard]] std::vector<std::string>& lock_tokens() noexcept { return lock_tokens_; }
  [[nodiscard]] const std::vector<std::string>& lock_tokens() const noexcept { return lock_tokens_; }

 private:
  [[nodiscard]] std::string file(const char* relative) const { return path_ + "/" + relative; }
  [[nodiscard]] Journal journal_from_parts() const;
  [[nodiscard]] std::optional<std::string> file_as_it_is(const char* relative) const;

  std::string profile_;
  std::string path_;
  std::vector<std::string> lock_tokens_;
};

}  // namespace certctl::engine
