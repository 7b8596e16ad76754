#include "framework/devca/http_faults.hpp"

#include "enrollers/scep/protocol/query.hpp"
#include "framework/crypto/random.hpp"
#include "framework/devca/raw_answer.hpp"

#include <array>
#include <string>

namespace certctl::devca {
namespace {

constexpr std::array<std::string_view, 26> kHttpFaultNames = {
    "http-500",    "http-404",      "http-401",   "http-414",    "http-502",  "http-204",   "html",
    "empty",       "garbage",       "truncated",  "hang",        "close",     "slow",       "endless",
    "redirect",    "redirect-file", "wrong-type", "no-type",     "odd-type",  "octet-type", "retry-zero",
    "retry-minus", "retry-huge",    "retry-past", "retry-words", "retry-soon"};

constexpr std::size_t kGarbage = 600;

Answer page(int status) {
  Answer answer = text_answer(status, "<!DOCTYPE html><html><title>Login</title><body>Please log in.</body></html>\n");
  answer.content_type = "text/html";
  return answer;
}

Answer binary(Bytes body) {
  Answer answer;
  answer.content_type = scep::kContentTypeMessage;
  answer.body = std::move(body);
  return answer;
}

Answer unavailable(const std::string& retry_after) {
  Answer answer = text_answer(503, "come again\n");
  answer.headers.emplace_back("Retry-After", retry_after);
  return answer;
}

}  // namespace

std::span<const std::string_view> http_faults() {
  return kHttpFaultNames;
}

bool replace_answer(Faults& faults, Answer& answer) {
  const auto in_manner = [](Manner manner) {
    Answer result;
    result.manner = manner;
    return result;
  };
  if (faults.hit("http-500"))
    answer = text_answer(500, "{\"error\": \"something failed, as ordered by a fault\"}");
  else if (faults.hit("http-404"))
    answer = text_answer(404, "not here, as ordered by a fault\n");
  else if (faults.hit("http-401"))
    answer = text_answer(401, "who are you?\n");
  else if (faults.hit("http-414"))
    answer = text_answer(414, "too long for a URL\n");
  else if (faults.hit("http-502"))
    answer = page(502);
  else if (faults.hit("http-204"))
    answer = text_answer(204, "");
  else if (faults.hit("html"))
    answer = page(200);
  else if (faults.hit("empty"))
    answer = binary({});
  else if (faults.hit("garbage"))
    answer = binary(crypto::random_bytes(kGarbage));
  else if (faults.hit("hang"))
    answer = in_manner(Manner::hang);
  else if (faults.hit("close"))
    answer = in_manner(Manner::close);
  else if (faults.hit("endless"))
    answer = in_manner(Manner::endless);
  else if (faults.hit("redirect")) {
    answer = text_answer(302, "");
    answer.redirects_to_itself = true;
  } else if (faults.hit("redirect-file")) {
    answer = text_answer(302, "");
    answer.headers.emplace_back("Location", "file:///etc/hostname");
  } else if (faults.hit("retry-zero"))
    answer = unavailable("0");
  else if (faults.hit("retry-minus"))
    answer = unavailable("-1");
  else if (faults.hit("retry-huge"))
    answer = unavailable("1000000000000");
  else if (faults.hit("retry-past"))
    answer = unavailable("Thu, 01 Jan 1970 00:00:00 GMT");
  else if (faults.hit("retry-words"))
    answer = unavailable("soon, perhaps");
  else if (faults.hit("retry-soon"))
    answer = unavailable("120");
  else if (faults.hit("not-http"))
    answer.framing = "not-http";
  else if (faults.hit("gzip-bomb"))
    answer.framing = "gzip-bomb";
  else if (faults.hit("hostile-reason")) {
    answer = text_answer(500, "no\n");
    answer.framing = "hostile-reason";
    answer.reason =
        "\x1b[2J\x1b]0;owned\x07 $(reboot) \xe2\x80\xae"
        "desrever <script>alert(1)</script>";
  } else
    return false;
  return true;
}

void spoil_answer(Faults& faults, Answer& answer) {
  if (faults.hit("truncated")) answer.manner = Manner::truncated;
  if (faults.hit("slow")) answer.manner = Manner::slow;
  if (faults.hit("wrong-type")) answer.content_type = "text/plain";
  if (faults.hit("no-type")) answer.content_type.clear();
  if (faults.hit("octet-type")) answer.content_type = "application/octet-stream";
  if (faults.hit("odd-type")) {
    for (char& c : answer.content_type)
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    answer.content_type += " ; charset=UTF-8";
  }
  for (const std::string_view name : framing_faults())
    if (faults.hit(name)) answer.framing = name;
}

}  // namespace certctl::devca
