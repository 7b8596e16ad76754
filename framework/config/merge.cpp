#include "framework/config/merge.hpp"

#include <algorithm>
#include <initializer_list>

namespace certctl::config {
namespace {

bool is_one_of(const std::string& key, std::initializer_list<const char*> words) {
  return std::any_of(words.begin(), words.end(), [&](const char* word) { return key == word; });
}

bool is_engine_key(const std::string& place, const std::string& key) {
  return place == "key" &&
         std::any_of(std::begin(kKeyKeys), std::end(kKeyKeys), [&](auto word) { return key == word; });
}

void complete(Node& map, const Node& defaults) {
  for (const Entry& entry : defaults.entries) {
    if (map.find(entry.key) == nullptr) map.entries.push_back(entry);
  }
}

Entry* find_plugin(const std::string& place, Node& map) {
  const auto it = std::find_if(map.entries.begin(), map.entries.end(),
                               [&](const Entry& e) { return !is_engine_key(place, e.key); });
  return it == map.entries.end() ? nullptr : &*it;
}

void complete_plugin_place(const std::string& place, Node& map, const Node& defaults) {
  const bool own_type = map.find("type") != nullptr;
  for (const Entry& entry : defaults.entries) {
    if (is_engine_key(place, entry.key)) {
      if (own_type && is_one_of(entry.key, {"bits", "curve"})) continue;
      if (map.find(entry.key) == nullptr) map.entries.push_back(entry);
      continue;
    }
    Entry* own = find_plugin(place, map);
    if (own == nullptr) {
      map.entries.push_back(entry);
    } else if (own->key == entry.key && entry.value.is_map()) {
      if (own->value.is_null()) {
        own->value = entry.value;
      } else if (own->value.is_map()) {
        complete(own->value, entry.value);
      }
    }
  }
}

}  // namespace

Node merge_defaults(Node profile, const Node& defaults) {
  if (!profile.is_map()) return profile;
  for (const Entry& entry : defaults.entries) {
    const auto own = std::find_if(profile.entries.begin(), profile.entries.end(),
                                  [&](const Entry& e) { return e.key == entry.key; });
    const char* other = entry.key == "issuer" ? "issuers" : entry.key == "issuers" ? "issuer" : nullptr;
    if (other != nullptr && profile.find(other) != nullptr) continue;
    if (own == profile.entries.end()) {
      profile.entries.push_back(entry);
    } else if (own->value.is_map() && entry.value.is_map()) {
      if (is_one_of(entry.key, {"template", "pending"})) complete(own->value, entry.value);
      if (is_one_of(entry.key, {"issuer", "key", "store"})) complete_plugin_place(entry.key, own->value, entry.value);
    }
  }
  return profile;
}

}  // namespace certctl::config
