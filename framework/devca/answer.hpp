// What the server says over HTTP, and how.
#pragma once

#include <certctl/types.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace certctl::devca {

enum class Manner : int {
  whole,
  truncated,  // Content-Length promises more than comes
  hang,       // nothing ever comes
  close,      // the connection is closed without a reply
  slow,       // one byte a second
  endless,    // the body never ends
};

struct Answer {
  int status = 200;
  std::string reason;                                        // phrase of the status line; empty: the usual one
  std::string content_type = "text/plain";                   // empty: none
  std::vector<std::pair<std::string, std::string>> headers;  // further ones
  Bytes body;
  bool redirects_to_itself = false;
  Manner manner = Manner::whole;
  std::string framing;  // a name of framing_faults(): bytes on the wire that no HTTP library would send
};

inline Answer text_answer(int status, std::string_view text) {
  Answer answer;
  answer.status = status;
  answer.body.assign(text.begin(), text.end());
  return answer;
}

}  // namespace certctl::devca
