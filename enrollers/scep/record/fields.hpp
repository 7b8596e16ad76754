// Fields of the token of an open request and of an enroller's memory.
#pragma once

#include "framework/crypto/certificate.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace certctl::record {

using Json = nlohmann::json;

// Bytes travel as base64 of DER, certificates too.
[[nodiscard]] Json bytes_text(crypto::BytesView bytes);
[[nodiscard]] Json certificates_text(const std::vector<crypto::Certificate>& certificates);
// Fail with Json::exception on another kind of value, "token-damaged" (never), "certificate-unreadable" (never).
[[nodiscard]] Bytes bytes_from(const Json& text);
[[nodiscard]] std::vector<crypto::Certificate> certificates_from(const Json& list);

// "token-damaged" (never): `protocol` is for people, "EST".
[[noreturn]] void damaged(const std::string& protocol, const std::string& what);

// What `read` makes of the token, if that is JSON of format 1; whatever is wrong with it: "token-damaged" (never).
void read_token(const std::string& token, const std::string& protocol, const std::function<void(const Json&)>& read);

// "token-too-large" (never) for what the engine does not take.
void check_token_size(std::string_view token);
inline constexpr std::size_t kLongestToken = 64 * 1024;

// An object; an empty one when the text is none, or longer than the engine keeps. Never fails.
[[nodiscard]] Json memory_from(std::string_view text);
// The text of a member that is one; else empty.
[[nodiscard]] std::string text_or_empty(const Json& object, const char* name);

}  // namespace certctl::record
