// Distributor "files": key, certificate and chain as files of their own, or several in one.
#include "distributors/files/content.hpp"
#include "distributors/files/layout.hpp"
#include "distributors/files/place.hpp"
#include "distributors/files/staged_file.hpp"
#include "distributors/files/undo_token.hpp"

#include <certctl/plugin.hpp>

#include <unistd.h>

#include "framework/crypto/digest.hpp"
#include "framework/sys/atomic_file.hpp"

namespace certctl {
namespace {

using namespace certctl::files;
using settings::Material;

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

class Files final : public Distributor {
 public:
  Files(const Options& options, Host& host) : host_(host), layout_(read_layout(options)) {}

  Inspection inspect(const Credential* credential) override {
    Inspection inspection;
    inspection.disturbance = "none";
    std::optional<Material> material;
    if (credential != nullptr) material.emplace(*credential);
    std::size_t same = 0, absent = 0;
    for (const Output& output : layout_.outputs) {
      std::string path = output.path;
      try {
        const Place place = Place::find(output.path);
        path = place.path();
        const auto existing = place.read();
        if (!existing) ++absent;
        const Seen seen = existing ? look(existing->content.reveal()) : Seen{};
        if (inspection.serial.empty()) inspection.serial = seen.serial;
        if (material) {
          const Seen wanted = look(content_of(*material, output.part, layout_.der, settings::KeyForm::pkcs8).reveal());
          if (existing && seen == wanted) {
            ++same;
          } else {
            inspection.diff.push_back(part_word(output.part) + " " + path + ": " +
                                      (existing ? text_of(seen) : "not there") + " -> " + text_of(wanted));
          }
        }
      } catch (const Failure& failure) {
        if (failure.error().code.starts_with("credential-") || failure.error().code.starts_with("key-")) throw;
        inspection.present = Present::unreadable;
        inspection.detail += (inspection.detail.empty() ? "" : "; ") + failure.error().message;
      }
      inspection.resources.push_back("file:" + path);
      inspection.values.push_back("file:" + path);
      if (holds_key(output.part)) inspection.output_files.push_back(path);
    }
    if (inspection.present == Present::unreadable) {
      inspection.serial.clear();
    } else if (same == layout_.outputs.size()) {
      inspection.present = Present::this_one;
      inspection.serial.clear();
      inspection.detail = "hold this certificate";
    } else if (absent == layout_.outputs.size()) {
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

  Secret prepare(const Credential& credential, const Credential*) override {
    const Material material(credential);
    UndoToken token;
    for (const Output& output : layout_.outputs) {
      const Place place = Place::find(output.path);
      UndoFile file;
      file.part = output.part;
      file.path = place.path();
      file.old = place.read();
      file.access = access_for(output.part, place, file.old);
      if (holds_key(output.part)) {
        file.key_form =
            key_form_for(material, layout_.key_format, file.old ? std::string_view(file.old->content.reveal()) : "");
      }
      file.new_hash = crypto::sha256_hex(content_of(material, output.part, layout_.der, file.key_form).reveal());
      for (const UndoFile& other : token.files) {
        if (other.path == file.path) {
          throw Failure::never("bad-option", "two of the files are the same: " + file.path, "give each its own");
        }
      }
      token.files.push_back(std::move(file));
    }
    return to_text(token);
  }

  InstallReport install(const Credential& credential, const Secret& undo_token) override {
    const Material material(credential);
    const UndoToken token = undo_token_from(undo_token);
    if (token.files.size() != layout_.outputs.size()) throw outdated();
    InstallReport report;
    Switch all;
    for (std::size_t i = 0; i < token.files.size(); ++i) {
      const UndoFile& file = token.files[i];
      Place place = Place::find(layout_.outputs[i].path);
      if (file.part != layout_.outputs[i].part || file.path != place.path()) throw outdated();
      const Secret content = content_of(material, file.part, layout_.der, file.key_form);
      if (crypto::sha256_hex(content.reveal()) != file.new_hash) throw outdated();
      if (holds_key(file.part) && (file.access.mode & 07U) != 0) {
        report.warnings.push_back("others may use " + file.path +
                                  ", which holds the private key; `key_mode: 0600` ends that");
      }
      if (file.part == Part::chain && content.empty()) {
        report.warnings.push_back("the credential has no chain: " + file.path + " is empty now");
      }
      remove_left_overs(place);
      const auto existing = place.read();
      if (existing && existing->content.reveal() == content.reveal() && has_access(*existing, file.access)) continue;
      all.write(std::move(place), content, file.access);
    }
    report.changed = all.run();
    return report;
  }

  void undo(const Secret& undo_token) override {
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
      const bool ours = existing && crypto::sha256_hex(existing->content.reveal()) == file.new_hash;
      if (!ours) {
        const bool as_before =
            existing ? file.old && existing->content.reveal() == file.old->content.reveal() : !file.old;
        if (!as_before) host_.log(LogLevel::warning, file.path + " was changed by somebody else and stays as it is");
      } else if (!file.old) {
        all.remove(std::move(place));
      } else {
        const Access access{file.old->mode, file.old->owner, file.old->group};
        const bool as_before =
            existing->content.reveal() == file.old->content.reveal() && has_access(*existing, access);
        if (!as_before) all.write(std::move(place), file.old->content, access);
      }
    }
    all.run();
  }

 private:
  [[nodiscard]] Access access_for(Part part, const Place& place, const std::optional<Existing>& old) const {
    const bool key = holds_key(part);
    Access access;
    access.mode = key ? 0600 : 0644;
    if (!layout_.owner.empty()) access.owner = user_id(layout_.owner);
    if (!layout_.group.empty()) access.group = group_id(layout_.group);
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
    if (const auto& given = key ? layout_.key_mode : layout_.mode) access.mode = *given;
    return access;
  }

  // The lock of the resource is held: whoever left them is dead.
  static void remove_left_overs(const Place& place) { sys::remove_left_overs(place.directory(), place.name()); }

  static Failure outdated() {
    return Failure("undo-token-outdated", "the delivery was prepared for other options or another credential",
                   "nothing to do: it begins anew");
  }

  Host& host_;
  Layout layout_;
};

}  // namespace
}  // namespace certctl

CERTCTL_PLUGIN(certctl::Distributor, certctl::Files, "files", "1.0",
               "writes key, certificate and chain into files, apart or combined", certctl::files::kOptions);
