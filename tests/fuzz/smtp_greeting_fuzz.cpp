// Any bytes as what a mail server says before TLS: split anywhere, the answers are the same, and nothing grows without
// end.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "framework/probe/smtp_greeting.hpp"
#include "tests/fuzz/require.hpp"

using namespace certctl;

namespace {

struct Talk {
  std::string said;
  std::string refusal;
  bool done = false;
};

// A server waits for each answer: its words come line by line when `lines`, else byte by byte.
Talk talk(const std::string& server, bool lines) {
  Talk result;
  probe::SmtpGreeting greeting("[127.0.0.1]");
  try {
    for (std::size_t at = 0; at < server.size();) {
      const std::size_t end = lines ? std::min(server.find('\n', at), server.size() - 1) + 1 : at + 1;
      result.said += greeting.receive(std::string_view(server).substr(at, end - at));
      at = end;
    }
  } catch (const Failure& failure) {
    result.refusal = failure.error().message;
    fuzz::require(failure.error().code == "unreachable", "a refusal is `unreachable`");
    fuzz::require(result.refusal.find('\n') == std::string::npos, "a refusal is one line");
  }
  result.done = greeting.done() && result.refusal.empty();
  return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string server = fuzz::text_of(data, size);
  const Talk by_line = talk(server, true);
  Talk by_byte = talk(server, false);
  by_byte.said = fuzz::planted(by_byte.said);
  fuzz::require(by_line.said == by_byte.said && by_line.done == by_byte.done, "where it is split does not matter");
  const std::string all = "EHLO [127.0.0.1]\r\nSTARTTLS\r\n";
  fuzz::require(all.compare(0, by_line.said.size(), by_line.said) == 0, "only these two commands are said");
  fuzz::require(!by_line.done || by_line.said == all, "done after both");
  return 0;
}
