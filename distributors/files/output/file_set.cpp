#include "distributors/files/output/file_set.hpp"

#include "distributors/files/output/undo_token.hpp"

#include <unistd.h>

#include "framework/sys/atomic_file.hpp"

namespace certctl::files {
namespace {

using crypto::Material;

// Files that are complete under temporary names, to be switched one right after the other.
class Switch {
 public:
  void write(Place place, const Secret& content, const Access& access) {
    steps_.push_back(std::make_unique<Step>(Step{std::move(place), std::nullopt}));
    Step& step = *steps_.back();
    step.staged.emplace(step.place, content.reveal(), access);
  }
  void remove(Place place) { steps_.push_back(std::make_unique<Step>(Step{std::move(place), std::nullopt})); }
  // True when there was anything to do.
  bool run() {
    for (const auto& step : steps_) {
      if (step->staged) {
        step->staged->take_place();
      } else {
        step->place.remove();
      }
    }
    for (const auto& step : steps_) step->place.sync();
    return !steps_.empty();
  }

 private:
  struct Step {
    Place place;
    std::optional<StagedFile> staged;  // nothing: the file goes
  };
  std::vector<std::unique_ptr<Step>> steps_;  // a staged file keeps the address of its place
};

bool has_access(const Existing& existing, const Access& access) {
  return existing.mode == access.mode && (!access.owner || existing.owner == *access.owner) &&
         (!access.group || existing.group == *access.group);
}

std::string_view content_of(const std::optional<Existing>& existing) {
  return existing ? std::string_view(existing->content.reveal()) : std::string_view();
}

// The lock of the resource is held: whoever left them is dead.
void remove_left_overs(const Place& place) {
  sys::remove_left_overs(place.directory(), place.name());
}

Failure outdated() {
  return Failure("undo-token-outdated", "the delivery was prepared for other options or another credential",
                 "nothing to do: it begins anew");
}

// What one file tells about the target.
struct Look {
  bool same = false;
  bool absent = false;
  std::string serial;
  std::string diff;
};

Look look_at(const Output& output, const Place& place, const Material* material) {
  const auto existing = place.read();
  Look seen;
  seen.absent = !existing;
  const Seen now = existing ? output.content->seen_in(existing->content.reveal()) : Seen{};
  seen.serial = now.serial;
  if (material == nullptr) return seen;
  const auto comes = output.content->make(*material, content_of(existing));
  const Seen wanted = comes ? output.content->seen_in(comes->reveal()) : Seen{};
  seen.same = comes.has_value() == existing.has_value() && now == wanted;
  if (!seen.same) {
    seen.diff = output.content->word() + " " + place.path() + ": " + (existing ? text_of(now) : "not there") + " -> " +
                (comes ? text_of(wanted) : "not there");
  }
  return seen;
}

}  // namespace

Inspection FileSet::inspect(const Credential* credential) const {
  Inspection inspection;
  inspection.disturbance = "none";
  std::optional<Material> material;
  if (credential != nullptr) material.emplace(*credential);
  std::size_t same = 0, absent = 0;
  for (const Output& output : outputs_) {
    std::string path = output.path;
    try {
      const Place place = Place::find(output.path);
      path = place.path();
      const Look seen = look_at(output, place, material ? &*material : nullptr);
      if (seen.absent) ++absent;
      if (seen.same) ++same;
      if (inspection.serial.empty()) inspection.serial = seen.serial;
      if (!seen.diff.empty()) inspection.diff.push_back(seen.diff);
    } catch (const Failure& failure) {
      if (failure.error().code.starts_with("credential-") || failure.error().code.starts_with("key-")) throw;
      inspection.present = Present::unreadable;
      inspection.detail += (inspection.detail.empty() ? "" : "; ") + failure.error().message;
    }
    inspection.resources.push_back("file:" + path);
    inspection.values.push_back("file:" + path);
    if (output.content->holds_key()) inspection.output_files.push_back(path);
  }
  if (inspection.present == Present::unreadable) {
    inspection.serial.clear();
  } else if (same == outputs_.size()) {
    inspection.present = Present::this_one;
    inspection.serial.clear();
    inspection.detail = "hold this certificate";
  } else if (absent == outputs_.size()) {
    inspection.present = Present::none;
    inspection.detail = "are not there";
  } else {
    inspection.present = Present::other;
    inspection.detail = inspection.serial.empty() ? "hold something else" : "hold serial " + inspection.serial;
    if (material && inspection.serial == material->certificate().serial())
      inspection.detail = "hold this certificate only in part";
  }
  return inspection;
}

Secret FileSet::prepare(const Credential& credential) const {
  const Material material(credential);
  UndoToken token;
  token.fingerprint = credential.fingerprint;
  for (const Output& output : outputs_) {
    const Place place = Place::find(output.path);
    UndoFile file;
    file.path = place.path();
    file.holds_key = output.content->holds_key();
    file.old = place.read();
    file.comes = output.content->make(material, content_of(file.old));
    file.access = access_for(file.holds_key, place, file.old);
    for (const UndoFile& other : token.files) {
      if (other.path == file.path) {
        throw Failure::never("bad-option", "two of the files are the same: " + file.path, "give each its own");
      }
    }
    token.files.push_back(std::move(file));
  }
  return to_text(token);
}

InstallReport FileSet::install(const Credential& credential, const Secret& undo_token) const {
  const Material whole(credential);  // key and certificate belong together
  const UndoToken token = undo_token_from(undo_token);
  if (token.files.size() != outputs_.size() || token.fingerprint != credential.fingerprint) throw outdated();
  InstallReport report;
  Switch all;
  for (std::size_t i = 0; i < token.files.size(); ++i) {
    const UndoFile& file = token.files[i];
    Place place = Place::find(outputs_[i].path);
    if (file.path != place.path() || file.holds_key != outputs_[i].content->holds_key()) throw outdated();
    if (file.comes && file.holds_key && (file.access.mode & 07U) != 0) {
      report.warnings.push_back("others may use " + file.path +
                                ", which holds the private key; `key_mode: 0600` ends that");
    }
    if (file.comes && file.comes->empty()) {
      report.warnings.push_back("the credential has no " + outputs_[i].content->word() + ": " + file.path +
                                " is empty now");
    }
    remove_left_overs(place);
    const auto existing = place.read();
    if (!file.comes) {
      if (existing) all.remove(std::move(place));
    } else if (!existing || existing->content.reveal() != file.comes->reveal() || !has_access(*existing, file.access)) {
      all.write(std::move(place), *file.comes, file.access);
    }
  }
  report.changed = all.run();
  return report;
}

void FileSet::undo(const Secret& undo_token) const {
  const UndoToken token = undo_token_from(undo_token);
  Switch all;
  for (const UndoFile& file : token.files) {
    Place place;
    try {
      place = Place::find(file.path);
    } catch (const Failure& failure) {
      if (failure.error().code != "directory-missing") throw;
      host_.log(LogLevel::warning, file.path + " is gone with its directory: nothing to give back there");
      continue;
    }
    remove_left_overs(place);
    const auto existing = place.read();
    const bool ours = existing ? file.comes && existing->content.reveal() == file.comes->reveal() : !file.comes;
    const bool old_content = existing && file.old && existing->content.reveal() == file.old->content.reveal();
    const Access access = file.old ? Access{file.old->mode, file.old->owner, file.old->group} : Access{};
    if (!ours) {
      if (!old_content && (existing || file.old))
        host_.log(LogLevel::warning, file.path + " was changed by somebody else and stays as it is");
    } else if (!file.old) {
      if (existing) all.remove(std::move(place));
    } else if (!old_content || !has_access(*existing, access)) {
      all.write(std::move(place), file.old->content, access);
    }
  }
  all.run();
}

Access FileSet::access_for(bool key, const Place& place, const std::optional<Existing>& old) const {
  Access access;
  access.mode = key ? 0600 : 0644;
  if (!ownership_.owner.empty()) access.owner = user_id(ownership_.owner);
  if (!ownership_.group.empty()) access.group = group_id(ownership_.group);
  if (old) {
    // A stranger's file in the place of ours would hand the key to its owner.
    const bool known = !place.shared() || old->owner == 0 || old->owner == ::geteuid() ||
                       old->owner == place.directory_owner() || (access.owner && old->owner == *access.owner);
    if (key && !known) {
      throw Failure::never("unsafe-file",
                           place.path() + " belongs to user " + std::to_string(old->owner) +
                               ", who is neither root nor the owner of the directory",
                           "remove the file, or name its `owner` in the profile");
    }
    access.mode = old->mode & 0777U;
    if (!access.owner) access.owner = old->owner;
    if (!access.group) access.group = old->group;
  }
  if (const auto& given = key ? ownership_.key_mode : ownership_.mode) access.mode = *given;
  return access;
}

}  // namespace certctl::files
