#include "distributors/settings/editor/edit_file.hpp"

#include "framework/sys/atomic_file.hpp"
#include "framework/sys/guarded_path.hpp"

#include <certctl/result.hpp>

#include <filesystem>

namespace certctl::settings {
namespace {

constexpr int kRedos = 3;

Document read_version(const sys::GuardedPath& place, sys::FileVersion& version) {
  return Document(Secret(sys::read_file(place, kMaxFileBytes, &version)));
}

}  // namespace

std::string canonical_path(const std::string& path) {
  try {
    return sys::find_guarded(std::filesystem::absolute(path).string()).path;
  } catch (const Failure&) {
    return path;  // who reads it says what is wrong
  }
}

Document read_document(const std::string& path) {
  sys::FileVersion version;
  return read_version(sys::find_guarded(path), version);
}

bool edit_file(const std::string& path, const Transform& transform) {
  // Whatever is done to directories and links meanwhile: it stays this file.
  const sys::GuardedPath place = sys::find_guarded(path);
  bool changed = false;
  // One round writes, the next one proves that it holds; each disturbance costs a round more.
  for (int round = 0; round <= kRedos + 1; ++round) {
    sys::FileVersion version;
    const Document document = read_version(place, version);
    const Secret wanted = transform(document);
    if (wanted.reveal() == document.text()) return changed;
    if (round > kRedos) break;
    sys::WriteOptions options;
    options.like_existing = true;
    options.only_if = version;
    try {
      sys::replace_file(place, wanted.reveal(), options);
      changed = true;
    } catch (const Failure& failure) {
      if (failure.error().code != "changed-meanwhile") throw;
    }
  }
  throw Failure("changed-meanwhile", "somebody else writes " + path + " again and again",
                "end the other program's editing of the file; this is tried again later");
}

}  // namespace certctl::settings
