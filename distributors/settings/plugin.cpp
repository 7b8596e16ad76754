// Distributor "settings": key and certificate as values of a settings file, as routers have them.
#include "distributors/settings/editor/edit_file.hpp"
#include "distributors/settings/finding.hpp"
#include "distributors/settings/target.hpp"
#include "distributors/settings/undo_token.hpp"

#include <certctl/plugin.hpp>

#include <algorithm>
#include <filesystem>

#include "framework/sys/atomic_file.hpp"

namespace certctl {
namespace {

using namespace certctl::settings;

class Settings final : public Distributor {
 public:
  Settings(const Options& options, Host& host) : host_(host), target_(read_target(options)) {}

  Inspection inspect(const Credential* credential) override {
    const std::string path = canonical_path(target_.file);
    Inspection inspection;
    inspection.resources = {"file:" + path};
    inspection.disturbance = "none";
    for (const Wanted& wanted : target_.wanted) inspection.values.push_back("file:" + path + "#" + wanted.name);
    if (holds_key()) inspection.output_files = {path};
    std::optional<Material> material;
    if (credential != nullptr) material.emplace(*credential);
    try {
      find(read_document(path), target_, material ? &*material : nullptr, inspection);
    } catch (const Failure& failure) {
      inspection.present = Present::unreadable;
      inspection.detail = failure.error().message;
    }
    return inspection;
  }

  Secret prepare(const Credential& credential, const Credential*) override {
    const Material material(credential);
    UndoToken token;
    token.file = canonical_path(target_.file);
    std::vector<std::string> warnings;  // said by install()
    for (Slot& slot : place(read_document(token.file), target_.wanted, target_.options, material)) {
      UndoValue value;
      for (const Secret& raw : render(slot, material, warnings).raw) value.new_hashes.push_back(raw_hash(raw.reveal()));
      value.slot = std::move(slot);
      token.values.push_back(std::move(value));
    }
    return to_text(token);
  }

  InstallReport install(const Credential& credential, const Secret& undo_token) override {
    const Material material(credential);
    const UndoToken token = undo_token_from(undo_token);
    if (token.file != canonical_path(target_.file) || !names_match(token)) throw outdated();
    InstallReport report;
    std::vector<NewValue> values;
    for (const UndoValue& value : token.values) {
      values.push_back(render(value.slot, material, report.warnings));
      for (std::size_t i = 0; i < value.new_hashes.size(); ++i)
        if (raw_hash(values.back().raw[i].reveal()) != value.new_hashes[i]) throw outdated();
    }
    remove_left_overs(token.file);
    report.changed = edit_file(
        token.file, [&](const Document& document) { return write(document, values, target_.options.missing); });
    return report;
  }

  void undo(const Secret& undo_token) override {
    const UndoToken token = undo_token_from(undo_token);
    std::vector<OldValue> values;
    for (const UndoValue& value : token.values) {
      OldValue old{value.slot.wanted.name, value.slot.append, {}, value.slot.break_before};
      for (std::size_t i = 0; i < value.new_hashes.size(); ++i)
        old.places.push_back({value.slot.places[i].old_raw, value.new_hashes[i]});
      values.push_back(std::move(old));
    }
    std::vector<std::string> foreign;
    try {
      remove_left_overs(token.file);
      edit_file(token.file, [&](const Document& document) {
        foreign.clear();
        return restore(document, values, foreign);
      });
    } catch (const Failure& failure) {
      if (failure.error().code != "file-missing" && failure.error().code != "directory-missing") throw;
      host_.log(LogLevel::warning, token.file + " is gone: nothing to give back there");
    }
    for (const std::string& name : foreign)
      host_.log(LogLevel::warning, name + " in " + token.file + " was changed by somebody else and stays as it is");
  }

 private:
  [[nodiscard]] bool holds_key() const {
    return std::any_of(target_.wanted.begin(), target_.wanted.end(),
                       [](const Wanted& wanted) { return wanted.kind == Kind::pkey; });
  }

  [[nodiscard]] bool names_match(const UndoToken& token) const {
    return std::equal(token.values.begin(), token.values.end(), target_.wanted.begin(), target_.wanted.end(),
                      [](const UndoValue& value, const Wanted& wanted) {
                        return value.slot.wanted.name == wanted.name && value.slot.wanted.kind == wanted.kind;
                      });
  }

  // The lock of the resource is held: whoever left them is dead.
  static void remove_left_overs(const std::string& file) {
    const std::filesystem::path path(file);
    sys::remove_left_overs(path.parent_path().string(), path.filename().string());
  }

  static Failure outdated() {
    return Failure("undo-token-outdated", "the delivery was prepared for other options or another credential",
                   "nothing to do: it begins anew");
  }

  Host& host_;
  Target target_;
};

}  // namespace
}  // namespace certctl

CERTCTL_PLUGIN(certctl::Distributor, certctl::Settings, "settings", "1.0",
               "puts key and certificate into a settings file of NAME=value lines", certctl::settings::kOptions);
