#include "framework/config/profile_reader.hpp"

#include <algorithm>

#include "framework/config/contradictions.hpp"
#include "framework/config/key_reader.hpp"
#include "framework/config/option_reader.hpp"
#include "framework/config/plugin_reader.hpp"
#include "framework/config/profile_hash.hpp"
#include "framework/config/request_reader.hpp"
#include "framework/config/target_reader.hpp"
#include "framework/config/units.hpp"
#include "framework/config/value_text.hpp"

namespace certctl::config {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr OptionSpec kStoreOptions[] = {
    {"keep", OptionType::integer, "3", false, false, "", "how many generations are kept"},
};
constexpr std::int64_t kMostKept = 1000;

void read_name(const Node& root, const std::string& name, Report& report) {
  const Entry* entry = root.find("profile");
  if (entry == nullptr) {
    report.error(root.mark(), "missing-key", "profile is missing", "write profile: " + name);
    return;
  }
  const auto text = read_text(entry->value, "profile", report);
  if (!text) return;
  if (*text != name) {
    report.error(entry->value.mark(), "bad-name",
                 "the profile is called " + quote(*text) + " and its file " + quote(name + ".yaml"),
                 "give both the same name");
    return;
  }
  report.value("profile", name, entry->mark());
}

// `issuers: [ … ]`, in the order in which they are asked.
void read_issuer_list(const Entry& entry, const PluginCatalog& catalog, Profile& profile, Report& report) {
  const Node& list = entry.value;
  if (!list.is_sequence() || list.items.empty()) {
    report.error(list.mark(), "wrong-type",
                 "issuers must be a list of at least one issuer" +
                     (list.is_sequence() ? std::string() : std::string(", and is ") + kind_word(list.kind)),
                 "write issuers: [ { scep: { url: … } }, { est: { url: … } } ]");
    return;
  }
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    const std::string place = "issuers[" + std::to_string(i) + "]";
    if (auto use = read_plugin({PluginKind::enroller, place, {}, {}}, list.items[i], catalog, report))
      profile.issuers.push_back(std::move(*use));
  }
  if (report.failed()) return;
  const std::vector<std::string> hashes = issuer_hashes(profile);
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    const auto first = static_cast<std::size_t>(std::find(hashes.begin(), hashes.end(), hashes[i]) - hashes.begin());
    if (first != i)
      report.error(list.items[i].mark(), "repeated-issuer",
                   "issuers[" + std::to_string(i) + "] is the same issuer as issuers[" + std::to_string(first) + "]",
                   "a failure would only be repeated; remove one of them");
  }
}

void read_issuers(const Node& root, const PluginCatalog& catalog, Profile& profile, Report& report) {
  const Entry* one = root.find("issuer");
  const Entry* several = root.find("issuers");
  if (one != nullptr && several != nullptr) {
    report.error(several->mark(), "bad-combination", "issuer and issuers are both written",
                 "put the issuer into the list `issuers`, in the order in which they are to be asked");
    return;
  }
  if (several != nullptr) {
    read_issuer_list(*several, catalog, profile, report);
    return;
  }
  if (one == nullptr) {
    report.error(root.mark(), "missing-key", "issuer is missing", "write issuer: { scep: { url: … } }");
    return;
  }
  if (auto use = read_plugin({PluginKind::enroller, "issuer", {}, {}}, one->value, catalog, report))
    profile.issuers.push_back(std::move(*use));
}

void read_store(const Node& root, const PluginCatalog& catalog, Profile& profile, Report& report) {
  const Entry* entry = root.find("store");
  if (entry == nullptr) {
    report.error(root.mark(), "missing-key", "store is missing", "write store: { scepclient: { path: … } }");
    return;
  }
  auto use = read_plugin({PluginKind::store, "store", {}, store_options()}, entry->value, catalog, report);
  if (!use) return;
  profile.store = std::move(*use);
  if (!std::holds_alternative<std::int64_t>(profile.store.options.values().find("keep")->second)) {
    report.error(profile.store.mark, "plugin-defect", "the store's option keep is no number");
    return;
  }
  const std::int64_t keep = profile.store.options.integer("keep");
  if (keep < 1 || keep > kMostKept) {
    const Entry* plugin = entry->value.find(profile.store.plugin);
    const Entry* written = plugin == nullptr ? nullptr : plugin->value.find("keep");
    report.error(written == nullptr ? profile.store.mark : written->value.mark(), "out-of-range",
                 "store: keep must be from 1 to " + std::to_string(kMostKept) + ", and is " + std::to_string(keep));
  }
}

