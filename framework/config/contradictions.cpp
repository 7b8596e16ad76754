#include "framework/config/contradictions.hpp"

#include <algorithm>
#include <set>

#include "framework/crypto/alt_name.hpp"

namespace certctl::config {
namespace {

const OptionSpec* find_option(const PluginDescription& plugin, std::string_view name) {
  const auto it = std::find_if(plugin.options.begin(), plugin.options.end(),
                               [&](const OptionSpec& spec) { return spec.name == name; });
  return it == plugin.options.end() ? nullptr : &*it;
}

// The value of the last key of the path that is written, else `otherwise`.
Mark place_of(const Node& root, std::initializer_list<std::string_view> path, const Mark& otherwise) {
  const Node* node = &root;
  for (const std::string_view key : path) {
    const Entry* entry = node->find(key);
    if (entry == nullptr) return otherwise;
    node = &entry->value;
  }
  return node->mark();
}

void check_trust(const PluginDescription& plugin, const PluginUse& issuer, Report& report) {
  std::string names;
  for (const char* name : {"ca_fingerprint", "ca_file", "trust_on_first_use"}) {
    const OptionSpec* spec = find_option(plugin, name);
    if (spec == nullptr) continue;
    const bool set = spec->type == OptionType::boolean ? issuer.options.flag(name)
                     : spec->type == OptionType::list  ? !issuer.options.list(name).empty()
                                                       : issuer.options.has(name);
    if (set) return;
    names += (names.empty() ? "" : ", ") + std::string(name) + (spec->type == OptionType::boolean ? ": true" : "");
  }
  if (!names.empty())
    report.error(issuer.mark, "no-trust", issuer.plugin + ": nothing says which CA is trusted",
                 "write one of: " + names);
}

// A protocol that certifies names only: DNS names, IP addresses, and one of them as the common name.
void check_names(const Node& root, const PluginUse& issuer, const Profile& profile, Report& report) {
  std::set<std::string> names;
  for (const AltName& name : profile.request.alt_names) {
    if (name.kind != AltNameKind::dns && name.kind != AltNameKind::ip)
      report.error(place_of(root, {"san"}, issuer.mark), "name-not-carried",
                   issuer.plugin + " certifies DNS names and IP addresses only, and not " + crypto::alt_name_text(name),
                   "leave it out of `san`");
    names.insert(crypto::alt_name_identity(name));
  }
  if (issuer.options.flag("drop_subject")) return;
  for (const NameAttribute& attribute : profile.request.subject) {
    const bool is_name =
        attribute.type == "CN" &&
        (names.empty() || names.count(crypto::alt_name_identity({AltNameKind::dns, attribute.value})) == 1 ||
         names.count(crypto::alt_name_identity({AltNameKind::ip, attribute.value})) == 1);
    if (!is_name)
      report.error(
          place_of(root, {"subject"}, issuer.mark), "name-not-carried",
          issuer.plugin + " certifies names only: the subject has " + attribute.type + " beside them",
          "leave it out of `subject` (a CN must be one of the names of `san`), or set `drop_subject: true` in " +
              issuer.plugin);
  }
}

void find_in_issuer(const Node& root, const PluginCatalog& catalog, const Profile& profile, const PluginUse& issuer,
                    Report& report) {
  const PluginDescription* plugin = catalog.find(PluginKind::enroller, issuer.plugin);
  if (plugin == nullptr) return;
  check_trust(*plugin, issuer, report);

  const OptionSpec* allow_ec = find_option(*plugin, "allow_ec");
  if (allow_ec != nullptr && allow_ec->type == OptionType::boolean && profile.key.type == KeyType::ec &&
      !issuer.options.flag("allow_ec"))
    report.error(place_of(root, {"key", "type"}, issuer.mark), "ec-not-allowed",
                 issuer.plugin +
                     " cannot be sure to get a certificate for an EC key: the CA may issue it and be unable to answer",
                 "write type: rsa, or allow_ec: true in " + issuer.plugin);

  if (find_option(*plugin, "drop_subject") != nullptr) check_names(root, issuer, profile, report);

  const OptionSpec* transaction_id = find_option(*plugin, "transaction_id");
  if (transaction_id != nullptr && transaction_id->type == OptionType::choice &&
      issuer.options.text("transaction_id") == "key" && profile.rotate != Rotate::always)
    report.error(place_of(root, {"issuer", issuer.plugin, "transaction_id"}, issuer.mark), "bad-combination",
                 issuer.plugin + ": transaction_id: key needs a new key for each request",
                 "write rotate: always in `key`, or transaction_id: random");
}

}  // namespace

void find_contradictions(const Node& root, const PluginCatalog& catalog, const Profile& profile, Report& report) {
  for (const PluginUse& issuer : profile.issuers) find_in_issuer(root, catalog, profile, issuer, report);
}

}  // namespace certctl::config
