#include "framework/devca/faults.hpp"

#include <certctl/result.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace certctl::devca {
namespace {

constexpr std::array<std::string_view, 12> kAnyOperation = {"http-500", "http-404",  "html",     "empty",
                                                            "garbage",  "truncated", "hang",     "close",
                                                            "slow",     "endless",   "redirect", "wrong-type"};
constexpr std::array<std::string_view, 3> kCaCert = {"wrong-ca", "reversed", "as-pem"};
constexpr std::array<std::string_view, 38> kPki = {"drop-success",
                                                   "late-500",
                                                   "pending-forever",
                                                   "refuse",
                                                   "refuse-17",
                                                   "no-17",
                                                   "wrong-nonce",
                                                   "missing-nonce",
                                                   "no-sender-nonce",
                                                   "wrong-transaction",
                                                   "missing-transaction",
                                                   "bad-signature",
                                                   "unknown-signer",
                                                   "no-certificates",
                                                   "combined-oid",
                                                   "no-content-type",
                                                   "no-message-digest",
                                                   "absent-content",
                                                   "zero-byte",
                                                   "bad-status",
                                                   "bad-fail-info",
                                                   "bad-message-type",
                                                   "des-reply",
                                                   "des3-reply",
                                                   "sha1",
                                                   "md5",
                                                   "other-key",
                                                   "ca-true",
                                                   "expired",
                                                   "not-yet-valid",
                                                   "short",
                                                   "repeated-serial",
                                                   "old-certificate",
                                                   "extra-names",
                                                   "wildcard",
                                                   "no-names",
                                                   "wrong-subject",
                                                   "unchained"};
constexpr std::array<std::string_view, 3> kPkiMore = {"root-first", "empty-success", "http-400"};

template <class List>
bool holds(const List& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
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
  const bool pki = fault.operation == "pki";
  const bool known_operation =
      pki || fault.operation == "caps" || fault.operation == "cacert" || fault.operation == "nextca";
  const bool known = holds(kAnyOperation, rest) || (fault.operation == "cacert" && holds(kCaCert, rest)) ||
                     (pki && (holds(kPki, rest) || holds(kPkiMore, rest)));
  if (!known_operation || !known)
    throw Failure::never("usage", "there is no fault '" + std::string(text) + "'",
                         "see the README of certctl-devca: [caps/|cacert/|nextca/|pki/]NAME[:COUNT]");
  return fault;
}

std::string print_fault(const Fault& fault) {
  return fault.operation + "/" + fault.name + (fault.count < 0 ? "" : ":" + std::to_string(fault.count));
}

bool Faults::hit(std::string_view name) {
  for (const Fault& fault : all_)
    if (fault.operation == operation_ && fault.name == name && fault.count != 0) {
      happened_.insert(fault.name);
      return true;
    }
  return false;
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
