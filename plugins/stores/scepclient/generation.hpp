// One generation as it stands on the disk, and which one is active. Nothing here changes anything.
#pragma once

#include "plugins/stores/scepclient/directory.hpp"
#include "plugins/stores/scepclient/pair.hpp"

#include <certctl/types.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace certctl::scepclient {

struct Loaded {
  Generation facts;       // Generation::active is not set here
  Credential credential;  // complete when facts.whole
  std::string key_name;   // plain names in the store's directory that the links lead to; empty: none
  std::string certificate_name;
  int ca_count = 0;    // ca.crt-0 … of this generation
  std::string remark;  // something is damaged that does not make it unusable
};

// A line of the file `checksums`. A file with several lines may have any of these contents: one is being replaced.
[[nodiscard]] std::string checksum_line(const std::string& name, std::string_view content);

// Numbers of all generations, ascending; broken ones too.
std::vector<int> generation_numbers(const Directory& root);

// Nothing when there is no such generation. Reads through one directory descriptor: never half of two generations.
std::optional<Loaded> load_generation(const Directory& root, int number, PairJudge& judge);

struct ActiveState {
  enum class Kind : int { none, generation, broken } kind = Kind::none;
  int number = 0;       // Kind::generation; it need not exist
  std::string problem;  // Kind::broken
};
// Where `.active` leads. Without it: none, or broken if latest.* say that there was one.
ActiveState active_state(const Directory& root);

// The pair of a directory that another program made: latest.key and latest.crt are files, or links to files in it.
// Nothing when `.active` exists or there is no such pair.
struct ForeignPair {
  Loaded loaded;  // facts.number is 0
};
enum class Reading : int {
  pair,       // without the CA certificates beside it, which no fact depends on
  everything  // the chain too, which must be found by its signatures
};
std::optional<ForeignPair> foreign_pair(const Directory& root, PairJudge& judge, Reading reading);

}  // namespace certctl::scepclient
