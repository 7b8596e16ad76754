// multipart/mixed, as /serverkeygen answers with it (RFC 7030 §4.4.2, RFC 2046 §5.1).
#pragma once

#include "framework/crypto/ber.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace certctl::est {

struct Part {
  std::string content_type;  // as sent
  Bytes body;                // between its empty line and the line break before the next boundary
};

// The parts of a body, at most 8. The boundary comes from the content type; preamble and epilogue are skipped. Fails
// with "malformed-message": another type, no boundary, no closing one, a part without its empty line, too many.
[[nodiscard]] std::vector<Part> parse_multipart(std::string_view content_type, crypto::BytesView body);

// Server. `boundary` must stand in no part.
struct Multipart {
  std::string content_type;
  Bytes body;
};
[[nodiscard]] Multipart build_multipart(const std::vector<Part>& parts, std::string_view boundary);

}  // namespace certctl::est
