// A form as a browser posts it: application/x-www-form-urlencoded. Pure.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace certctl::page {

inline constexpr std::size_t kLongestForm = 64U << 10U;
inline constexpr std::size_t kMostFields = 100;

using Form = std::map<std::string, std::string, std::less<>>;

// Nothing when it is no such form: longer than `longest`, too many fields, a damaged escape, a NUL, a field that is
// there twice.
[[nodiscard]] std::optional<Form> parse_form(std::string_view text, std::size_t longest = kLongestForm);

// The field, or nothing; an empty text when it is not there.
[[nodiscard]] const std::string& field(const Form& form, std::string_view name);

}  // namespace certctl::page
