// JSON Schema (draft 2020-12) of the two kinds of files, for editors: made from the option tables of the catalog.
#pragma once

#include <string>

#include "framework/config/catalog.hpp"

namespace certctl::config {

[[nodiscard]] std::string profile_schema(const PluginCatalog& catalog);
[[nodiscard]] std::string settings_schema(const PluginCatalog& catalog);  // with `defaults`

}  // namespace certctl::config
