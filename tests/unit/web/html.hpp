// What the tests of the page share.
#pragma once

#include <string>

namespace web_test {

inline bool has(const std::string& html, const char* words) {
  return html.find(words) != std::string::npos;
}

}  // namespace web_test
