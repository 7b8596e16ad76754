#include "plugins/stores/scepclient/store.hpp"

#include "plugins/stores/scepclient/layout.hpp"

#include "framework/sys/account.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

namespace certctl::scepclient {
namespace {

[[noreturn]] void wrong_option(const std::string& message, const std::string& hint) {
  throw Failure::never("bad-option", "store scepclient: " + message, hint);
}

Settings read_settings(const Options& options) {
  Settings settings;
  const std::filesystem::path path = std::filesystem::path(options.text("path")).lexically_normal();
  settings.path = path.string();
  while (settings.path.size() > 1 && settings.path.ends_with('/')) settings.path.pop_back();
  if (!path.is_absolute() || settings.path == "/") wrong_option("path: not an absolute path of a directory", "");
  if (const auto keep = options.integer("keep"); keep < 1 || keep > 1000)
    wrong_option("keep: " + std::to_string(keep) + " is not between 1 and 1000", "the default is 3");

  settings.key = {0600};
  settings.certificate = {0644};
  if (const std::string owner = options.text("owner"); !owner.empty()) {
    const auto user = sys::user_id(owner);
    if (!user) wrong_option("owner: there is no user '" + owner + "'", "name a user of this system, or its number");
    settings.key.owner = settings.certificate.owner = *user;
  }
  if (const std::string name = options.text("group"); !name.empty()) {
    const auto group = sys::group_id(name);
    if (!group) wrong_option("group: there is no group '" + name + "'", "name a group of this system, or its number");
    settings.key.group = settings.certificate.group = *group;
    settings.key.mode = 0640;
  }
  return settings;
}

// The generation that a pair of another program is, or would become: nothing but the number is decided.
std::optional<Loaded> foreign_generation(const Directory& root, PairJudge& judge, Reading reading) {
  auto pair = foreign_pair(root, judge, reading);
  if (!pair) return std::nullopt;
  int highest = 0;
  for (const int number : generation_numbers(root)) {
    // An adoption that was interrupted before its switch.
    const auto loaded = load_generation(root, number, judge);
    if (loaded && loaded->facts.whole && loaded->facts.fingerprint == pair->loaded.facts.fingerprint) return loaded;
    highest = std::max(highest, number);
  }
  pair->loaded.facts.number = pair->loaded.credential.generation = highest + 1;
  return std::move(pair->loaded);
}

}  // namespace

ScepclientStore::ScepclientStore(const Options& options, Host& host) : settings_(read_settings(options)), host_(host) {}

std::optional<Directory> ScepclientStore::open_to_read() const {
  auto root = Directory::open(settings_.path);
  if (root) require_owner(*root, host_.profile());
  return root;
}

int ScepclientStore::put(const Credential& credential) {
  looked_at_.reset();
  return Writer::open(settings_, host_, judge_, true)->put(credential);
}

void ScepclientStore::activate(int generation) {
  looked_at_.reset();
  auto writer = Writer::open(settings_, host_, judge_, false);
  if (!writer)
    throw Failure::never("generation-unknown", "store " + settings_.path + " does not exist, and no generation in it");
  writer->activate(generation);
}

std::optional<Generation> ScepclientStore::active() {
  looked_at_.reset();
  const auto root = open_to_read();
  if (!root) return std::nullopt;
  const ActiveState state = active_state(*root);
  Generation facts;
  if (state.kind == ActiveState::Kind::none) {
    const auto foreign = foreign_generation(*root, judge_, Reading::pair);
    if (!foreign) return std::nullopt;
    facts = foreign->facts;
  } else if (state.kind == ActiveState::Kind::broken) {
    facts.problem = state.problem;
  } else if (auto loaded = load_generation(*root, state.number, judge_)) {
    facts = loaded->facts;
    if (!loaded->remark.empty())
      host_.log(LogLevel::warning,
                "store " + settings_.path + ": generation " + std::to_string(state.number) + ": " + loaded->remark);
    for (const auto& [link, target] : {std::pair(kLatestKey, kActiveKey), {kLatestCertificate, kActiveCertificate}})
      if (root->link_target(link) != target)
        host_.log(LogLevel::warning, "store " + settings_.path + ": " + link +
                                         " does not lead to the active generation; `certctl renew` mends it");
    looked_at_ = std::move(*loaded);
  } else {
    facts.number = state.number;
    facts.problem = "generation " + std::to_string(state.number) + " is missing";
  }
  facts.active = true;
  return facts;
}

std::vector<Generation> ScepclientStore::list() {
  std::vector<Generation> result;
  const auto root = open_to_read();
  if (!root) return result;
  for (const int number : generation_numbers(*root))
    if (const auto loaded = load_generation(*root, number, judge_)) result.push_back(loaded->facts);
  const ActiveState state = active_state(*root);
  std::optional<int> active_number;
  if (state.kind == ActiveState::Kind::generation) active_number = state.number;
  if (state.kind == ActiveState::Kind::none) {
    if (const auto foreign = foreign_generation(*root, judge_, Reading::pair)) {
      active_number = foreign->facts.number;
      if (result.empty() || result.back().number < *active_number) result.push_back(foreign->facts);
    }
  }
  for (Generation& generation : result) generation.active = generation.number == active_number;
  return result;
}

Credential ScepclientStore::read(int generation) {
  std::optional<Loaded> loaded = std::exchange(looked_at_, std::nullopt);
  if (loaded && loaded->facts.whole && loaded->facts.number == generation) return std::move(loaded->credential);
  const auto root = open_to_read();
  loaded.reset();
  if (root) loaded = load_generation(*root, generation, judge_);
  if (root && !loaded) {
    loaded = foreign_generation(*root, judge_, Reading::everything);
    if (loaded && loaded->facts.number != generation) loaded.reset();
  }
  if (!loaded)
    throw Failure::never("generation-unknown",
                         "store " + settings_.path + " has no generation " + std::to_string(generation));
  if (!loaded->facts.whole)
    throw Failure::never("generation-broken", "generation " + std::to_string(generation) + " of store " +
                                                  settings_.path + " is not whole: " + loaded->facts.problem);
  return std::move(loaded->credential);
}

std::vector<int> ScepclientStore::prune(int keep, const std::vector<int>& needed) {
  looked_at_.reset();
  auto writer = Writer::open(settings_, host_, judge_, false);
  return writer ? writer->prune(keep, needed) : std::vector<int>{};
}

std::optional<int> ScepclientStore::adopt() {
  looked_at_.reset();
  auto writer = Writer::open(settings_, host_, judge_, false, OwnerRule::take_over);
  return writer ? writer->adopt() : std::nullopt;
}

}  // namespace certctl::scepclient
