#include "framework/devca/faults.hpp"

#include "framework/devca/ca_set_faults.hpp"
#include "framework/devca/certificate_faults.hpp"
#include "framework/devca/enrollment.hpp"
#include "framework/devca/envelope_faults.hpp"
#include "framework/devca/est_faults.hpp"
#include "framework/devca/http_faults.hpp"
#include "framework/devca/message_faults.hpp"
#include "framework/devca/raw_answer.hpp"

#include <certctl/result.hpp>

#include <algorithm>
#include <charconv>
#include <span>

namespace certctl::devca {
namespace {

// Which families of faults an operation has; each family is listed where it is made.
std::vector<std::span<const std::string_view>> families_of(std::string_view operation) {
  if (operation == "caps") return {http_faults(), framing_faults(), capability_faults()};
  if (operation == "cacert") return {http_faults(), framing_faults(), ca_set_faults()};
  if (operation == "nextca") return {http_faults(), framing_faults(), next_ca_faults()};
  if (operation == "pki")
    return {http_faults(),    framing_faults(),  behaviour_faults(),
            message_faults(), envelope_faults(), certificate_faults()};
  if (operation == "cacerts") return {http_faults(), framing_faults(), ca_set_faults(), est_list_faults()};
  if (operation == "csrattrs") return {http_faults(), framing_faults(), est_attribute_faults()};
  if (operation == "est")
    return {http_faults(), framing_faults(), est_behaviour_faults(), est_list_faults(), certificate_faults()};
  if (operation == "serverkey")
    return {http_faults(), framing_faults(), est_behaviour_faults(), est_key_faults(), certificate_faults()};
  return {};
}

}  // namespace

Fault parse_fault(std::string_view text) {
  Fault fault;
  std::string_view rest = text;
  if (const auto slash = rest.find('/'); slash != std::string_view::npos) {
    fault.operation = rest.substr(0, slash);
    rest.remove_prefix(slash + 1);
  }
  if (const auto colon = rest.find(':'); colon != std::string_view::npos) {
    const std::string_view digits = rest.substr(colon + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), fault.count);
    if (error != std::errc{} || end != digits.data() + digits.size() || fault.count < 1)
      throw Failure::never("usage", "fault '" + std::string(text) + "': the count is no number above 0");
    rest = rest.substr(0, colon);
  }
  fault.name = rest;
  bool known = false;
  for (const auto& family : families_of(fault.operation))
    known = known || std::find(family.begin(), family.end(), rest) != family.end();
  if (!known)
    throw Failure::never(
        "usage", "there is no fault '" + std::string(text) + "'",
        "see the README of certctl-devca: [caps/|cacert/|nextca/|pki/|cacerts/|csrattrs/|est/|serverkey/]NAME[:COUNT]");
  return fault;
}

std::string print_fault(const Fault& fault) {
  return fault.operation + "/" + fault.name + (fault.count < 0 ? "" : ":" + std::to_string(fault.count));
}

bool Faults::is_set(std::string_view name) const {
  return std::any_of(all_.begin(), all_.end(), [&](const Fault& fault) {
    return fault.operation == operation_ && fault.name == name && fault.count != 0;
  });
}

bool Faults::hit(std::string_view name) {
  if (!is_set(name)) return false;
  happened_.emplace(name);
  return true;
}

std::vector<Fault> Faults::remaining() const {
  std::vector<Fault> left;
  for (Fault fault : all_) {
    if (fault.operation == operation_ && happened_.count(fault.name) != 0 && fault.count > 0) --fault.count;
    if (fault.count != 0) left.push_back(fault);
  }
  return left;
}

std::vector<Fault> read_faults(std::string_view text) {
  std::vector<Fault> faults;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty()) continue;
    try {
      faults.push_back(parse_fault(line));
    } catch (const Failure&) {
      continue;
    }
  }
  return faults;
}

std::string print_faults(const std::vector<Fault>& faults) {
  std::string text;
  for (const Fault& fault : faults) text += print_fault(fault) + "\n";
  return text;
}

}  // namespace certctl::devca
