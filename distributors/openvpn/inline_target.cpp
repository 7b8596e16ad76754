#include "distributors/openvpn/inline_target.hpp"

#include "distributors/files/output/content.hpp"
#include "distributors/files/output/staged_file.hpp"
#include "distributors/openvpn/undo_token.hpp"

#include <certctl/result.hpp>

#include "framework/sys/atomic_file.hpp"

namespace certctl::openvpn {
namespace {

using crypto::Material;
using crypto::PemKind;

constexpr int kRounds = 5;

std::string with_breaks(const std::string& pem, const std::string& line_break) {
  std::string text;
  for (const char c : pem) {
    if (c == '\n') {
      text += line_break;
    } else {
      text += c;
    }
  }
  return text;
}

files::Existing read_existing(const files::Place& place) {
  auto existing = place.read();
  if (!existing) throw Failure::never("file-missing", "there is no file " + place.path(), "correct `configuration`");
  return std::move(*existing);
}

}  // namespace

std::vector<InlineTarget::Wanted> InlineTarget::wanted(const Material& material,
                                                       const Configuration& configuration) const {
  const auto key_block = configuration.content("key");
  const auto key_form =
      material.key_form_for(crypto::KeyFormat::automatic, key_block ? crypto::key_label(*key_block) : "");
  const auto pem = [&](PemKind kind) {
    return with_breaks(material.pem(kind, key_form).reveal(), configuration.line_break());
  };
  std::vector<Wanted> all;
  if (configuration.content("extra-certs")) {
    if (material.chain().empty()) {
      throw Failure::never("credential-incomplete", "the credential has no chain for <extra-certs>",
                           "take <extra-certs> out of the configuration");
    }
    all = {{"cert", pem(PemKind::cert)}, {"extra-certs", pem(PemKind::chain)}};
  } else {
    all = {{"cert", pem(PemKind::cert) + pem(PemKind::chain)}};
  }
  all.push_back({"key", pem(PemKind::pkey)});
  if (settings_.ca) all.push_back({"ca", pem(PemKind::ca)});
  return all;
}

Inspection InlineTarget::inspect(const Credential* credential) const {
  Inspection inspection;
  std::optional<Material> material;
  if (credential != nullptr) material.emplace(*credential);
  std::string path = settings_.path;
  try {
    const files::Place place = files::Place::find(settings_.path);
    path = place.path();
    const Configuration configuration(read_existing(place).content.reveal());
    std::string now;
    for (const char* tag : {"cert", "extra-certs", "key", "ca"}) {
      if (std::string_view(tag) == "ca" && !settings_.ca) continue;
      if (const auto content = configuration.content(tag)) now += *content;
    }
    const files::Seen seen = files::look(now);
    inspection.serial = seen.serial;
    inspection.present = seen.certificates.empty() && seen.key.empty() ? Present::none : Present::other;
    inspection.detail =
        inspection.present == Present::none ? "holds no key and no certificate" : "holds serial " + seen.serial;
    if (material) {
      std::string comes;
      for (const Wanted& one : wanted(*material, configuration)) comes += one.content;
      const files::Seen later = files::look(comes);
      if (seen == later) {
        inspection.present = Present::this_one;
        inspection.serial.clear();
        inspection.detail = "holds this certificate";
      } else {
        inspection.diff = {"inline in " + path + ": " + files::text_of(seen) + " -> " + files::text_of(later)};
      }
    }
  } catch (const Failure& failure) {
    if (failure.error().code.starts_with("credential-") || failure.error().code.starts_with("key-")) throw;
    inspection.present = Present::unreadable;
    inspection.serial.clear();
    inspection.detail = failure.error().message;
  }
  inspection.resources = {"file:" + path};
  inspection.values = {"file:" + path + "#cert", "file:" + path + "#key"};
  if (settings_.ca) inspection.values.push_back("file:" + path + "#ca");
  inspection.output_files = {path};
  return inspection;
}

Secret InlineTarget::prepare(const Credential& credential) const {
  const Material material(credential);
  const files::Place place = files::Place::find(settings_.path);
  const Configuration configuration(read_existing(place).content.reveal());
  UndoToken token;
  token.path = place.path();
  token.fingerprint = credential.fingerprint;
  for (const Wanted& one : wanted(material, configuration)) {
    UndoBlock block{one.tag, std::nullopt, Secret(one.content), ""};
    if (const auto old = configuration.content(one.tag)) {
      block.old = Secret(std::string(*old));
    } else if (!settings_.append) {
      throw Failure::never("block-missing", place.path() + " has no <" + one.tag + ">",
                           "write an empty one there, or let the profile say `missing: append`");
    } else if (configuration.has_directive(one.tag)) {
      throw Failure::never(
          "block-missing",
          place.path() + " names a file for `" + one.tag + "`, a block beside it would be one too many",
          "take the line out, or deliver into that file (`certificate`, `key`)");
    }
    token.blocks.push_back(std::move(block));
  }
  // Whether the first appended block needs a line break before it is a fact of the file as it is now.
  if (!configuration.text().empty() && configuration.text().back() != '\n') {
    for (UndoBlock& block : token.blocks) {
      if (block.old) continue;
      block.before = configuration.line_break();
      break;
    }
  }
  return to_text(token);
}

InstallReport InlineTarget::install(const Credential& credential, const Secret& undo_token) const {
  const Material whole(credential);  // key and certificate belong together
  const UndoToken token = undo_token_from(undo_token);
  if (token.fingerprint != credential.fingerprint || files::Place::find(settings_.path).path() != token.path) {
    throw Failure("undo-token-outdated", "the delivery was prepared for another file or another credential",
                  "nothing to do: it begins anew");
  }
  InstallReport report;
  report.changed = edit_file(token.path, [&](Configuration& configuration) {
    for (const UndoBlock& block : token.blocks) {
      if (configuration.content(block.tag)) {
        configuration.replace(block.tag, block.comes.reveal());
      } else if (!block.old) {
        (void)configuration.append(block.tag, block.comes.reveal());
      } else {
        throw Failure::never("block-missing", token.path + " has no <" + block.tag + "> any more", "put it back");
      }
    }
  });
  return report;
}

void InlineTarget::undo(const Secret& undo_token) const {
  const UndoToken token = undo_token_from(undo_token);
  std::vector<std::string> foreign;
  (void)edit_file(token.path, [&](Configuration& configuration) {
    foreign.clear();
    // Backwards, so that what was appended last goes first.
    for (auto block = token.blocks.rbegin(); block != token.blocks.rend(); ++block) {
      const auto now = configuration.content(block->tag);
      if (now && *now == block->comes.reveal()) {
        if (block->old) {
          configuration.replace(block->tag, block->old->reveal());
        } else {
          configuration.remove(block->tag, block->before);
        }
      } else if (block->old ? !now || *now != block->old->reveal() : now.has_value()) {
        foreign.push_back(block->tag);
      }
    }
  });
  for (const std::string& tag : foreign) {
    host_.log(LogLevel::warning, "<" + tag + "> in " + token.path + " was changed by somebody else and stays as it is");
  }
}

bool InlineTarget::edit_file(const std::string& path, const std::function<void(Configuration&)>& edit) const {
  const files::Place place = files::Place::find(path);
  sys::remove_left_overs(place.directory(), place.name());  // the lock is held: whoever left them is dead
  for (int round = 0; round < kRounds; ++round) {
    const files::Existing existing = read_existing(place);
    Configuration configuration(existing.content.reveal());
    edit(configuration);
    if (configuration.text() == existing.content.reveal()) return false;
    files::StagedFile staged(place, configuration.text(), {existing.mode & 0777U, existing.owner, existing.group});
    // An editor that saved meanwhile must not lose its work.
    const auto still = place.read();
    if (!still || still->content.reveal() != existing.content.reveal()) continue;
    staged.take_place();
    place.sync();
    return true;
  }
  throw Failure("changed-meanwhile", "somebody else writes " + path + " again and again", "this is tried again later");
}

}  // namespace certctl::openvpn
