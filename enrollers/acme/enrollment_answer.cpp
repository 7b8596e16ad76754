// What the order gave: the certificate, one of its chains, and which CA vouches for it.
#include "enrollers/acme/enrollment.hpp"
#include "enrollers/acme/names.hpp"
#include "enrollers/acme/protocol/words.hpp"
#include "framework/sys/printable.hpp"

#include <algorithm>

namespace certctl::acme {
namespace {

constexpr std::size_t kMostCertificates = 32;
constexpr std::size_t kMostChains = 8;

using Chain = std::vector<crypto::Certificate>;

}  // namespace

std::vector<crypto::Certificate> Enrollment::parse_chain(const HttpReply& reply) const {
  Chain chain;
  try {
    chain = crypto::Certificate::all_from_pem({reinterpret_cast<const char*>(reply.body.data()), reply.body.size()});
  } catch (const Failure& failure) {
    throw unreadable(reply, "the certificate", failure.error().message);
  }
  if (chain.empty() || chain.size() > kMostCertificates)
    throw unreadable(reply, "the certificate",
                     chain.empty() ? "no certificate in PEM" : "more certificates than a chain has");
  return chain;
}

// ACME-018
std::vector<std::vector<crypto::Certificate>> Enrollment::fetch_chains(const Order& order) {
  const HttpReply first = client_.post(order.certificate, {}, "the certificate", std::string(kTypeChain));
  std::vector<Chain> chains{parse_chain(first)};
  for (const std::string& header : first.links)
    for (const std::string& url : alternate_links(header)) {
      if (chains.size() == kMostChains) break;
      try {
        chains.push_back(parse_chain(client_.post(url, {}, "another chain", std::string(kTypeChain))));
      } catch (const Failure& failure) {
        warn("another chain of the certificate cannot be fetched: " + failure.error().message);
      }
    }
  return chains;
}

bool Enrollment::preferred(const std::vector<crypto::Certificate>& chain) const {
  if (settings_.preferred_chain.empty()) return false;
  const std::string wanted = lower_case(settings_.preferred_chain);
  const std::string issuer = lower_case(chain.back().issuer_text());
  if (issuer == "cn=" + wanted || issuer.starts_with("cn=" + wanted + ",") || issuer == wanted) return true;
  std::string hex = wanted.starts_with("sha256:") ? wanted.substr(7) : wanted;
  hex.erase(std::remove(hex.begin(), hex.end(), ':'), hex.end());
  return std::any_of(chain.begin() + 1, chain.end(),
                     [&](const crypto::Certificate& one) { return one.fingerprint() == "sha256:" + hex; });
}

// Nothing, and why: no CA that is trusted vouches for this chain.
std::optional<trust::TrustedSet> Enrollment::trusted(const std::vector<crypto::Certificate>& chain,
                                                     const Transaction& transaction, std::string* why) {
  const auto now = host_.clock_trusted() ? std::optional(host_.now()) : std::nullopt;
  try {
    trust::TrustedSet set = trust::apply_pin(settings_.pin, chain, transaction.first_use, now,
                                             crypto::Certificate::each_from_pem(request_.vouched_pem));
    if (trust::chains_to(chain.front(), chain, set.anchors, std::nullopt)) return set;
    *why = "the certificate does not lead to a trusted CA";
  } catch (const Failure& failure) {
    if (failure.error().code != "ca-not-trusted") throw;
    *why = failure.error().message;
  }
  return std::nullopt;
}

EnrollOutcome Enrollment::download(Transaction& transaction, const Order& order) {
  if (order.certificate.empty())
    throw Failure("not-acme", "the order is valid, and names no certificate", "ask the operator of the CA");
  std::vector<Chain> chains = fetch_chains(order);
  const auto prefers =
      std::stable_partition(chains.begin(), chains.end(), [&](const Chain& chain) { return preferred(chain); });
  if (!settings_.preferred_chain.empty() && prefers == chains.begin())
    warn("no chain of the certificate is the preferred one: " + sys::printable(settings_.preferred_chain));
  const Chain* chain = &chains.front();
  std::optional<trust::TrustedSet> set;
  std::string why;
  std::string first_why;
  for (const Chain& one : chains) {
    set = trusted(one, transaction, &why);
    if (set) chain = &one;
    if (set) break;
    if (first_why.empty()) first_why = why;
  }
  EnrollOutcome outcome;
  if (set) {
    for (std::string& warning : set->warnings) warn(std::move(warning));
    if (set->first_use) memory_.first_use = *set->first_use;
  } else {
    // It goes to the engine without an anchor, which refuses it and keeps the pair: the CA has issued it after all.
    warn(first_why);
  }
  outcome = outcome_of(EnrollState::issued, transaction);
  outcome.certificate_pem = chain->front().to_pem();
  for (auto one = chain->begin() + 1; one != chain->end(); ++one) outcome.ca_set_pem.push_back(one->to_pem());
  if (set)
    for (const crypto::Certificate& anchor : set->anchors) {
      outcome.anchors_pem.push_back(anchor.to_pem());
      if (std::find(chain->begin(), chain->end(), anchor) == chain->end())
        outcome.ca_set_pem.push_back(anchor.to_pem());
    }
  return outcome;
}

EnrollOutcome Enrollment::rejected(Transaction& transaction, Error reason) {
  withdraw(transaction);
  EnrollOutcome outcome = outcome_of(EnrollState::rejected, transaction);
  outcome.reason = std::move(reason);
  return outcome;
}

EnrollOutcome Enrollment::outcome_of(EnrollState state, const Transaction& transaction) {
  EnrollOutcome outcome;
  outcome.state = state;
  outcome.display = "request " + transaction.id;
  if (!transaction.order_url.empty()) {
    const std::string& url = transaction.order_url;
    outcome.display += ", order " + sys::printable_start(url.substr(url.rfind('/') + 1), 80);
  }
  if (state == EnrollState::pending && !unproved_.empty()) {
    outcome.display += "; " + unproved_;
    warn(unproved_);
  }
  outcome.warnings = std::move(warnings_);
  warnings_.clear();
  if (const std::string text = memory_text(memory_); !text.empty()) outcome.memory = text;
  return outcome;
}

}  // namespace certctl::acme
