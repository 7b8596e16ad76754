// An edit of a settings file on disk.
#pragma once

#include "distributors/settings/editor/document.hpp"

#include <certctl/types.hpp>

#include <functional>
#include <string>

namespace certctl::settings {

// Turns the file's content into the new one. Must be idempotent; may be called several times.
using Transform = std::function<Secret(const Document&)>;

// The path without symbolic links; of a file that is not there, that of its directory and its name.
[[nodiscard]] std::string canonical_path(const std::string& path);

// Applies the transform to the file; false: it changed nothing, and the file was not touched. Written atomically with
// owner and mode of the old file; afterwards the file is read again and must give the same. When somebody else writes
// the file meanwhile, the edit is redone on what he wrote, three times. `path`: canonical. The caller holds the lock of
// the resource. Failures: file-missing, not-a-file, changed-meanwhile, those of Document, those of sys, and the
// transform's own; the file is then as it was.
bool edit_file(const std::string& path, const Transform& transform);

// The file as it is now.
[[nodiscard]] Document read_document(const std::string& path);

}  // namespace certctl::settings
