// Any bytes as the multipart answer of serverkeygen: the first line is its content type.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "enrollers/est/protocol/multipart.hpp"
#include "enrollers/est/protocol/server_key.hpp"
#include "tests/fuzz/require.hpp"

using namespace certctl;
using fuzz::accepts;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = fuzz::text_of(data, size);
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string type = text.substr(0, end);
  const std::string body = text.substr(std::min(end + 1, text.size()));
  const crypto::BytesView bytes(reinterpret_cast<const std::uint8_t*>(body.data()), body.size());
  accepts([&] {
    const auto parts = est::parse_multipart(type, bytes);
    require(parts.size() <= 8, "parts are bounded");
    std::size_t sum = fuzz::planted_bug ? body.size() + 1 : 0;
    for (const est::Part& part : parts) sum += part.body.size();
    require(sum <= body.size(), "no more comes out than went in");
    const est::Multipart again = est::build_multipart(parts, "another-boundary-0123456789");
    if (body.find("--another-boundary") == std::string::npos &&
        std::none_of(parts.begin(), parts.end(),
                     [](const est::Part& part) { return part.content_type.find('\n') != std::string::npos; })) {
      const auto read = est::parse_multipart(again.content_type, again.body);
      require(read.size() == parts.size(), "parts that are written can be read");
      for (std::size_t i = 0; i < parts.size(); ++i) require(read[i].body == parts[i].body, "with what is in them");
    }
  });
  accepts([&] {
    const est::ServerKey made = est::parse_server_key(type, bytes);
    require(!made.certificates.empty() && made.key.get() != nullptr, "a key comes with certificates");
  });
  return 0;
}
