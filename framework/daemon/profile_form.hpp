// Profiles that the page wrote: the fields of its form as YAML, and back.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/page/profile_fields.hpp"

namespace certctl::daemon {

// What is wrong with the values themselves; what they mean is judged by lint. Empty: nothing.
[[nodiscard]] std::vector<std::string> check_fields(const page::FieldValues& values);

// The profile. Precondition: check_fields() finds nothing.
[[nodiscard]] std::string profile_text(const std::string& name, const page::FieldValues& values);

// Whether the first line says that the page wrote it, and may write it again.
[[nodiscard]] bool is_written_by_page(std::string_view text) noexcept;

// The values that profile_text() makes exactly this text of. Nothing: somebody has edited it by hand, and the form
// would lose what it does not know.
[[nodiscard]] std::optional<page::FieldValues> read_fields(const std::string& name, std::string_view text);

}  // namespace certctl::daemon
