// The store of the router app SCEP Client: pairs named by serial, generations of links, one switch. See layout.hpp.
#pragma once

#include "plugins/stores/scepclient/writer.hpp"

#include <certctl/store.hpp>

#include <array>

namespace certctl::scepclient {

inline constexpr std::array<OptionSpec, 4> kOptions = {{
    {"path", OptionType::path, "", true, false, "", "directory of the store; the one above it must exist"},
    {"keep", OptionType::integer, "3", false, false, "", "how many generations are kept"},
    {"owner", OptionType::text, "", false, false, "", "user who owns the files; absent: the one who runs certctl"},
    {"group", OptionType::text, "", false, false, "", "group that may read the keys (mode 0640); absent: none (0600)"},
}};

class ScepclientStore final : public Store, public Adopts {
 public:
  ScepclientStore(const Options& options, Host& host);

  [[nodiscard]] std::string location() const override { return settings_.path; }
  int put(const Credential& credential) override;
  void activate(int generation) override;
  [[nodiscard]] std::optional<Generation> active() override;
  [[nodiscard]] std::vector<Generation> list() override;
  [[nodiscard]] Credential read(int generation) override;
  std::vector<int> prune(int keep, const std::vector<int>& needed) override;
  // Takes over a pair that another program left here, and a store that another profile owns: only for `certctl adopt`.
  std::optional<int> adopt() override;

 private:
  // Nothing when the directory does not exist.
  [[nodiscard]] std::optional<Directory> open_to_read() const;

  Settings settings_;
  Host& host_;
  PairJudge judge_;
  // What active() has just loaded, for the read() that follows it, once: whoever asks again wants to know what is there
  // now. Facts and credential are of one look, too.
  std::optional<Loaded> looked_at_;
};

}  // namespace certctl::scepclient
