#include "framework/engine/state_directory.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "framework/crypto/digest.hpp"
#include "framework/engine/recorded_request.hpp"
#include "framework/engine/words.hpp"
#include "framework/sys/atomic_file.hpp"

namespace certctl::engine {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::size_t kLongestJournal = 1024 * 1024;  // read; what is written stays far below
constexpr std::size_t kLongestFile = 4 * 1024 * 1024;
constexpr std::size_t kReserve = 64 * 1024;
constexpr EpochSeconds kKeptFor = 30 * 24 * 3600;
constexpr std::size_t kMostRefused = 32;

// A target's name as a file name: what is not plain becomes %XX.
std::string file_name(const std::string& name) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string safe;
  for (const char c : name) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (plain) {
      safe += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      safe += '%';
      safe += kHex[byte >> 4U];
      safe += kHex[byte & 15U];
    }
  }
  return safe;
}

std::string hash_of(const std::string& text) {
  return crypto::sha256_hex(text);
}

// A file; or what somebody put in its place.
void remove_entry(const std::string& path) {
  std::error_code error;
  if (fs::is_directory(fs::symlink_status(path, error)))
    sys::remove_tree(path);
  else
    sys::remove_file(path);
}

json key_to_json(const KeyRef& key) {
  return {{"format", 1}, {"provider", key.provider}, {"reference", key.reference}, {"pem", key.pem.reveal()}};
}

json answer_to_json(const StoredAnswer& answer) {
  return {{"format", 1},
          {"certificate", answer.certificate_pem},
          {"ca_set", answer.ca_set_pem},
          {"anchors", answer.anchors_pem},
          {"self_signed", answer.self_signed}};
}

}  // namespace

StateDirectory::StateDirectory(std::string state_root, std::string profile)
    : profile_(std::move(profile)), path_(std::move(state_root) + "/" + profile_) {}

bool StateDirectory::exists() const {
  std::error_code error;
  return fs::is_directory(path_, error);
}

void StateDirectory::create(bool allow_volatile) {
  sys::make_private_directory(path_);
  if (!allow_volatile && sys::is_volatile_filesystem(path_)) {
    throw Failure::never(
        "state-volatile", "the state directory " + path_ + " lies on a file system that a reboot empties",
        "set `state:` in certctl.yaml to a directory that survives a reboot (or `allow_volatile: true`)");
  }
  for (const char* part : {"tx", "undo", "kept", "work", "event"}) sys::make_private_directory(file(part));
}

// --- the journal
// -------------------------------------------------------------------------------------------------------------

LoadedJournal StateDirectory::load() const {
  LoadedJournal loaded;
  loaded.journal.profile = profile_;
  std::optional<std::string> text;
  try {
    text = sys::read_file_if_exists(file("journal.json"), kLongestJournal);
  } catch (const Failure& failure) {
    // Something else has its name. What may be better in a moment (a disk's error, no descriptor left) is no damage.
    const std::string& code = failure.error().code;
    if (code != "not-a-file" && code != "symbolic-link" && code != "too-large") throw;
    loaded.existed = true;
    loaded.damage = failure.error().message;
    loaded.journal = journal_from_parts();
    return loaded;
  }
  if (!text) {
    // A journal that vanished while a request is open is damage too.
    std::error_code error;
    if (fs::exists(fs::symlink_status(file("tx/key"), error))) {
      loaded.damage = "journal.json is missing";
      loaded.journal = journal_from_parts();
    }
    return loaded;
  }
  loaded.existed = true;
  try {
    loaded.journal = journal_from_text(*text);
  } catch (const Failure& failure) {
    if (failure.error().code != "journal-damaged") throw;
    loaded.damage = failure.error().message;
    loaded.journal = journal_from_parts();
  }
  loaded.journal.profile = profile_;
  return loaded;
}

// What tx/ holds tells how far the request had come.
Journal StateDirectory::journal_from_parts() const {
  Journal journal;
  journal.profile = profile_;
  RecordedRequest request_data;
  try {
    const auto text = request();
    if (!key() || !text) return journal;
    request_data = recorded_request_from_text(*text);
  } catch (const Failure&) {
    return journal;  // what can't be read is kept (ProfileSession::load_journal)
  }
  journal.request.action = request_data.action;
  journal.request.reason = "resume";
  journal.request.since = request_data.key_since;
  if (answer()) {
    journal.request.phase = RequestPhase::issued;
  } else if (token()) {
    journal.request.phase = RequestPhase::sent;
  } else {
    journal.request.phase = RequestPhase::prepared;
  }
  return journal;
}

