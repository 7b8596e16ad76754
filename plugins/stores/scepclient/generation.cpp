#include "plugins/stores/scepclient/generation.hpp"

#include "plugins/stores/scepclient/layout.hpp"

#include "framework/crypto/digest.hpp"

#include <algorithm>
#include <string_view>

namespace certctl::scepclient {
namespace {

// The file behind an entry of a generation: a link to a plain file of the store, or (a store copied without its links)
// a file itself. `name` gets the plain name.
FileText read_entry(const Directory& root, const Directory& generation, const std::string& entry, std::string& name) {
  const EntryKind kind = generation.kind(entry);
  if (kind != EntryKind::link) return generation.read(entry);
  const auto target = generation.link_target(entry);
  const auto plain = target ? parse_file_target(*target) : std::nullopt;
  if (!plain) return {false, {}, "leads outside of the store"};
  name = *plain;
  FileText text = root.read(*plain);
  if (!text.readable) text.problem = "leads to " + *plain + ", which " + text.problem;
  return text;
}

void join(std::string& text, const std::string& more) {
  if (!text.empty()) text += "; ";
  text += more;
}

// Fills in facts and credential from the texts of the two files.
void fill(Loaded& loaded, PairJudge& judge, FileText key, const FileText& certificate, const char* key_entry,
          const char* crt_entry) {
  Credential& credential = loaded.credential;
  if (!key.readable) join(loaded.facts.problem, std::string(key_entry) + " " + key.problem);
  if (!certificate.readable) join(loaded.facts.problem, std::string(crt_entry) + " " + certificate.problem);
  if (key.readable) credential.key = parse_key_file(std::move(key.text));
  const Pair pair = certificate.readable ? judge.pair(credential.key, certificate.text) : Pair{};
  loaded.facts.serial = credential.serial = pair.serial;
  loaded.facts.fingerprint = credential.fingerprint = pair.fingerprint;
  credential.certificate_pem = pair.certificate_pem;
  if (loaded.facts.problem.empty() && !pair.whole) loaded.facts.problem = pair.problem;
}

// What put() wrote, by its checksum: a file cut between two certificates looks whole without it.
class Checksums {
 public:
  explicit Checksums(const Directory& generation) {
    if (FileText text = generation.read(kChecksums); text.readable) text_ = "\n" + std::move(text.text);
  }
  // True for what is not recorded: older stores have no record, and one that is damaged makes no pair unusable.
  [[nodiscard]] bool fit(const std::string& name, const std::string& content) const {
    return text_.find("  " + name + "\n") == std::string::npos ||
           text_.find("\n" + checksum_line(name, content)) != std::string::npos;
  }

