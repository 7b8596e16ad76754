// What came over HTTP, in words for people.
#pragma once

#include "framework/crypto/ber.hpp"

#include <string>
#include <string_view>

namespace certctl::scep {

// An HTTP reply of any status.
struct HttpAnswer {
  int status = 0;
  std::string_view reason;        // as sent
  std::string_view content_type;  // as sent
  crypto::BytesView body;
};

// "HTTP 404 Not Found"
std::string status_text(const HttpAnswer& answer);
// By content type, or by its first character.
[[nodiscard]] bool looks_like_page(const HttpAnswer& answer);
// "the server answered WHAT with HTTP 500 …: "the beginning of the text"": what is wrong with an answer that is no
// SCEP.
std::string describe_non_scep(const HttpAnswer& answer, std::string_view what);

}  // namespace certctl::scep
