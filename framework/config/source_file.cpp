#include "framework/config/source_file.hpp"

#include <certctl/result.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "framework/sys/atomic_file.hpp"

namespace certctl::config {
namespace {

Diagnostic unsafe(const std::string& path, Severity severity, std::string message, std::string hint) {
  return {{path, 0, 0}, severity, "unsafe-file", std::move(message), std::move(hint), {}};
}

// What a configuration says is run with our rights: who can write it is one of us.
std::optional<Diagnostic> check_owner(const std::string& path) {
  struct stat status {};
  const std::string directory = std::filesystem::path(path).parent_path().string();
  // Where the sticky bit is set, others can't exchange our files.
  if (::stat(directory.c_str(), &status) == 0 && (status.st_mode & (S_IWOTH | S_ISVTX)) == S_IWOTH)
    return unsafe(path, Severity::error,
                  "every user can exchange this file, and what it says is run with certctl's rights",
                  "chmod o-w " + directory);
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;  // reading it will say why
  if ((status.st_mode & S_IWOTH) != 0)
    return unsafe(path, Severity::error,
                  "every user can write this file, and what it says is run with certctl's rights", "chmod o-w " + path);
  if (status.st_uid != 0 && status.st_uid != ::geteuid())
    return unsafe(path, Severity::warning,
                  "another user owns this file (uid " + std::to_string(status.st_uid) +
                      "), and what it says is run with certctl's rights",
                  "give it to the user who runs certctl, or to root");
  return std::nullopt;
}

}  // namespace

SourceFile read_source(const std::string& path, const Proposal* proposal) {
  SourceFile source;
  const bool proposed = proposal != nullptr && proposal->path == path;
  if (auto problem = proposed ? std::nullopt : check_owner(path)) {
    source.diagnostics.push_back(std::move(*problem));
    if (has_errors(source.diagnostics)) return source;
  }
  std::string text;
  try {
    // One more than is allowed, so that the size is judged in one place.
    text = proposed ? proposal->text : sys::read_file(path, kMaxFileSize + 1);
  } catch (const Failure& failure) {
    const Error& error = failure.error();
    if (error.code == "too-large") {
      source.diagnostics.push_back({{path, 0, 0},
                                    Severity::error,
                                    "file-too-large",
                                    "the file is larger than 1 MiB",
                                    "split it into profiles",
                                    {}});
    } else {
      source.diagnostics.push_back({{path, 0, 0}, Severity::error, error.code, error.message, error.hint, {}});
    }
    return source;
  }
  ParsedYaml yaml = parse_yaml(text, path);
  // A profile may hold secrets.
  wipe(text.data(), text.size());
  if (yaml.error) source.diagnostics.push_back(std::move(*yaml.error));
  source.root = std::move(yaml.root);
  return source;
}

}  // namespace certctl::config
