#include "tests/fault/state_invariants.hpp"

#include <openssl/evp.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>

#include <nlohmann/json.hpp>

#include "tests/fault/pem_pair.hpp"

namespace certctl::fault {
namespace {

namespace fs = std::filesystem;
using Violations = std::vector<Violation>;

bool is_temporary(const fs::path& path) {
  return std::regex_search(path.filename().string(), std::regex("\\.certctl-"));
}

// A request that left is worth nothing without its key.
void open_request(const fs::path& state, Violations& found) {
  const auto journal = nlohmann::json::parse(content_of(state / "journal.json"), nullptr, false);
  if (journal.is_discarded()) {
    found.push_back({Finding::broken, "journal.json is no JSON"});
    return;
  }
  const auto request = journal.value("request", nlohmann::json::object());
  const std::string phase = request.is_object() ? request.value("phase", "") : "";
  static const std::set<std::string> kLeft = {"sent", "pending", "issued"};
  if (kLeft.count(phase) != 0 && public_halves_in(content_of(state / "tx" / "key")).empty())
    found.push_back({Finding::lost_key, "the open request (" + phase + ") has no key in tx/"});
}

std::string decoded(const std::string& base64) {
  std::string bytes(base64.size(), '\0');
  const int length =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                      reinterpret_cast<const unsigned char*>(base64.data()), static_cast<int>(base64.size()));
  bytes.resize(length < 0 ? 0 : static_cast<std::size_t>(length));
  return bytes;
}

}  // namespace

Violations state_violations(const std::string& state, bool clean) {
  Violations found;
  if (!fs::is_directory(state)) return found;
  const fs::path root(state);
  if (fs::exists(root / "journal.json")) open_request(root, found);
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    const std::string name = entry.path().lexically_relative(root).string();
    const auto mode = entry.symlink_status().permissions();
    if (!entry.is_symlink() && (mode & (fs::perms::group_all | fs::perms::others_all)) != fs::perms::none)
      found.push_back({Finding::readable, "state: " + name + " is open to others"});
    if (!clean || entry.is_directory()) continue;
    const std::string folder = entry.path().lexically_relative(root).begin()->string();
    // What the last event was stays for people to look at.
    static const std::set<std::string> kEvent = {"event/event.json", "event/cert.pem", "event/chain.pem"};
    const bool stray_event = folder == "event" && kEvent.count(name) == 0;
    if (is_temporary(entry.path()) || folder == "tx" || folder == "undo" || stray_event || name == "at-work")
      found.push_back({Finding::leftover, "state: stray file " + name});
  }
  return found;
}

Violations key_violations(const std::vector<std::string>& certificates, const std::vector<std::string>& directories) {
  std::set<std::string> keys;
  for (const std::string& directory : directories) {
    if (!fs::is_directory(directory)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(directory))
      if (fs::is_regular_file(entry.symlink_status())) keys.merge(public_halves_in(content_of(entry.path())));
  }
  Violations found;
  for (const std::string& path : certificates) {
    const std::string wanted = public_half(certificate_in(content_of(path)));
    if (wanted.empty())
      found.push_back({Finding::broken, path + " is no certificate"});
    else if (keys.count(wanted) == 0)
      found.push_back({Finding::lost_key, "the key of " + fs::path(path).filename().string() + " is nowhere"});
  }
  return found;
}

Violations settings_violations(const std::string& words) {
  Violations found;
  std::smatch parts;
  if (!std::regex_match(words, parts, std::regex("(.*):([A-Za-z0-9_]+):([A-Za-z0-9_]+)")))
    return {{Finding::broken, "not FILE:KEY:CERTIFICATE: " + words}};
  const fs::path file = parts[1].str();
  std::ifstream stream(file);
  if (!stream) return {{Finding::broken, file.string() + " can't be read"}};
  std::string key;
  std::string certificate;
  int lines = 0;
  for (std::string line; std::getline(stream, line); ++lines) {
    if (line.rfind(parts[2].str() + "=", 0) == 0) key = decoded(line.substr(parts[2].str().size() + 1));
    if (line.rfind(parts[3].str() + "=", 0) == 0) certificate = decoded(line.substr(parts[3].str().size() + 1));
  }
  if (lines == 0) found.push_back({Finding::broken, file.string() + " is empty"});
  if (!key.empty() || !certificate.empty()) {
    if (const std::string problem = pair_problem(key, certificate); !problem.empty())
      found.push_back({Finding::mismatched, file.filename().string() + ": " + problem});
  }
  for (const auto& entry : fs::directory_iterator(file.parent_path())) {
    if (!is_temporary(entry.path())) continue;
    const auto mode = entry.symlink_status().permissions();
    if ((mode & (fs::perms::group_all | fs::perms::others_all)) != fs::perms::none &&
        content_of(entry.path()).size() != 0 && fs::status(file).permissions() != mode)
      found.push_back({Finding::readable, entry.path().string() + " is wider than the file that it is for"});
  }
  return found;
}

}  // namespace certctl::fault
