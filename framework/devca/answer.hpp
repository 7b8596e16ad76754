// What the server says over HTTP, and how.
#pragma once

#include <certctl/types.hpp>

#include <string>
#include <string_view>

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
  std::string content_type = "text/plain";
  Bytes body;
  bool redirects_to_itself = false;
  Manner manner = Manner::whole;
};

inline Answer text_answer(int status, std::string_view text) {
  Answer answer;
  answer.status = status;
  answer.body.assign(text.begin(), text.end());
  return answer;
}

}  // namespace certctl::devca
