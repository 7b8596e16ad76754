#include "distributors/files/layout.hpp"

#include <certctl/result.hpp>

namespace certctl::files {
namespace {

// The key first: a service that restarts between two renames then at least never shows a certificate that it cannot
// sign for.
constexpr Part kOrder[] = {Part::key, Part::combined, Part::certificate, Part::fullchain, Part::chain, Part::ca};

Failure bad_option(const std::string& message, const std::string& hint) {
  return Failure::never("bad-option", message, hint);
}

}  // namespace

std::vector<Output> read_layout(const Options& options) {
  std::vector<Output> outputs;
  const bool der = options.flag("der");
  const auto key_format = crypto::key_format_from_word(options.text("key_format"));
  for (const Part part : kOrder) {
    const std::string path = options.text(part_word(part));
    if (path.empty()) continue;
    for (const Output& other : outputs) {
      if (other.path == path) {
        throw bad_option("`" + other.content->word() + "` and `" + part_word(part) + "` of files are the same file",
                         "give each its own; `combined` and `fullchain` hold several parts in one");
      }
    }
    if (der && part != Part::certificate && part != Part::key) {
      throw bad_option("`" + part_word(part) + "` of files cannot be written as DER", "leave out `der: true`");
    }
    outputs.push_back({path, std::make_shared<PartContent>(part, key_format, der)});
  }
  if (outputs.empty()) {
    throw bad_option("files names no file", "give at least one of certificate, key, chain, fullchain, ca, combined");
  }
  return outputs;
}

}  // namespace certctl::files
