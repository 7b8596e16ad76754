#include "framework/config/plugin_reader.hpp"

#include <algorithm>

#include "framework/config/option_reader.hpp"
#include "framework/config/value_text.hpp"

namespace certctl::config {
namespace {

// Nothing else is ever asked of the catalog: a name becomes part of a path there.
bool is_plugin_name(std::string_view name) {
  static constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789_-";
  return !name.empty() && name.size() <= 63 && name.find_first_not_of(kAllowed) == std::string_view::npos &&
         name[0] != '_' && name[0] != '-';
}

std::vector<std::string> plugin_names(PluginKind kind, const PluginCatalog& catalog) {
  std::vector<std::string> names;
  for (const PluginDescription* plugin : catalog.all(kind)) names.push_back(plugin->name);
  return names;
}

void say_missing(PluginKind kind, const std::string& name, const Mark& mark, const PluginCatalog& catalog,
                 Report& report) {
  const std::string refusal = is_plugin_name(name) ? catalog.refusal(kind, name) : std::string();
  if (!refusal.empty()) {
    report.error(mark, "plugin-refused",
                 std::string("the ") + kind_word(kind) + " " + quote(name) + " was refused: " + refusal,
                 "see `certctl plugin list`");
    return;
  }
  const auto names = plugin_names(kind, catalog);
  report.error(mark, "plugin-unknown", std::string("there is no ") + kind_word(kind) + " " + quote(name),
               names.empty() ? "no such plugin is installed; see `plugins` in certctl.yaml" : suggestion(name, names));
}

bool is_default(const OptionSpec& spec, const OptionValue& value, const Mark& mark) {
  if (spec.type == OptionType::secret) return false;
  Report aside({}, {});
  const auto fallback = default_option(spec, mark, aside);
  return fallback && fallback->index() == value.index() && value_text(spec, *fallback) == value_text(spec, value);
}

// Reads the options of `map` (null: none are written) by the table.
std::optional<PluginUse> read_options(const PluginPlace& place, const PluginDescription& plugin, const Node* map,
                                      const Mark& mark, Report& report) {
  std::vector<OptionSpec> table(plugin.options.begin(), plugin.options.end());
  for (const OptionSpec& extra : place.extra) {
    const bool declared = std::any_of(
        table.begin(), table.end(), [&](const OptionSpec& spec) { return std::string_view(spec.name) == extra.name; });
    if (!declared) table.push_back(extra);
  }
  std::vector<std::string> names;
  for (const OptionSpec& spec : table) names.emplace_back(spec.name);

  PluginUse use;
  use.plugin = plugin.name;
  use.mark = mark;
  bool good = map == nullptr || check_keys(*map, names, "of " + plugin.name, report);
  for (const OptionSpec& spec : table) {
    const Entry* entry = map == nullptr ? nullptr : map->find(spec.name);
    std::optional<OptionValue> value;
    if (entry != nullptr) {
      value = read_option(spec, entry->value, plugin.name + ": " + spec.name, report);
    } else if (spec.required) {
      report.error(mark, "missing-option", plugin.name + ": " + spec.name + " is missing", spec.text);
    } else {
      value = default_option(spec, mark, report);
    }
    if (!value) {
      good = false;
      continue;
    }
    if (!std::holds_alternative<std::monostate>(*value))
      report.value(place.name + "." + plugin.name + "." + spec.name, value_text(spec, *value),
                   entry == nullptr ? Mark{} : entry->mark());
    if (spec.identity && entry != nullptr && !is_default(spec, *value, mark)) use.identity.emplace_back(spec.name);
    if (spec.type == OptionType::path) use.files.emplace_back(spec.name);
    use.options.set(spec.name, std::move(*value));
  }
  std::sort(use.identity.begin(), use.identity.end());
  std::sort(use.files.begin(), use.files.end());
  if (!good) return std::nullopt;
  return use;
}

}  // namespace

const Entry* choose_plugin(const PluginPlace& place, const Node& map, const PluginCatalog& catalog, Report& report) {
  std::vector<const Entry*> others;
  std::vector<const Entry*> plugins;
  for (const Entry& entry : map.entries) {
    if (std::find(place.engine_keys.begin(), place.engine_keys.end(), entry.key) != place.engine_keys.end()) continue;
    const bool known = is_plugin_name(entry.key) && (catalog.find(place.kind, entry.key) != nullptr ||
                                                     !catalog.refusal(place.kind, entry.key).empty());
    (known ? plugins : others).push_back(&entry);
  }
  if (plugins.size() > 1) {
    report.error(plugins[1]->mark(), "two-plugins",
                 place.name + " names two plugins: " + quote(plugins[0]->key) + " and " + quote(plugins[1]->key),
                 "write one");
    return nullptr;
  }
  if (plugins.empty() && others.size() == 1 && nearest(others[0]->key, place.engine_keys).empty()) {
    say_missing(place.kind, others[0]->key, others[0]->mark(), catalog, report);
    return nullptr;
  }
  if (plugins.size() == 1 && others.empty()) return plugins[0];
  // The names of all plugins are asked for after a mistake only: each of them is loaded for it.
  const auto names = plugin_names(place.kind, catalog);
  std::vector<std::string> known = place.engine_keys;
  known.insert(known.end(), names.begin(), names.end());
  for (const Entry* entry : others)
    report.error(entry->mark(), "unknown-key", "unknown key " + quote(entry->key) + " in " + place.name,
                 suggestion(entry->key, known));
  if (plugins.size() == 1) return plugins[0];
  if (others.empty())
    report.error(map.mark(), "no-plugin", place.name + " names no " + kind_word(place.kind), suggestion({}, names));
  return nullptr;
}

std::optional<PluginUse> read_plugin(const PluginPlace& place, const Node& map, const PluginCatalog& catalog,
                                     Report& report) {
  if (!map.is_map()) {
    report.error(map.mark(), "wrong-type", place.name + " must be a map, and is " + kind_word(map.kind),
                 std::string("write { NAME: { OPTION: VALUE } }, NAME being a ") + kind_word(place.kind));
    return std::nullopt;
  }
  const Entry* entry = choose_plugin(place, map, catalog, report);
  if (entry == nullptr) return std::nullopt;
  const PluginDescription* plugin = catalog.find(place.kind, entry->key);
  if (plugin == nullptr) {
    say_missing(place.kind, entry->key, entry->mark(), catalog, report);
    return std::nullopt;
  }
  if (!entry->value.is_map() && !entry->value.is_null()) {
    report.error(entry->value.mark(), "wrong-type",
                 plugin->name + " must be a map of options, and is " + kind_word(entry->value.kind));
    return std::nullopt;
  }
  return read_options(place, *plugin, entry->value.is_map() ? &entry->value : nullptr, entry->mark(), report);
}

std::optional<PluginUse> default_plugin(const PluginPlace& place, const std::string& plugin, const Mark& mark,
                                        const PluginCatalog& catalog, Report& report) {
  const PluginDescription* description = catalog.find(place.kind, plugin);
  if (description == nullptr) {
    say_missing(place.kind, plugin, mark, catalog, report);
    return std::nullopt;
  }
  return read_options(place, *description, nullptr, mark, report);
}

}  // namespace certctl::config
