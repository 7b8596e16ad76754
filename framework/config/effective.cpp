#include <nlohmann/json.hpp>

#include <algorithm>

#include "framework/config/sample.hpp"

namespace certctl::config {
namespace {

const std::vector<EffectiveValue>& values_of(const Loaded& loaded, const std::string& profile) {
  const auto it = loaded.effective.find(profile);
  if (it == loaded.effective.end())
    throw Failure::never("profile-unknown", "there is no profile " + quote(profile), "see `certctl lint`");
  return it->second;
}

const char* origin_word(Origin origin) noexcept {
  switch (origin) {
    case Origin::file: return "file";
    case Origin::defaults: return "defaults";
    case Origin::builtin: return "default";
  }
  return "";
}

}  // namespace

std::string effective_text(const Loaded& loaded, const std::string& profile) {
  const auto& values = values_of(loaded, profile);
  std::size_t width = 0;
  for (const EffectiveValue& value : values) {
    const std::size_t length = value.path.size() + value.text.size() + 2;
    if (length <= 64) width = std::max(width, length);
  }
  std::string text;
  for (const EffectiveValue& value : values) {
    std::string row = value.path + ": " + value.text;
    row += std::string(row.size() < width ? width - row.size() : 0, ' ') + "  # ";
    if (value.origin == Origin::builtin) {
      row += "default";
    } else {
      row += (value.origin == Origin::defaults ? "defaults, " : "") + format(value.mark);
    }
    text += row + "\n";
  }
  return text;
}

std::string effective_json(const Loaded& loaded, const std::string& profile) {
  nlohmann::json list = nlohmann::json::array();
  for (const EffectiveValue& value : values_of(loaded, profile)) {
    const bool written = value.origin != Origin::builtin;
    list.push_back({{"path", value.path},
                    {"value", value.text},
                    {"origin", origin_word(value.origin)},
                    {"file", written ? nlohmann::json(value.mark.file) : nlohmann::json(nullptr)},
                    {"line", written ? nlohmann::json(value.mark.line) : nlohmann::json(nullptr)}});
  }
  return list.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace certctl::config
