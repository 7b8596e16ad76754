#include "distributors/settings/editor/edit_file.hpp"

#include "framework/sys/atomic_file.hpp"

#include <certctl/result.hpp>

#include <filesystem>

namespace certctl::settings {
namespace {

constexpr int kRedos = 3;

Document read_version(const std::string& path, sys::FileVersion& version) {
  return Document(Secret(sys::read_file(path, kMaxFileBytes, sys::Links::refuse, &version)));
}

}  // namespace

std::string canonical_path(const std::string& path) {
  std::error_code error;
  const std::filesystem::path resolved = std::filesystem::weakly_canonical(path, error);
  return error ? path : resolved.string();
}

Document read_document(const std::string& path) {
  sys::FileVersion version;
  return read_version(path, version);
}

bool edit_file(const std::string& path, const Transform& transform) {
  bool changed = false;
  // One round writes, the next one proves that it holds; each disturbance costs a round more.
  for (int round = 0; round <= kRedos + 1; ++round) {
    sys::FileVersion version;
    const Document document = read_version(path, version);
    const Secret wanted = transform(document);
    if (wanted.reveal() == document.text()) return changed;
    if (round > kRedos) break;
    sys::WriteOptions options;
    options.like_existing = true;
    options.only_if = version;
    try {
      sys::replace_file(path, wanted.reveal(), options);
      changed = true;
    } catch (const Failure& failure) {
      if (failure.error().code != "changed-meanwhile") throw;
    }
  }
  throw Failure("changed-meanwhile", "somebody else writes " + path + " again and again",
                "end the other program's editing of the file; this is tried again later");
}

}  // namespace certctl::settings