void StateDirectory::save(const Journal& journal) const {
  sys::replace_file(file("journal.json"), journal_to_text(journal), 0600);
}

void StateDirectory::set_aside_damaged_journal() const {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(file("journal.json"), error))) return;
  sys::remove_tree(file("journal.damaged"));
  sys::rename_durably(file("journal.json"), file("journal.damaged"));
}

// --- tx/
// ------------------------------------------------------------------------------------------------------------------------

void StateDirectory::save_key(const KeyRef& key) const {
  sys::replace_file(file("tx/key"), key_to_json(key).dump(), 0600);
}

bool StateDirectory::has_transaction() const {
  // Any of them: a power cut may have undone the removal of each.
  for (const char* name : {"tx/key", "tx/request.json", "tx/token", "tx/answer.json", "tx/reserve"}) {
    std::error_code error;
    if (fs::exists(fs::symlink_status(file(name), error))) return true;
  }
  return false;
}

std::optional<KeyRef> StateDirectory::key() const {
  const auto text = sys::read_file_if_exists(file("tx/key"), kLongestFile);
  if (!text) return std::nullopt;
  try {
    const json object = json::parse(*text);
    KeyRef key;
    key.provider = object.at("provider").get<std::string>();
    key.reference = object.at("reference").get<std::string>();
    key.pem = Secret(object.at("pem").get<std::string>());
    return key;
  } catch (const json::exception&) {
    throw Failure::never("journal-damaged", "the open request's key (" + file("tx/key") + ") can't be read",
                         "look at the file; `certctl renew --new-request` gives it up");
  }
}

void StateDirectory::save_request(const std::string& text) const {
  sys::replace_file(file("tx/request.json"), text, 0600);
}
std::optional<std::string> StateDirectory::request() const {
  return sys::read_file_if_exists(file("tx/request.json"), kLongestFile);
}

void StateDirectory::save_rollover(const std::string& text) const {
  sys::replace_file(file("rollover.json"), text, 0600);
}
std::optional<std::string> StateDirectory::rollover() const {
  return sys::read_file_if_exists(file("rollover.json"), kLongestFile);
}

void StateDirectory::reserve_answer_space() const {
  sys::reserve_file(file("tx/reserve"), kReserve);
}

void StateDirectory::save_token(const std::string& token) const {
  sys::replace_file(file("tx/token"), token, 0600);
}
std::optional<std::string> StateDirectory::token() const {
  return sys::read_file_if_exists(file("tx/token"), kLongestFile);
}

void StateDirectory::save_answer(const StoredAnswer& answer) const {
  // The space was taken before the request left: a disk that filled meanwhile can't lose the certificate.
  std::error_code error;
  fs::remove(file("tx/reserve"), error);
  sys::replace_file(file("tx/answer.json"), answer_to_json(answer).dump(), 0600);
}

std::optional<StoredAnswer> StateDirectory::answer() const {
  const auto text = sys::read_file_if_exists(file("tx/answer.json"), kLongestFile);
  if (!text) return std::nullopt;
  try {
    const json object = json::parse(*text);
    StoredAnswer answer;
    answer.certificate_pem = object.at("certificate").get<std::string>();
    answer.ca_set_pem = object.at("ca_set").get<std::vector<std::string>>();
    answer.anchors_pem = object.at("anchors").get<std::vector<std::string>>();
    answer.self_signed = object.at("self_signed").get<bool>();
    return answer;
  } catch (const json::exception&) {
    return std::nullopt;  // torn by nothing we do; the token still settles the request
  }
}

// Nothing when there is no such file, or no file of that name.
std::optional<std::string> StateDirectory::file_as_it_is(const char* relative) const {
  try {
    return sys::read_file_if_exists(file(relative), kLongestFile);
  } catch (const Failure& failure) {
    if (failure.error().code != "not-a-file" && failure.error().code != "symbolic-link") throw;
    return std::nullopt;
  }
}

void StateDirectory::clear_transaction_but_key() const {
  for (const char* name : {"tx/reserve", "tx/token", "tx/answer.json", "tx/request.json"}) remove_entry(file(name));
  sys::fsync_directory(file("tx"));
}

void StateDirectory::clear_transaction() const {
  // The key goes first: without it nothing in tx/ means anything.
  remove_entry(file("tx/key"));
  clear_transaction_but_key();
}

// --- kept/
// ------------------------------------------------------------------------------------------------------------------------

