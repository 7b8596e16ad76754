#include "framework/compat/router_app/items.hpp"

#include <certctl/result.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "framework/config/text_check.hpp"
#include "framework/crypto/alt_name.hpp"
#include "framework/crypto/name.hpp"

namespace certctl::router_app {
namespace {

constexpr int kSmallestKey = 2048;  // what certctl makes at least

constexpr std::array kItems = {
    Item{"ENABLED", "Enable Automation", "", ItemKind::flag, "0", 0, 0},
    Item{"SERVER_URL", "Server URL", "", ItemKind::line, "", 0, 1000},
    Item{"RENEW_DAYS", "Renew day", "days before the end", ItemKind::number, "30", 1, 3650},
    Item{"AWAIT_RESULT", "Await Result", "sec", ItemKind::number, "60", 1, 86400},
    Item{"MAX_AWAIT_RESULT", "Max Await Result", "min", ItemKind::number, "60", 0, 43200},
    Item{"LEGACY_CIPHERS", "Enable Legacy Ciphers", "", ItemKind::flag, "0", 0, 0},
    Item{"KEY_SIZE", "Key Size", "bits", ItemKind::number, "2048", 512, 8192},
    Item{"SUBJECT", "Certificate Subject", "SN stands for the router's serial number", ItemKind::line, "/CN=router-SN",
         0, 1000},
    Item{"ALT_NAME", "Alternative Name", "optional", ItemKind::line, "", 0, 2000},
    Item{"TEMPLATE", "Certificate Template", "optional", ItemKind::line, "", 0, 200},
    Item{"DIGITAL_SIGNATURE", "Used for digital signature", "", ItemKind::flag, "1", 0, 0},
    Item{"KEY_ENCIPHERMENT", "Used for key encipherment", "", ItemKind::flag, "1", 0, 0},
    Item{"SERVER_AUTH", "Used for server authentication", "", ItemKind::flag, "0", 0, 0},
    Item{"CLIENT_AUTH", "Used for client authentication", "", ItemKind::flag, "1", 0, 0},
    Item{"SUCCESS_SCRIPT", "Success Script", "optional", ItemKind::script, "", 0, 4000},
    Item{"FAILURE_SCRIPT", "Failure Script", "optional", ItemKind::script, "", 0, 4000},
    // The old app had no such items; left empty they change nothing.
    Item{"CA_FINGERPRINT", "CA Fingerprint", "optional; which CA is trusted", ItemKind::line, "", 0, 1000},
    Item{"CHALLENGE_FILE", "Challenge Password File", "optional; path", ItemKind::line, "", 0, 1000},
    Item{"PAGE_HOSTS", "Names of the page", "optional; host names, besides addresses, under which this page is opened",
         ItemKind::line, "", 0, 1000},
};

std::optional<int> parse_number(const std::string& text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty() || text[0] == '-') return std::nullopt;
  return value;
}

std::string check_url(const std::string& url, bool needed) {
  if (url.empty()) return needed ? "is missing: write http:// and the address of the SCEP server" : "";
  const bool scheme = url.starts_with("http://") || url.starts_with("https://");
  const std::size_t host = url.find("://") + 3;
  if (!scheme || host >= url.size() || url[host] == '/') return "is not an http or https address";
  const bool odd = std::any_of(url.begin(), url.end(), [](char c) { return static_cast<unsigned char>(c) <= 0x20; });
  return odd ? "has a blank in it" : "";
}

// Failures of the parser carry the place.
template <class Parse>
std::string check_parsed(const Parse& parse) {
  try {
    parse();
    return "";
  } catch (const Failure& failure) {
    return failure.error().message;
  }
}

std::string check_fingerprints(const std::string& text) {
  const bool odd = text.find_first_not_of("0123456789abcdefABCDEFshaSHA:-, ") != std::string::npos;
  return odd ? "is not a fingerprint: write it in hexadecimal, like sha256:9f86d0…" : "";
}

std::string check_meaning(const Item& item, const std::string& value, const Values& values) {
  const std::string_view name = item.name;
  if (name == "SERVER_URL") return check_url(value, flag(values, "ENABLED"));
  if (name == "SUBJECT" && !value.empty()) return check_parsed([&] { (void)crypto::parse_subject(value); });
  if (name == "SUBJECT" && text(values, "ALT_NAME").empty()) return "is missing, and there is no alternative name";
  if (name == "ALT_NAME" && !value.empty()) return check_parsed([&] { (void)crypto::parse_alt_names(value); });
  if (name == "CA_FINGERPRINT") return check_fingerprints(value);
  if (name == "CHALLENGE_FILE" && !value.empty() && value[0] != '/') return "must be a path that begins with '/'";
  return "";
}

std::string check_form(const Item& item, const std::string& value) {
  if (!config::is_plain_text(value)) return "has control characters, or is not UTF-8";
  if (item.kind != ItemKind::script && value.find_first_of("\n\t") != std::string::npos) return "must be a single line";
  switch (item.kind) {
    case ItemKind::flag: return value.empty() || value == "0" || value == "1" ? "" : "must be 1 or 0";
    case ItemKind::number: {
      if (value.empty()) return "";
      const auto parsed = parse_number(value);
      if (!parsed || *parsed < item.least || *parsed > item.most)
        return "must be a number from " + std::to_string(item.least) + " to " + std::to_string(item.most);
      return "";
    }
    case ItemKind::line:
    case ItemKind::script: break;
  }
  if (static_cast<int>(value.size()) > item.most) return "has more than " + std::to_string(item.most) + " characters";
  return "";
}

const Item* find_item(std::string_view name) noexcept {
  const auto* it = std::find_if(kItems.begin(), kItems.end(), [&](const Item& item) { return name == item.name; });
  return it == kItems.end() ? nullptr : it;
}

}  // namespace

std::span<const Item> items() noexcept {
  return kItems;
}

Values initial_values() {
  Values values;
  for (const Item& item : kItems) values.emplace(item.name, item.initial);
  return values;
}

std::vector<ItemProblem> check_values(const Values& values) {
  std::vector<ItemProblem> problems;
  for (const Item& item : kItems) {
    const std::string& value = text(values, item.name);
    std::string problem = check_form(item, value);
    if (problem.empty()) problem = check_meaning(item, value, values);
    if (!problem.empty()) problems.push_back({&item, std::move(problem), true});
  }
  const auto size = parse_number(text(values, "KEY_SIZE"));
  if (size && *size < kSmallestKey) {
    problems.push_back(
        {find_item("KEY_SIZE"),
         "is less than " + std::to_string(kSmallestKey) + ": new keys have " + std::to_string(kSmallestKey) + " bits",
         false});
  }
  return problems;
}

bool usable(const std::vector<ItemProblem>& problems) noexcept {
  return std::none_of(problems.begin(), problems.end(), [](const ItemProblem& problem) { return problem.fatal; });
}

bool flag(const Values& values, std::string_view name) {
  return text(values, name) == "1";
}

int number(const Values& values, std::string_view name) {
  const Item* item = find_item(name);
  const std::string& value = text(values, name);
  const int parsed = parse_number(value.empty() && item != nullptr ? item->initial : value).value_or(0);
  return name == "KEY_SIZE" ? std::max(parsed, kSmallestKey) : parsed;
}

const std::string& text(const Values& values, std::string_view name) {
  static const std::string kNothing;
  const auto it = values.find(name);
  return it == values.end() ? kNothing : it->second;
}

}  // namespace certctl::router_app