 private:
  std::string text_;
};

Certificates read_certificates(const Directory& directory, PairJudge& judge, const std::string& name,
                               std::string& problem, const Checksums* checksums = nullptr) {
  const FileText text = directory.read(name);
  const bool empty = text.problem == "is empty";
  if (!text.readable && !empty) {
    problem = name + " " + text.problem;
    return std::nullopt;
  }
  auto certificates = empty ? Certificates(std::vector<std::string>{}) : judge.certificates(text.text);
  if (certificates && (checksums == nullptr || checksums->fit(name, text.text))) return certificates;
  problem = name + " is damaged";
  return std::nullopt;
}

// The plain name in the store's directory that a foreign latest.* names, or the reason why there is none.
std::string foreign_name(const Directory& root, const std::string& entry, std::string& problem) {
  if (root.kind(entry) == EntryKind::file) return entry;
  const auto target = root.link_target(entry);
  if (!target) {
    problem = root.kind(entry) == EntryKind::absent ? "is missing" : "is neither a file nor a link";
    return {};
  }
  std::string_view name = *target;
  if (name.starts_with(root.path() + "/")) name.remove_prefix(root.path().size() + 1);
  while (name.starts_with("./")) name.remove_prefix(2);
  const auto plain = parse_file_target("../../" + std::string(name));
  if (!plain) {
    problem = "leads outside of the store";
    return {};
  }
  return *plain;
}

// sscep writes ca.crt-0, ca.crt-1 …, or ca.crt when there is only one; an old manual says ca.crt.1.
std::vector<std::string> foreign_ca_set(const Directory& root, PairJudge& judge) {
  constexpr int kMostFiles = 20;
  std::vector<std::string> set;
  const std::vector<std::string> names = root.names();  // sorted
  const auto add = [&](const std::string& name) {
    std::string ignored;
    if (!std::binary_search(names.begin(), names.end(), name) || root.kind(name) != EntryKind::file) return false;
    if (auto more = read_certificates(root, judge, name, ignored))
      for (std::string& one : *more)
        if (std::find(set.begin(), set.end(), one) == set.end()) set.push_back(std::move(one));
    return true;
  };
  for (int i = 0; i < kMostFiles; ++i) {
    const bool dashed = add(kMirror + std::to_string(i));
    if (!dashed) add("ca.crt." + std::to_string(i));
  }
  if (set.empty()) add("ca.crt");
  return set;
}

bool is_ours(const Directory& root, const char* entry, const char* target) {
  return root.link_target(entry) == target;
}

}  // namespace

std::string checksum_line(const std::string& name, std::string_view content) {
  return crypto::sha256_hex(content) + "  " + name + "\n";
}

std::vector<int> generation_numbers(const Directory& root) {
  std::vector<int> numbers;
  if (const auto generations = root.subdirectory(kGenerations)) {
    for (const std::string& name : generations->names())
      if (const auto number = parse_number(name)) numbers.push_back(*number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

std::optional<Loaded> load_generation(const Directory& root, int number, PairJudge& judge) {
  const auto generations = root.subdirectory(kGenerations);
  const std::string name = std::to_string(number);
  if (!generations || generations->kind(name) == EntryKind::absent) return std::nullopt;
  Loaded loaded;
  loaded.facts.number = loaded.credential.generation = number;
  loaded.facts.directory = loaded.credential.directory = root.path() + "/" + active_target(number);
  const auto generation = generations->subdirectory(name);
  if (!generation) {
    loaded.facts.problem = "generation " + name + " is not a directory";
    return loaded;
  }
  FileText key = read_entry(root, *generation, kKey, loaded.key_name);
  const FileText certificate = read_entry(root, *generation, kCertificate, loaded.certificate_name);
  fill(loaded, judge, std::move(key), certificate, kKey, kCertificate);

  std::string problem;
  const Checksums checksums(*generation);
  if (auto chain = read_certificates(*generation, judge, kChain, problem, &checksums))
    loaded.credential.chain_pem = std::move(*chain);
  else
    join(loaded.facts.problem, problem);
  // The CA set is only shown and mirrored: the pair works without it.
  if (auto set = read_certificates(*generation, judge, kCaSet, loaded.remark, &checksums))
    loaded.credential.ca_set_pem = std::move(*set);
  while (generation->kind(kMirror + std::to_string(loaded.ca_count)) == EntryKind::file) ++loaded.ca_count;
  loaded.facts.whole = loaded.facts.problem.empty();
  return loaded;
}

ActiveState active_state(const Directory& root) {
  switch (root.kind(kActive)) {
    case EntryKind::absent:
      if (is_ours(root, kLatestKey, kActiveKey) || is_ours(root, kLatestCertificate, kActiveCertificate))
        return {ActiveState::Kind::broken, 0, "the link .active is missing"};
      return {};
    case EntryKind::link: {
      const std::string target = root.link_target(kActive).value_or("");
      if (const auto number = parse_active_target(target)) return {ActiveState::Kind::generation, *number, {}};
      return {ActiveState::Kind::broken, 0, "the link .active does not lead to a generation"};
    }
    default: return {ActiveState::Kind::broken, 0, ".active is not a link"};
  }
}

std::optional<ForeignPair> foreign_pair(const Directory& root, PairJudge& judge, Reading reading) {
  if (root.kind(kActive) != EntryKind::absent) return std::nullopt;
  if (root.kind(kLatestCertificate) == EntryKind::absent && root.kind(kLatestKey) == EntryKind::absent)
    return std::nullopt;
  if (is_ours(root, kLatestKey, kActiveKey) || is_ours(root, kLatestCertificate, kActiveCertificate))
    return std::nullopt;
  ForeignPair pair;
  Loaded& loaded = pair.loaded;
  FileText key;
  FileText certificate;
  loaded.key_name = foreign_name(root, kLatestKey, key.problem);
  loaded.certificate_name = foreign_name(root, kLatestCertificate, certificate.problem);
  if (!loaded.key_name.empty()) key = root.read(loaded.key_name);
  if (!loaded.certificate_name.empty()) certificate = root.read(loaded.certificate_name);
  fill(loaded, judge, std::move(key), certificate, kLatestKey, kLatestCertificate);

  if (reading == Reading::everything) {
    loaded.credential.ca_set_pem = foreign_ca_set(root, judge);
    loaded.ca_count = static_cast<int>(loaded.credential.ca_set_pem.size());
    loaded.credential.chain_pem = judge.chain(loaded.credential.certificate_pem, loaded.credential.ca_set_pem);
  }
  loaded.facts.whole = loaded.facts.problem.empty();
  return pair;
}

}  // namespace certctl::scepclient