void StateDirectory::keep_transaction(const std::string& kind, const std::string& reason, EpochSeconds now) const {
  const auto raw = file_as_it_is("tx/key");
  if (!raw) return;
  // The name is the key's own: keeping the same key again changes nothing.
  std::string identity = *raw;
  try {
    if (const auto held = key()) identity = held->pem.reveal() + held->reference;
  } catch (const Failure&) {  // damaged: a person may still make something of it
  }
  const std::string folder = file("kept") + "/" + kind + "-" + hash_of(identity).substr(0, 16);
  sys::make_private_directory(folder);
  sys::replace_file(folder + "/key", *raw, 0600);
  wipe(identity.data(), identity.size());
  if (const auto text = file_as_it_is("tx/token")) sys::replace_file(folder + "/token", *text, 0600);
  if (const auto text = file_as_it_is("tx/request.json")) sys::replace_file(folder + "/request.json", *text, 0600);
  if (const auto text = file_as_it_is("tx/answer.json")) sys::replace_file(folder + "/answer.json", *text, 0600);
  try {
    if (const auto received = answer()) sys::replace_file(folder + "/certificate.pem", received->certificate_pem, 0600);
  } catch (const Failure&) {  // answer.json is there as it is
  }
  const json why = {{"kind", kind}, {"reason", reason}, {"at", now}, {"when", say_time(now)}};
  sys::replace_file(folder + "/reason.json", why.dump(1, ' ', false, json::error_handler_t::replace) + "\n", 0600);
}

void StateDirectory::prune_kept(EpochSeconds now, EpochSeconds successor_active_since) const {
  struct Kept {
    std::string path;
    std::string kind;
    EpochSeconds at = 0;
  };
  std::vector<Kept> all;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(file("kept"), error)) {
    Kept kept{entry.path().string(), "", now};
    try {
      const auto text = sys::read_file_if_exists(kept.path + "/reason.json", kLongestFile);
      if (text) {
        const json object = json::parse(*text);
        kept.kind = object.at("kind").get<std::string>();
        kept.at = object.at("at").get<EpochSeconds>();
      }
    } catch (const json::exception&) {
      kept.kind.clear();
    }
    all.push_back(std::move(kept));
  }
  std::sort(all.begin(), all.end(), [](const Kept& a, const Kept& b) { return a.at > b.at; });
  std::size_t refused = 0;
  for (const auto& kept : all) {
    const bool too_many = kept.kind == "refused" && ++refused > kMostRefused;
    const EpochSeconds from = std::max(kept.at, successor_active_since);
    const bool old = successor_active_since != 0 && from <= now && now - from > kKeptFor;
    if (too_many || old) sys::remove_tree(kept.path);
  }
}

// --- undo/
// ------------------------------------------------------------------------------------------------------------------------

std::string StateDirectory::save(const std::string& target, const Secret& token) {
  sys::replace_file(file("undo") + "/" + file_name(target), token.reveal(), 0600);
  return hash_of(token.reveal());
}

Secret StateDirectory::load(const std::string& target, const std::string& hash) {
  const auto text = sys::read_file_if_exists(file("undo") + "/" + file_name(target), kLongestFile);
  if (!text || hash_of(*text) != hash) {
    throw Failure("undo-token-damaged", "what is needed to undo the delivery to " + target + " is missing or damaged",
                  "look at the target yourself, then run `certctl deliver`");
  }
  return Secret(*text);
}

void StateDirectory::erase_all() {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(file("undo"), error)) sys::remove_file(entry.path().string());
}

// --- work/, event/, the mark
// ---------------------------------------------------------------------------------------------------------

std::string StateDirectory::work_directory(const std::string& use) const {
  std::string path = file("work") + "/" + file_name(use);
  sys::make_private_directory(path);
  return path;
}

void StateDirectory::clear_work(const std::string& use) const {
  sys::remove_tree(file("work") + "/" + file_name(use));
}

std::string StateDirectory::event_directory() const {
  return file("event");
}

void StateDirectory::remove_left_overs() const {
  sys::remove_left_overs(path_);
  for (const char* part : {"tx", "undo", "event"}) sys::remove_left_overs(file(part));
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(file("kept"), error)) sys::remove_left_overs(entry.path().string());
}

bool StateDirectory::was_interrupted() const {
  std::error_code error;
  return fs::exists(file("at-work"), error);
}

bool StateDirectory::mark_at_work() const {
  const bool left = was_interrupted();
  if (!left) sys::replace_file(file("at-work"), "", 0600);
  return left;
}

void StateDirectory::unmark_at_work() const {
  sys::remove_file(file("at-work"));
}

}  // namespace certctl::engine
