// nginx's configuration language: words, quotes, comments, blocks. Nothing is known of the meaning of a directive.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace certctl::nginx {

// `words` is never empty; a block may be.
struct Directive {
  std::vector<std::string> words;
  std::vector<Directive> block;
  bool has_block = false;
};

inline constexpr std::size_t kMaxConfigurationFile = 4U << 20U;
inline constexpr std::size_t kMaxWords = 1'000'000;
inline constexpr int kMaxDepth = 64;

// Failure configuration-unreadable (later): "NAME:LINE: …"; also beyond the limits above. `name`: of the file, for
// messages.
[[nodiscard]] std::vector<Directive> parse_configuration(std::string_view text, const std::string& name);

}  // namespace certctl::nginx
