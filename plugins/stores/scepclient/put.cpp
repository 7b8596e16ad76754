// Writer::put: a credential becomes a generation.
#include "plugins/stores/scepclient/layout.hpp"
#include "plugins/stores/scepclient/pair.hpp"
#include "plugins/stores/scepclient/writer.hpp"

#include <algorithm>

namespace certctl::scepclient {
namespace {

constexpr int kMaxNames = 100;

std::string joined(const std::vector<std::string>& certificates) {
  std::string text;
  for (const std::string& certificate : certificates) text += certificate;
  return text;
}

std::string checksums_of(const Credential& credential) {
  return checksum_line(kChain, joined(credential.chain_pem)) + checksum_line(kCaSet, joined(credential.ca_set_pem));
}

// Certificates as given by the caller, each alone and in canonical form.
std::vector<std::string> canonical(PairJudge& judge, const std::vector<std::string>& certificates, const char* what) {
  std::vector<std::string> result;
  for (const std::string& text : certificates) {
    auto parts = judge.certificates(text);
    if (!parts) throw Failure("generation-broken", std::string("a certificate of the ") + what + " cannot be read");
    for (std::string& part : *parts) result.push_back(std::move(part));
  }
  return result;
}

// Whether files of these names are free, or hold this very pair already.
bool fits(const Directory& root, PairJudge& judge, const std::string& key_name, const std::string& certificate_name,
          const Credential& credential) {
  KeyRef key = credential.key;
  std::string certificate = credential.certificate_pem;
  if (root.kind(key_name) != EntryKind::absent) {
    FileText text = root.read(key_name);
    if (!text.readable) return false;
    key = parse_key_file(std::move(text.text));
  }
  if (root.kind(certificate_name) != EntryKind::absent) {
    FileText text = root.read(certificate_name);
    if (!text.readable) return false;
    certificate = std::move(text.text);
  }
  const Pair pair = judge.pair(key, certificate);
  return pair.whole && pair.fingerprint == credential.fingerprint;
}

}  // namespace

int Writer::put(const Credential& credential) {
  adopt_foreign();
  return put_pair(credential, nullptr);
}

int Writer::put_pair(const Credential& given, const Loaded* preferred) {
  Credential credential = given;
  const Pair pair = judge_.pair(given.key, given.certificate_pem);
  if (!pair.whole) throw Failure("generation-broken", "the pair cannot be stored: " + pair.problem);
  credential.serial = pair.serial;
  credential.fingerprint = pair.fingerprint;
  credential.certificate_pem = pair.certificate_pem;
  credential.chain_pem = canonical(judge_, given.chain_pem, "chain");
  credential.ca_set_pem = canonical(judge_, given.ca_set_pem, "CA set");

  claim();
  const std::vector<int> numbers = generation_numbers(root_);
  for (auto number = numbers.rbegin(); number != numbers.rend(); ++number) {
    const auto loaded = load_generation(root_, *number, judge_);
    // A chain that was damaged on the disk is mended here; a damaged pair gets new files.
    if (loaded && loaded->facts.fingerprint == pair.fingerprint &&
        judge_.pair(loaded->credential.key, loaded->credential.certificate_pem).whole) {
      refresh_generation(*loaded, credential);
      return *number;
    }
  }

  std::string key_name;
  std::string certificate_name;
  if (preferred != nullptr && preferred->key_name != kLatestKey && preferred->certificate_name != kLatestCertificate) {
    key_name = preferred->key_name;
    certificate_name = preferred->certificate_name;
  } else {
    int attempt = 0;
    do {
      if (attempt == kMaxNames)
        throw Failure("store-failed", "store " + settings_.path + ": no free name for serial " + pair.serial);
      const std::string name = pair_name(pair.serial, pair.fingerprint, attempt++);
      key_name = name + ".key";
      certificate_name = name + ".crt";
    } while (!fits(root_, judge_, key_name, certificate_name, credential));
  }

  std::vector<std::string> created;
  const int number = next_number();
  try {
    // The key first: a certificate without its key is worth nothing.
    if (root_.kind(key_name) == EntryKind::absent &&
        root_.create(key_name, key_file_text(credential.key).reveal(), settings_.key))
      created.push_back(key_name);
    if (root_.kind(certificate_name) == EntryKind::absent &&
        root_.create(certificate_name, credential.certificate_pem, settings_.certificate))
      created.push_back(certificate_name);
    if (!fits(root_, judge_, key_name, certificate_name, credential))
      throw Failure("store-busy", "store " + settings_.path + ": another program writes into it");
    root_.sync();
    write_generation(number, credential, key_name, certificate_name);
    return number;
  } catch (...) {
    // Whoever keeps the key until put() has returned keeps it still; here it would be a stray file. A generation that
    // got its name refers to the files, even if the last fsync failed.
    try {
      const Directory all = generations();
      if (all.kind(std::to_string(number)) == EntryKind::absent)
        for (const std::string& name : created) root_.remove(name);
      all.remove_directory(kUnfinished);
    } catch (const Failure&) {
    }
    throw;
  }
}

void Writer::write_generation(int number, const Credential& credential, const std::string& key_name,
                              const std::string& certificate_name) {
  const Directory all = generations();
  all.make_directory(kUnfinished);
  const auto made = all.subdirectory(kUnfinished);
  if (!made) throw Failure("store-failed", all.path() + "/" + kUnfinished + ": vanished");
  made->link(kKey, file_target(key_name));
  made->link(kCertificate, file_target(certificate_name));
  made->create(kChain, joined(credential.chain_pem), settings_.certificate);
  made->create(kCaSet, joined(credential.ca_set_pem), settings_.certificate);
  made->create(kChecksums, checksums_of(credential), settings_.certificate);
  for (std::size_t i = 0; i < credential.ca_set_pem.size(); ++i)
    made->create(kMirror + std::to_string(i), credential.ca_set_pem[i], settings_.certificate);
  made->sync();
  all.rename(kUnfinished, std::to_string(number));
  all.sync();
}

void Writer::refresh_generation(const Loaded& loaded, const Credential& credential) {
  const auto generation = generations().subdirectory(std::to_string(loaded.facts.number));
  if (!generation) return;
  bool touched = false;
  const auto renew = [&](const std::string& name, const std::string& content) {
    if (const FileText now = generation->read(name); now.text == content && (now.readable || content.empty())) return;
    generation->replace(name, content, settings_.certificate);
    touched = true;
  };
  // Until both files are the new ones, the old ones are right too: whoever reads meanwhile, or after a power cut, finds
  // a whole generation.
  const std::string checksums = checksums_of(credential);
  const FileText recorded = generation->read(kChecksums);
  if (recorded.text != checksums) {
    const std::string old = recorded.readable ? recorded.text
                                              : checksum_line(kChain, generation->read(kChain).text) +
                                                    checksum_line(kCaSet, generation->read(kCaSet).text);
    renew(kChecksums, old + (old.empty() || old.ends_with('\n') ? "" : "\n") + checksums);
    generation->sync();
  }
  renew(kChain, joined(credential.chain_pem));
  renew(kCaSet, joined(credential.ca_set_pem));
  if (touched) generation->sync();
  renew(kChecksums, checksums);
  const std::size_t count = credential.ca_set_pem.size();
  for (std::size_t i = 0; i < count; ++i) renew(kMirror + std::to_string(i), credential.ca_set_pem[i]);
  for (std::size_t i = count; generation->kind(kMirror + std::to_string(i)) != EntryKind::absent; ++i) {
    generation->remove(kMirror + std::to_string(i));
    touched = true;
  }
  if (touched) generation->sync();
  const ActiveState state = active_state(root_);
  if (touched && state.kind == ActiveState::Kind::generation && state.number == loaded.facts.number)
    if (const auto now = load_generation(root_, state.number, judge_)) ensure_links(*now);
}

}  // namespace certctl::scepclient
