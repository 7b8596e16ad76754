#include "framework/config/key_reader.hpp"

#include <algorithm>

#include "framework/config/merge.hpp"
#include "framework/config/option_reader.hpp"
#include "framework/config/plugin_reader.hpp"
#include "framework/config/units.hpp"
#include "framework/config/value_text.hpp"

namespace certctl::config {
namespace {

constexpr const char* kDefaultProvider = "file";

void read_rotate(const Node& key, Profile& profile, Report& report) {
  const Entry* entry = key.find("rotate");
  if (entry == nullptr) {
    report.value("key.rotate", "always", {});
    return;
  }
  const auto word = read_text(entry->value, "key: rotate", report);
  if (!word) return;
  if (*word == "always" || *word == "never") {
    profile.rotate = *word == "always" ? Rotate::always : Rotate::never;
  } else {
    try {
      profile.rotate_age = parse_duration(*word);
      profile.rotate = Rotate::by_age;
    } catch (const Failure&) {
      report.error(entry->value.mark(), "bad-choice", "key: rotate cannot be " + quote(*word),
                   "write always, never, or the age at which a key is replaced, such as 1y");
      return;
    }
    if (profile.rotate_age < std::chrono::hours(1)) {
      report.error(entry->value.mark(), "out-of-range", "key: rotate must be at least 1h, and is " + quote(*word));
      return;
    }
  }
  report.value("key.rotate", *word, entry->mark());
}

void read_rsa(const Node& key, Profile& profile, Report& report) {
  if (const Entry* curve = key.find("curve"))
    report.error(curve->mark(), "bad-combination", "key: curve does not go with type rsa", "write type: ec, or bits");
  const Entry* entry = key.find("bits");
  if (entry == nullptr) {
    report.value("key.bits", std::to_string(profile.key.bits), {});
    return;
  }
  const auto bits = read_integer(entry->value, 1024, 8192, "key: bits", report);
  if (!bits) return;
  // SCEP-200
  if (*bits < 2048) {
    // Such keys are not made any more, but may have been imported.
    if (profile.rotate != Rotate::never) {
      report.error(entry->value.mark(), "weak-key",
                   "key: bits must be from 2048 to 8192, and is " + std::to_string(*bits),
                   "an imported key of that size can be kept with rotate: never");
      return;
    }
    report.warning(entry->value.mark(), "weak-key", "key: " + std::to_string(*bits) + " bits are no longer safe",
                   "only an imported key can be that small; plan its replacement");
  }
  profile.key.bits = static_cast<int>(*bits);
  report.value("key.bits", std::to_string(*bits), entry->mark());
}

void read_ec(const Node& key, Profile& profile, Report& report) {
  if (const Entry* bits = key.find("bits"))
    report.error(bits->mark(), "bad-combination", "key: bits does not go with type ec",
                 "write curve: P-256, P-384 or P-521");
  const Entry* entry = key.find("curve");
  if (entry != nullptr) {
    const auto curve = read_choice(entry->value, {"P-256", "P-384", "P-521"}, "key: curve", report);
    if (!curve) return;
    profile.key.curve = *curve;
  }
  report.value("key.curve", profile.key.curve, entry == nullptr ? Mark{} : entry->mark());
}

void read_type(const Node& key, Profile& profile, Report& report) {
  const Entry* entry = key.find("type");
  if (entry != nullptr) {
    const auto word = read_text(entry->value, "key: type", report);
    if (!word) return;
    if (*word == "ed25519" || *word == "ed448") {
      report.error(entry->value.mark(), "bad-choice", "key: type cannot be " + quote(*word),
                   "such a key cannot sign the messages of enrollment; write rsa or ec");
      return;
    }
    const auto type = read_choice(entry->value, {"rsa", "ec"}, "key: type", report);
    if (!type) return;
    profile.key.type = *type == "ec" ? KeyType::ec : KeyType::rsa;
  }
  report.value("key.type", profile.key.type == KeyType::ec ? "ec" : "rsa", entry == nullptr ? Mark{} : entry->mark());
  if (profile.key.type == KeyType::ec) {
    read_ec(key, profile, report);
  } else {
    read_rsa(key, profile, report);
  }
}

}  // namespace

void read_key(const Node& profile_map, const PluginCatalog& catalog, Profile& profile, Report& report) {
  const Entry* entry = profile_map.find("key");
  const PluginPlace place{PluginKind::key_provider, "key", {std::begin(kKeyKeys), std::end(kKeyKeys)}, {}};
  const Node none;
  const Node& key = entry == nullptr ? none : entry->value;
  if (entry != nullptr && !key.is_map()) {
    report.error(key.mark(), "wrong-type", std::string("key must be a map, and is ") + kind_word(key.kind),
                 "write { file: {}, type: rsa, bits: 2048 }");
    return;
  }
  const bool names_provider = std::any_of(key.entries.begin(), key.entries.end(), [&](const Entry& e) {
    return std::find(place.engine_keys.begin(), place.engine_keys.end(), e.key) == place.engine_keys.end();
  });
  auto use = names_provider ? read_plugin(place, key, catalog, report)
                            : default_plugin(place, kDefaultProvider,
                                             entry == nullptr ? profile_map.mark() : entry->mark(), catalog, report);
  if (use) {
    profile.key_provider = std::move(*use);
    report.value("key.provider", profile.key_provider.plugin, names_provider ? profile.key_provider.mark : Mark{});
  }
  read_rotate(key, profile, report);
  read_type(key, profile, report);
}

}  // namespace certctl::config
