#include "distributors/settings/target.hpp"

#include "framework/sys/printable.hpp"

#include <certctl/result.hpp>

#include <algorithm>

namespace certctl::settings {

Target read_target(const Options& options) {
  Target target;
  target.file = options.text("file");
  if (target.file.empty()) throw Failure::never("bad-option", "`file` of settings is empty", "name the settings file");
  target.options.encoding = encoding_from_word(options.text("encoding"));
  target.options.key_format = crypto::key_format_from_word(options.text("key_format"));
  target.options.missing = missing_from_word(options.text("missing"));
  for (const auto& [name, word] : options.map("set")) {
    if (!is_variable_name(name)) {
      throw Failure::never("bad-option", "`set` of settings: '" + sys::printable(name) + "' is no name of a setting",
                           "use letters, digits and '_', as in IPSEC_LOCAL_KEY");
    }
    const auto kind = crypto::pem_kind_from_word(word);
    if (!kind) {
      throw Failure::never("bad-option", "`set` of settings: " + name + " cannot be '" + sys::printable(word) + "'",
                           "use pkey, cert, chain or ca");
    }
    const bool repeated = std::any_of(target.wanted.begin(), target.wanted.end(),
                                      [&name = name](const Wanted& other) { return other.name == name; });
    if (repeated) throw Failure::never("bad-option", "`set` of settings names " + name + " twice", "write it once");
    target.wanted.push_back({name, *kind});
  }
  if (target.wanted.empty()) {
    throw Failure::never("bad-option", "`set` of settings is empty",
                         "write set: { IPSEC_LOCAL_KEY: pkey, IPSEC_LOCAL_CERT: cert }");
  }
  return target;
}

}  // namespace certctl::settings
