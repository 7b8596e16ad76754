#include "enrollers/scep/protocol/http_answer.hpp"

#include "enrollers/scep/protocol/display_text.hpp"

namespace certctl::scep {
namespace {

std::string_view text_of(crypto::BytesView body) {
  return {reinterpret_cast<const char*>(body.data()), body.size()};
}

}  // namespace

bool looks_like_page(const HttpAnswer& answer) {
  const std::string_view text = text_of(answer.body);
  const std::size_t start = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  return answer.content_type.find("html") != std::string_view::npos ||
         (start != std::string_view::npos && text[start] == '<');
}

std::string status_text(const HttpAnswer& answer) {
  std::string text = "HTTP " + std::to_string(answer.status);
  if (const std::string reason = display_line(answer.reason); !reason.empty()) text += " " + reason;
  return text;
}

std::string describe_non_scep(const HttpAnswer& answer, std::string_view what) {
  const bool page = looks_like_page(answer);
  std::string message =
      "the server answered " + std::string(what) + " with " + (page ? "a web page (" : "") + status_text(answer);
  if (page) return message + ")";
  if (answer.status >= 200 && answer.status < 300) {
    if (answer.body.empty()) return message + " and an empty body";
    message += " and " + std::to_string(answer.body.size()) + " bytes that are no SCEP message";
    if (const std::string type = display_line(answer.content_type, 60); !type.empty())
      message += " (content type " + type + ")";
    return message;
  }
  if (const std::string body = display_line(text_of(answer.body).substr(0, 800)); !body.empty())
    message += ": \"" + body + "\"";
  return message;
}

}  // namespace certctl::scep
