// Times, addresses and headers.
#include "enrollers/acme/protocol/messages.hpp"

#include <algorithm>

namespace certctl::acme {
namespace {

constexpr std::size_t kMostLinks = 16;

// So many digits at the front, which are taken away.
std::optional<int> number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

}  // namespace

std::optional<TimePoint> parse_time(std::string_view text) {
  const auto year = number(text, 4);
  if (!year || !take(text, "-")) return std::nullopt;
  const auto month = number(text, 2);
  if (!month || !take(text, "-")) return std::nullopt;
  const auto day = number(text, 2);
  if (!day || !take(text, "Tt ")) return std::nullopt;
  const auto hour = number(text, 2);
  if (!hour || !take(text, ":")) return std::nullopt;
  const auto minute = number(text, 2);
  if (!minute || !take(text, ":")) return std::nullopt;
  const auto second = number(text, 2);
  if (!second) return std::nullopt;
  if (take(text, ".")) {
    if (!number(text, 1)) return std::nullopt;
    while (number(text, 1)) {
    }
  }
  int offset = 0;
  if (!take(text, "Zz")) {
    const bool west = !text.empty() && text.front() == '-';
    if (!take(text, "+-")) return std::nullopt;
    const auto hours = number(text, 2);
    if (!hours || !take(text, ":")) return std::nullopt;
    const auto minutes = number(text, 2);
    if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
    offset = (west ? -1 : 1) * (*hours * 60 + *minutes);
  }
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!text.empty() || !date.ok() || *year < 1970 || *year > 2200 || *hour > 23 || *minute > 59 || *second > 60)
    return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute - offset) +
         std::chrono::seconds(*second);
}

std::optional<std::string> origin_of(std::string_view url) {
  const std::string start = lower_case(url.substr(0, 8));
  const std::size_t host = start == "https://" ? 8 : start.starts_with("http://") ? 7 : 0;
  if (host == 0 || std::any_of(url.begin(), url.end(),
                               [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F || c == '\\'; }))
    return std::nullopt;
  const std::string_view authority = url.substr(host, std::min(url.find_first_of("/?#", host), url.size()) - host);
  if (authority.empty() || authority.find('@') != std::string_view::npos) return std::nullopt;
  std::string origin = start.substr(0, host) + lower_case(authority);
  // RFC 9110 §4.2.3
  const std::string_view usual = host == 8 ? ":443" : ":80";
  if (origin.ends_with(usual)) origin.resize(origin.size() - usual.size());
  return origin;
}

std::vector<std::string> alternate_links(std::string_view header) {
  std::vector<std::string> found;
  while (found.size() < kMostLinks) {
    const std::size_t open = header.find('<');
    const std::size_t close = header.find('>', open);
    if (open == std::string_view::npos || close == std::string_view::npos) break;
    const std::string_view address = header.substr(open + 1, close - open - 1);
    header.remove_prefix(close + 1);
    const std::string parameters = lower_case(header.substr(0, header.find('<')));
    const std::size_t relation = parameters.find("rel=");
    if (relation == std::string::npos) continue;
    std::string_view word = std::string_view(parameters).substr(relation + 4);
    if (!word.empty() && word.front() == '"') word.remove_prefix(1);
    if (word.starts_with("alternate") && origin_of(address)) found.emplace_back(address);
  }
  return found;
}

}  // namespace certctl::acme
