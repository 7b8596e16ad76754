#include "framework/config/source_file.hpp"

#include <certctl/result.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include "framework/sys/atomic_file.hpp"

namespace certctl::config {
namespace {

std::optional<Diagnostic> check_owner(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;  // reading it will say why
  if ((status.st_mode & S_IWOTH) != 0)
    return Diagnostic{
        {path, 0, 0},        Severity::error,
        "unsafe-file",       "every user can write this file, and what it says is run with certctl's rights",
        "chmod o-w " + path, {}};
  if (status.st_uid != 0 && status.st_uid != ::geteuid())
    return Diagnostic{{path, 0, 0},
                      Severity::warning,
                      "unsafe-file",
                      "another user owns this file (uid " + std::to_string(status.st_uid) +
                          "), and what it says is run with certctl's rights",
                      "give it to the user who runs certctl, or to root",
                      {}};
  return std::nullopt;
}

}  // namespace

SourceFile read_source(const std::string& path) {
  SourceFile source;
  if (auto problem = check_owner(path)) {
    source.diagnostics.push_back(std::move(*problem));
    if (has_errors(source.diagnostics)) return source;
  }
  std::string text;
  try {
    // One more than is allowed, so that the size is judged in one place.
    text = sys::read_file(path, kMaxFileSize + 1);
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
