#include "plugins/stores/scepclient/writer.hpp"

#include "plugins/stores/scepclient/layout.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <thread>

namespace certctl::scepclient {
namespace {

constexpr std::chrono::seconds kLockPatience{10};

std::string owner_of(const Directory& root) {
  std::string name = root.read(kOwner).text;
  if (!name.empty() && name.back() == '\n') name.pop_back();
  return is_profile_name(name) ? name : std::string();
}

// Makes the store's directory, durably. The one above must exist: a mistyped path, or a medium that is not mounted,
// must not become a new store.
void make_store(const std::string& path) {
  const std::string above = std::filesystem::path(path).parent_path().string();
  const auto parent = Directory::open(above);
  if (!parent)
    throw Failure::never("store-unwritable", "store " + path + ": the directory " + above + " does not exist",
                         "create it, mount what belongs there, or mend the path of the store");
  const std::string name = std::filesystem::path(path).filename().string();
  if (::mkdirat(parent->descriptor(), name.c_str(), 0755) != 0) {
    if (errno == EEXIST) return;
    fail("store " + path + ": cannot be made", errno);
  }
  // Only a directory that we made gets its mode from us, whatever the umask.
  if (::fchmodat(parent->descriptor(), name.c_str(), 0755, 0) != 0) fail("store " + path + ": cannot be made", errno);
  parent->sync();
}

}  // namespace

void require_owner(const Directory& root, const std::string& profile) {
  const std::string owner = owner_of(root);
  if (owner.empty() || profile.empty() || owner == profile) return;
  throw Failure::never("store-foreign", "store " + root.path() + " belongs to profile '" + owner + "'",
                       "give profile '" + profile + "' a store of its own, or let it take over with: certctl adopt " +
                           owner + " " + profile);
}

std::optional<Writer> Writer::open(const Settings& settings, Host& host, PairJudge& judge, bool create,
                                   OwnerRule rule) {
  auto root = Directory::open(settings.path);
  if (!root) {
    if (!create) return std::nullopt;
    make_store(settings.path);
    root = Directory::open(settings.path);
    if (!root) throw Failure("store-failed", "store " + settings.path + ": vanished");
  }
  Writer writer(settings, host, judge, std::move(*root));
  writer.lock();
  if (rule == OwnerRule::must_be_ours) require_owner(writer.root_, host.profile());
  if ((writer.root_.mode() & 01002U) == 0002U)
    writer.warn("is writable by everybody, who can therefore replace its keys; run: chmod o-w " + settings.path);
  writer.sweep();
  return writer;
}

void Writer::lock() {
  // A kernel lock on the directory itself: no file, and nothing is stale after a crash.
  const auto deadline = std::chrono::steady_clock::now() + kLockPatience;
  while (::flock(root_.descriptor(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) fail("store " + settings_.path + ": cannot be locked", errno);
    if (std::chrono::steady_clock::now() > deadline)
      throw Failure("store-busy", "store " + settings_.path + " is being changed by another process");
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
}

void Writer::claim() {
  const std::string owner = owner_of(root_);
  if (owner != host_.profile() && !host_.profile().empty()) {
    if (!owner.empty()) warn("is taken over from profile '" + owner + "'");
    root_.replace(kOwner, host_.profile() + "\n",
                  FileAccess{0644, settings_.certificate.owner, settings_.certificate.group});
    changed_ = true;
  }
  if (root_.kind(kGenerations) == EntryKind::absent) {
    root_.make_directory(kGenerations);
    changed_ = true;
  }
  if (changed_) root_.sync();
  changed_ = false;
}

Directory Writer::generations() const {
  auto directory = root_.subdirectory(kGenerations);
  if (!directory)
    throw Failure("store-failed", "store " + settings_.path + ": " + kGenerations + " is not a directory",
                  "move it out of the way; the pairs beside it stay");
  return std::move(*directory);
}

void Writer::sweep() {
  // Looks first: a store that needs nothing is not written to.
  if (root_.kind(Directory::kTemporary) != EntryKind::absent) root_.remove(Directory::kTemporary);
  const auto inner = root_.subdirectory(kGenerations);
  if (!inner) return;
  for (const std::string& name : inner->names()) {
    if (name == Directory::kTemporary) inner->remove(name);
    if (name == kUnfinished) inner->remove_directory(name);
    if (name.starts_with(kRemoved)) dismantle(name);
    if (parse_number(name))
      if (const auto generation = inner->subdirectory(name);
          generation && generation->kind(Directory::kTemporary) != EntryKind::absent)
        generation->remove(Directory::kTemporary);
  }
}

int Writer::next_number() const {
  int highest = 0;
  for (const int number : generation_numbers(root_)) highest = std::max(highest, number);
  if (const auto last = generations().link_target(kLast))
    if (const auto number = parse_number(*last)) highest = std::max(highest, *number);
  return highest + 1;
}

}  // namespace certctl::scepclient
