#include "framework/registry/kind.hpp"

namespace certctl::registry {

std::string_view file_word(Kind kind) noexcept {
  switch (kind) {
    case Kind::enroller: return "enroller";
    case Kind::store: return "store";
    case Kind::key_provider: return "key";
    case Kind::distributor: return "distributor";
    case Kind::hook: return "hook";
  }
  return "";
}

std::string_view title(Kind kind) noexcept {
  return kind == Kind::key_provider ? "key provider" : file_word(kind);
}

std::optional<Kind> kind_of_number(std::uint32_t number) noexcept {
  for (const Kind kind : kAllKinds)
    if (static_cast<std::uint32_t>(kind) == number) return kind;
  return std::nullopt;
}

}  // namespace certctl::registry
