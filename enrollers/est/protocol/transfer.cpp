#include "enrollers/est/protocol/transfer.hpp"

#include "framework/crypto/digest.hpp"

#include <certctl/result.hpp>

#include <algorithm>

namespace certctl::est {

std::string encode_in_one_line(crypto::BytesView der) {
  return crypto::base64_encode(der);
}

std::string encode_transfer(crypto::BytesView der) {
  constexpr std::size_t kColumns = 64;
  const std::string line = crypto::base64_encode(der);
  std::string text;
  text.reserve(line.size() + line.size() / kColumns * 2 + 2);
  for (std::size_t at = 0; at < line.size(); at += kColumns) {
    text.append(line, at, std::min(kColumns, line.size() - at));
    text += "\r\n";
  }
  return text;
}

std::optional<Bytes> decode_transfer(crypto::BytesView body) {
  const std::string_view text(reinterpret_cast<const char*>(body.data()), body.size());
  if (auto decoded = crypto::base64_decode(text); decoded && !decoded->empty()) return decoded;
  if (body.size() > 2 && body.front() == crypto::kTagSequence) {
    try {
      crypto::read_whole(body, crypto::kTagSequence, "body");
      return Bytes(body.begin(), body.end());
    } catch (const Failure&) {  // nor this
    }
  }
  return std::nullopt;
}

}  // namespace certctl::est
