// Writer::adopt: the directory of the older router app, whose latest.key and latest.crt are plain links or files.
#include "plugins/stores/scepclient/layout.hpp"
#include "plugins/stores/scepclient/writer.hpp"

namespace certctl::scepclient {

std::optional<int> Writer::adopt_foreign() {
  const auto pair = foreign_pair(root_, judge_, Reading::everything);
  if (!pair) return std::nullopt;
  if (!pair->loaded.facts.whole) {
    warn("the pair that another program left cannot be taken over: " + pair->loaded.facts.problem);
    return std::nullopt;
  }
  // At each instant latest.* lead to the same pair: first to its own files, then through .active.
  const int number = put_pair(pair->loaded.credential, &pair->loaded);
  const auto loaded = load_generation(root_, number, judge_);
  if (!loaded) throw Failure("store-failed", "store " + settings_.path + ": generation vanished");
  root_.replace_with_link(kActive, active_target(number));
  root_.sync();
  // The content of a plain latest.key is in the store now.
  for (const auto& [name, target] :
       {std::pair{kLatestKey, kActiveKey}, std::pair{kLatestCertificate, kActiveCertificate}})
    root_.replace_with_link(name, target);
  root_.sync();
  ensure_links(*loaded);
  if ((root_.mode(loaded->key_name) & 0007U) != 0)
    warn("everybody can read " + loaded->key_name + "; run: chmod 600 " + settings_.path + "/" + loaded->key_name);
  host_.log(LogLevel::info, "store " + settings_.path + ": the pair with serial " + loaded->facts.serial +
                                " of another program is now generation " + std::to_string(number));
  return number;
}

std::optional<int> Writer::adopt() {
  const auto adopted = adopt_foreign();
  const ActiveState state = active_state(root_);
  if (root_.kind(kOwner) != EntryKind::absent || state.kind != ActiveState::Kind::none) claim();
  if (adopted) return adopted;
  if (state.kind != ActiveState::Kind::generation) return std::nullopt;
  // An adoption that was interrupted between the switch and the links.
  const auto loaded = load_generation(root_, state.number, judge_);
  if (loaded && loaded->facts.whole) ensure_links(*loaded);
  return state.number;
}

}  // namespace certctl::scepclient
