// What a settings file holds now, compared with a credential. Shows names and fingerprints, never a value.
#pragma once

#include "distributors/settings/editor/document.hpp"
#include "distributors/settings/target.hpp"
#include "framework/crypto/material.hpp"

#include <certctl/distributor.hpp>

namespace certctl::settings {

// Fills present, serial, detail and diff. `material` may be null.
void find(const Document& document, const Target& target, const Material* material, Inspection& inspection);

}  // namespace certctl::settings
