// A configuration file, read: its content becomes a tree, or what is wrong with it becomes a diagnostic.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "framework/config/diagnostic.hpp"
#include "framework/config/tree.hpp"

namespace certctl::config {

struct SourceFile {
  std::optional<Node> root;  // nothing after an error
  std::vector<Diagnostic> diagnostics;
};

// What a file would say if it were saved like this: its text stands for that of the file, which need not be there.
struct Proposal {
  std::string path;  // absolute
  std::string text;
};

// `proposal` may be null. Never waits for a FIFO, reads at most kMaxFileSize. A file that every user can write is
// refused: what it says is run with our rights.
[[nodiscard]] SourceFile read_source(const std::string& path, const Proposal* proposal = nullptr);

}  // namespace certctl::config