void read_names(const Node& root, Profile& profile, Report& report) {
  const Entry* entry = root.find("names");
  if (entry != nullptr) {
    const auto word = read_choice(entry->value, {"warn", "refuse", "ignore"}, "names", report);
    if (!word) return;
    profile.names = *word == "refuse"   ? NamesPolicy::refuse
                    : *word == "ignore" ? NamesPolicy::ignore
                                        : NamesPolicy::warn;
  }
  report.value("names", entry == nullptr ? "warn" : entry->value.text, entry == nullptr ? Mark{} : entry->mark());
}

void read_renew(const Node& root, Profile& profile, Report& report) {
  const Entry* entry = root.find("renew");
  if (entry != nullptr) {
    const auto text = read_text(entry->value, "renew", report);
    if (!text) return;
    try {
      profile.renew = parse_threshold(*text);
    } catch (const Failure& failure) {
      report.error(entry->value.mark(), failure.error().code, "renew: " + failure.error().message,
                   failure.error().hint);
      return;
    }
  }
  report.value("renew", profile.renew.text, entry == nullptr ? Mark{} : entry->mark());
}

void read_pending(const Node& root, Profile& profile, Report& report) {
  const Entry* entry = root.find("pending");
  const Node none;
  const Node& map = entry == nullptr || entry->value.is_null() ? none : entry->value;
  if (!map.is_map() && !map.is_null()) {
    report.error(map.mark(), "wrong-type", std::string("pending must be a map, and is ") + kind_word(map.kind),
                 "write { poll: 60s, give_up: 30d }");
    return;
  }
  check_keys(map, {"poll", "give_up"}, "in pending", report);
  const auto read = [&](const char* key, seconds least, seconds most, seconds& value) {
    const Entry* written = map.find(key);
    if (written != nullptr) {
      const auto duration = read_duration(written->value, least, most, std::string("pending: ") + key, report);
      if (!duration) return;
      value = *duration;
    }
    report.value(std::string("pending.") + key, duration_text(value), written == nullptr ? Mark{} : written->mark());
  };
  read("poll", seconds(1), hours(24), profile.pending_poll);
  read("give_up", seconds(60), hours(24 * 3650), profile.pending_give_up);
  if (profile.pending_give_up < profile.pending_poll)
    report.error(entry == nullptr ? root.mark() : entry->mark(), "bad-combination",
                 "pending: give_up (" + duration_text(profile.pending_give_up) + ") is shorter than poll (" +
                     duration_text(profile.pending_poll) + ")",
                 "nothing would ever be polled");
}

}  // namespace

std::span<const OptionSpec> store_options() noexcept {
  return kStoreOptions;
}

bool is_profile_name(std::string_view name) noexcept {
  static constexpr std::string_view kFirst = "abcdefghijklmnopqrstuvwxyz0123456789";
  static constexpr std::string_view kAll = "abcdefghijklmnopqrstuvwxyz0123456789._-";
  return !name.empty() && name.size() <= 63 && kFirst.find(name[0]) != std::string_view::npos &&
         name.find_first_not_of(kAll) == std::string_view::npos;
}

std::optional<Profile> read_profile(const Node& root, const std::string& name, const std::string& file,
                                    const PluginCatalog& catalog, const SerialSource& serial, Report& report) {
  if (!root.is_map()) {
    report.error(root.mark(), "wrong-type",
                 root.is_null() ? std::string("the file is empty")
                                : std::string("a profile must be a map, and is ") + kind_word(root.kind),
                 "see `certctl profile new`");
    return std::nullopt;
  }
  check_keys(root, {std::begin(kProfileKeys), std::end(kProfileKeys)}, "", report);
  Profile profile;
  profile.name = name;
  profile.file = file;
  read_name(root, name, report);
  read_issuers(root, catalog, profile, report);
  read_key(root, catalog, profile, report);
  read_request(root, serial, profile.request, report);
  read_names(root, profile, report);
  read_renew(root, profile, report);
  read_pending(root, profile, report);
  read_store(root, catalog, profile, report);
  read_targets(root, catalog, profile, report);
  read_hooks(root, catalog, profile, report);
  if (!report.failed()) find_contradictions(root, catalog, profile, report);
  if (report.failed()) return std::nullopt;
  return profile;
}

}  // namespace certctl::config
