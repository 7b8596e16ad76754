#include "enrollers/acme/problems.hpp"

#include "framework/sys/printable.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace certctl::acme {
namespace {

constexpr std::size_t kShownProblem = 300;
constexpr std::size_t kMostParts = 5;

std::string shown(std::string_view text) {
  std::string line;
  for (const char c : text.substr(0, 4 * kShownProblem)) {
    const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (blank && (line.empty() || line.back() == ' ')) continue;
    line += blank ? ' ' : c;
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return sys::printable_start(line, kShownProblem);
}

struct Advice {
  std::string_view type;
  RetryClass retry;
  std::string_view hint;
};

// ACME-020. In an order or challenge, and in an answer to a request, a type means the same.
constexpr std::array kAdvice = {
    Advice{"accountDoesNotExist", RetryClass::later, "the server has lost the account; it is registered again"},
    Advice{"alreadyRevoked", RetryClass::never, "the certificate is revoked already"},
    Advice{"badCSR", RetryClass::never, "the CA does not like what is asked for: `key` and `san` of the profile"},
    Advice{"badNonce", RetryClass::later, "the server takes none of its own nonces; ask its operator"},
    Advice{"badPublicKey", RetryClass::never, "the CA does not take keys of this kind: change `key` of the profile"},
    Advice{"badSignatureAlgorithm", RetryClass::never,
           "the server does not take the account's kind of key: set `account_key_type`, and another `account_key`"},
    Advice{"caa", RetryClass::never, "a CAA record in the DNS forbids this CA to certify the name"},
    Advice{"connection", RetryClass::later,
           "the server cannot reach what answers the challenge: port 80 (http-01) or 443 (tls-alpn-01) must be open "
           "from outside"},
    Advice{"dns", RetryClass::later,
           "the name, or its _acme-challenge record, is not in the DNS as the server sees it"},
    Advice{"externalAccountRequired", RetryClass::never,
           "this CA wants accounts bound to one of its own: set `eab_kid` and `eab_key`"},
    Advice{"incorrectResponse", RetryClass::later,
           "something else answers there: does the name lead to this machine, and the web server serve the webroot?"},
    Advice{"invalidContact", RetryClass::never, "correct `contact`"},
    Advice{"invalidProfile", RetryClass::never, "correct `certificate_profile`"},
    Advice{"malformed", RetryClass::never, "the server does not understand what is asked for"},
    Advice{"orderNotReady", RetryClass::later, "the order is looked at again"},
    Advice{"rateLimited", RetryClass::later, "the server wants to be left alone; nothing is ordered before that"},
    Advice{"rejectedIdentifier", RetryClass::never, "the CA does not certify this name: its words say why"},
    Advice{"serverInternal", RetryClass::later, "the server failed; if it stays so, ask the operator of the CA"},
    Advice{"tls", RetryClass::later, "TLS at port 443 of the name does not answer as it must: is it this machine?"},
    Advice{"unauthorized", RetryClass::never,
           "the account may not do this: is it deactivated, are `eab_kid` and `eab_key` right?"},
    Advice{"unsupportedContact", RetryClass::never, "correct `contact`"},
    Advice{"unsupportedIdentifier", RetryClass::never, "the CA does not certify names of this kind"},
    Advice{"userActionRequired", RetryClass::never, "somebody has to act: look at the address that the server gives"},
};

const Advice* advice_for(std::string_view type) {
  const auto* it = std::find_if(kAdvice.begin(), kAdvice.end(), [&](const Advice& one) { return one.type == type; });
  return it == kAdvice.end() ? nullptr : it;
}

// "badCSR" is "bad-csr" for programs.
std::string code_of(std::string_view type) {
  std::string code = "acme";
  for (std::size_t i = 0; i < type.size() && i < 40; ++i) {
    const char c = type[i];
    const bool upper = c >= 'A' && c <= 'Z';
    const bool after_upper = i > 0 && type[i - 1] >= 'A' && type[i - 1] <= 'Z';
    if (!upper && !(c >= 'a' && c <= 'z')) return "acme-problem";
    if (i == 0 || (upper && !after_upper)) code += '-';
    code += upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return type.empty() ? "acme-problem" : code;
}

std::string words_of(const Problem& problem) {
  std::string words = shown(problem.detail.empty() ? problem.type : problem.detail);
  if (!problem.type.empty() && !problem.detail.empty()) words += " (" + shown(problem.type) + ")";
  for (std::size_t i = 0; i < problem.parts.size() && i < kMostParts; ++i) words += "; " + shown(problem.parts[i]);
  if (!problem.instance.empty()) words += "; see " + shown(problem.instance);
  return words;
}

std::string status_text(const HttpReply& reply) {
  return "HTTP " + std::to_string(reply.status) + (reply.reason.empty() ? "" : " " + reply.reason);
}

}  // namespace

Error error_of(const Problem& problem, const std::string& what) {
  const Advice* advice = advice_for(problem.type);
  return {code_of(problem.type), what + ": " + words_of(problem), advice == nullptr ? "" : std::string(advice->hint),
          advice == nullptr ? RetryClass::later : advice->retry, std::chrono::seconds{0}};
}

Refused refusal_of(const HttpReply& reply, const std::string& what) {
  const auto problem = parse_problem(reply.body);
  Error error;
  if (problem) {
    error = error_of(*problem, "the server refuses " + what);
    if (advice_for(problem->type) == nullptr && reply.status < 500 && reply.status != 429)
      error.retry = RetryClass::never;
  } else {
    const bool passes = reply.status >= 500 || reply.status == 408 || reply.status == 425 || reply.status == 429;
    error = {"http-error", "the server answers " + what + " with " + status_text(reply) + " and no ACME problem",
             "check `url`: it must be the address of an ACME directory", passes ? RetryClass::later : RetryClass::never,
             std::chrono::seconds{0}};
  }
  // ACME-019
  if (error.retry == RetryClass::later && reply.retry_after.count() > 0) {
    error.retry = RetryClass::after;
    error.delay = reply.retry_after;
  }
  return {std::move(error), problem ? problem->type : std::string(), reply.status};
}

Failure unreadable(const HttpReply& reply, const std::string& what, const std::string& why) {
  return Failure("not-acme",
                 "the server's answer to " + what + " cannot be read: " + why + " (" + status_text(reply) +
                     (reply.content_type.empty() ? "" : ", " + reply.content_type) + ")",
                 "check `url`: it must be the address of an ACME directory");
}

}  // namespace certctl::acme
