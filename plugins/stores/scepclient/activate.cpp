// Writer::activate, and the links that lead to the active generation.
#include "plugins/stores/scepclient/layout.hpp"
#include "plugins/stores/scepclient/writer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace certctl::scepclient {
namespace {

constexpr int kMaxMirrors = 64;

std::string mirror_target(const std::string& name) {
  return std::string(kActive) + "/" + name;
}

}  // namespace

void Writer::activate(int generation) {
  adopt_foreign();
  const auto loaded = load_generation(root_, generation, judge_);
  if (!loaded)
    throw Failure::never("generation-unknown",
                         "store " + settings_.path + " has no generation " + std::to_string(generation));
  if (!loaded->facts.whole)
    throw Failure::never("generation-broken", "generation " + std::to_string(generation) + " of store " +
                                                  settings_.path + " is not whole: " + loaded->facts.problem);
  switch_to(*loaded);
}

void Writer::switch_to(const Loaded& loaded) {
  // More CA certificates than before: their links come first, so that nobody reads less than the set after the switch.
  for (int i = 0; i < loaded.ca_count; ++i) {
    const std::string name = kMirror + std::to_string(i);
    if (root_.kind(name) == EntryKind::absent) {
      root_.link(name, mirror_target(name));
      changed_ = true;
    }
  }
  const std::string target = active_target(loaded.facts.number);
  if (root_.link_target(kActive) != target) {
    if (const EntryKind kind = root_.kind(kActive); kind != EntryKind::absent && kind != EntryKind::link)
      throw Failure::never("store-failed", "store " + settings_.path + ": .active is not a link",
                           "move it out of the way; nothing else is wrong with the store because of it");
    root_.replace_with_link(kActive, target);
    changed_ = true;
  }
  // Durable before latest.* lead through it: they must resolve after any power cut.
  if (changed_) root_.sync();
  changed_ = false;
  ensure_links(loaded);
}

void Writer::ensure_links(const Loaded& active) {
  keep_copy(kLatestKey, active.key_name);
  set_link(kLatestKey, kActiveKey);
  keep_copy(kLatestCertificate, active.certificate_name);
  set_link(kLatestCertificate, kActiveCertificate);
  for (int i = 0; i < kMaxMirrors; ++i) {
    const std::string name = kMirror + std::to_string(i);
    if (i < active.ca_count) {
      set_link(name, mirror_target(name));
    } else if (const EntryKind kind = root_.kind(name); kind == EntryKind::file || kind == EntryKind::link) {
      root_.remove(name);
      changed_ = true;
    }
  }
  if (changed_) root_.sync();
  changed_ = false;
}

void Writer::set_link(const std::string& name, const std::string& target) {
  if (root_.link_target(name) == target) return;
  if (root_.kind(name) == EntryKind::directory)
    throw Failure::never("store-failed", "store " + settings_.path + ": " + name + " is a directory",
                         "move it out of the way");
  root_.replace_with_link(name, target);
  changed_ = true;
}

void Writer::keep_copy(const std::string& name, const std::string& same_as) {
  if (root_.kind(name) != EntryKind::file) return;
  if (!same_as.empty() && root_.read(name).text == root_.read(same_as).text) return;
  for (int i = 1; i < 100; ++i) {
    const std::string other = name + ".replaced-" + std::to_string(i);
    if (root_.kind(other) == EntryKind::file && root_.read(other).text == root_.read(name).text) return;
    if (::linkat(root_.descriptor(), name.c_str(), root_.descriptor(), other.c_str(), 0) == 0) {
      warn(name + " was a file that the store does not know; it is kept as " + other);
      return;
    }
    if (errno != EEXIST) fail(root_.path() + "/" + other + ": cannot be made", errno);
  }
}

}  // namespace certctl::scepclient
