#include "enrollers/acme/enrollment.hpp"

#include "enrollers/acme/account.hpp"
#include "enrollers/acme/protocol/base64url.hpp"
#include "enrollers/acme/protocol/jws.hpp"
#include "enrollers/acme/protocol/renewal_info.hpp"
#include "enrollers/acme/protocol/words.hpp"
#include "framework/crypto/csr.hpp"
#include "framework/crypto/digest.hpp"
#include "framework/sys/printable.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace certctl::acme {
namespace {

using Json = nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kIdDigits = 32;
constexpr std::size_t kMostAuthorizations = 100;
constexpr std::size_t kShownName = 200;

std::string printed(const Json& json) {
  return json.dump(-1, ' ', true, Json::error_handler_t::replace);
}

}  // namespace

Enrollment::Enrollment(const Settings& settings, Transport& transport, const crypto::Key& account_key,
                       const EnrollRequest& request, EnrollHost& host)
    : settings_(settings),
      transport_(transport),
      request_(request),
      host_(host),
      client_(settings, transport, account_key),
      challenges_(settings, transport, host),
      memory_(memory_from(request.memory)) {}

void Enrollment::save(const Transaction& transaction, Checkpoint state) {
  host_.checkpoint(token_of(transaction), state, transaction.id).value();
}

// No certificate can come of this order any more: the next run makes another one, and nothing is in doubt.
void Enrollment::end(Transaction& transaction) {
  withdraw(transaction);
  transaction.order_url.clear();
  save(transaction, Checkpoint::not_sent);
}

// --- beginning ---

// ACME-016
void Enrollment::make_request(Transaction& transaction) {
  Carried carried = carry(request_.wanted, settings_.drop_subject);
  for (std::string& warning : carried.warnings) warn(std::move(warning));
  transaction.identifiers = std::move(carried.identifiers);
  transaction.csr = crypto::build_csr(carried.request, crypto::Key::from_borrowed(request_.key), Secret());
  transaction.id = crypto::sha256_hex(crypto::BytesView(transaction.csr)).substr(0, kIdDigits);
  transaction.first_use = memory_.first_use;
}

EnrollOutcome Enrollment::begin() {
  Transaction transaction;
  make_request(transaction);
  return begin_with(std::move(transaction));
}

EnrollOutcome Enrollment::begin_with(Transaction transaction) {
  const auto& profiles = client_.directory().profiles;
  if (!settings_.certificate_profile.empty() &&
      std::find(profiles.begin(), profiles.end(), settings_.certificate_profile) == profiles.end()) {
    std::string names;
    for (const std::string& name : profiles)
      names += (names.empty() ? "" : ", ") + sys::printable_start(name, kShownName);
    throw Failure::never("profile-unknown", "the server has no profile `" + settings_.certificate_profile + "`",
                         names.empty() ? "it has none at all: leave `certificate_profile` out" : "it has: " + names);
  }
  save(transaction, Checkpoint::about_to_send);
  Look look;
  try {
    enter(transaction, false);
    look = place_order(transaction);
  } catch (const Refused& refused) {
    if (refused.error().retry == RetryClass::never) return rejected(transaction, refused.error());
    end(transaction);
    throw;
  } catch (const Failure&) {
    // An order is no request for a certificate before it is finalized: one that the server may have made expires.
    end(transaction);
    throw;
  }
  return follow(transaction, std::move(look));
}

// ACME-007
void Enrollment::enter(Transaction& transaction, bool again) {
  const std::string mark = account_mark(settings_, client_.key());
  const bool known = !again && memory_.account_of == mark;
  enter_account(settings_, client_, known ? memory_.account_url : std::string(), host_);
  memory_.account_url = transaction.account_url = client_.account();
  memory_.account_of = mark;
}

// ACME-024. Of a renewal only, and where the server has a use for it.
std::string Enrollment::predecessor() {
  if (!settings_.renewal_info || request_.action != EnrollAction::renew || request_.current == nullptr ||
      client_.directory().renewal_info.empty())
    return {};
  return certificate_id(crypto::Certificate::from_pem(request_.current->certificate_pem));
}

std::string Enrollment::order_text(const Transaction& transaction, const std::string& predecessor) const {
  Json identifiers = Json::array();
  for (const Identifier& one : transaction.identifiers)
    identifiers.push_back(Json{{"type", one.type}, {"value", one.value}});
  Json order{{"identifiers", identifiers}};
  if (!settings_.certificate_profile.empty()) order["profile"] = settings_.certificate_profile;
  if (!predecessor.empty()) order["replaces"] = predecessor;
  return printed(order);
}

HttpReply Enrollment::post_order(Transaction& transaction) {
  const std::string& url = client_.directory().new_order;
  const std::string old = predecessor();
  bool entered_again = false;
  for (bool names_old = !old.empty();;) {
    try {
      return client_.post(url, order_text(transaction, names_old ? old : std::string()), "the order");
    } catch (const Refused& refused) {
      if (refused.kind() == "accountDoesNotExist" && !entered_again) {
        entered_again = true;
        host_.log(LogLevel::warning, "the server does not know the account any more; it is registered again");
        enter(transaction, true);
        continue;
      }
      // Whatever the server has against the predecessor: a renewal must not fail because of it.
      if (!names_old || refused.kind() == "rateLimited" || refused.kind() == "userActionRequired" ||
          refused.status() >= 500)
        throw;
      host_.log(LogLevel::info, "the server takes no predecessor: " + refused.error().message);
      names_old = false;
    }
  }
}

// ACME-009
Enrollment::Look Enrollment::place_order(Transaction& transaction) {
  const HttpReply reply = post_order(transaction);
  if (!origin_of(reply.location)) throw unreadable(reply, "the order", "no address of the order");
  client_.check_origin(reply.location);  // what is kept is asked again by every run
  transaction.order_url = reply.location;
  save(transaction, Checkpoint::awaiting);
  return read_order(transaction, reply);
}

Enrollment::Look Enrollment::read_order(const Transaction& transaction, const HttpReply& reply) const {
  Look look;
  try {
    look.order = parse_order(reply.body);
  } catch (const Failure& failure) {
    throw unreadable(reply, "the order", failure.error().message);
  }
  look.retry_after = reply.retry_after;
  const auto known = [&](const Identifier& one) {
    return std::any_of(transaction.identifiers.begin(), transaction.identifiers.end(),
                       [&](const Identifier& ours) { return same_identifier(one, ours); });
  };
  if (look.order.authorizations.size() > kMostAuthorizations ||
      !std::all_of(look.order.identifiers.begin(), look.order.identifiers.end(), known))
    throw unreadable(reply, "the order", "it is another one than was asked for");
  return look;
}

Enrollment::Look Enrollment::look_at(const Transaction& transaction) {
  return read_order(transaction, client_.read(transaction.order_url, "the order"));
}

// --- again ---

EnrollOutcome Enrollment::resume(const std::string& token, ResumeReason reason) {
  Transaction transaction = transaction_from(token);
  if (memory_.first_use.empty()) memory_.first_use = transaction.first_use;
  last_poll_ = reason == ResumeReason::last_poll;
  if (transaction.order_url.empty()) {
    if (last_poll_) return outcome_of(EnrollState::pending, transaction);
    return begin_with(std::move(transaction));
  }
  client_.set_account(transaction.account_url);
  memory_.account_url = transaction.account_url;
  memory_.account_of = account_mark(settings_, client_.key());
  Look look;
  try {
    look = look_at(transaction);
  } catch (const Refused& refused) {
    const bool gone = refused.status() == 404 || refused.status() == 410 || refused.kind() == "accountDoesNotExist" ||
                      refused.kind() == "malformed";
    if (!gone || last_poll_) throw;
    host_.log(LogLevel::warning, "the open order is gone, another one is made: " + refused.error().message);
    withdraw(transaction);
    transaction.order_url.clear();
    memory_.account_url.clear();
    return begin_with(std::move(transaction));
  }
  return follow(transaction, std::move(look));
}

// --- the order ---

EnrollOutcome Enrollment::follow(Transaction& transaction, Look look) {
  for (int looks = 0;; ++looks) {
    if (Ended ended = step(transaction, look)) return std::move(*ended);
    // ACME-017
    const seconds usual{std::min(looks + 1, 3)};
    const milliseconds next = look.retry_after.count() > 0 ? look.retry_after : usual;
    if (last_poll_ || waited_ + next > settings_.wait) {
      save(transaction, Checkpoint::awaiting);
      EnrollOutcome outcome = outcome_of(EnrollState::pending, transaction);
      outcome.transaction_id = transaction.id;
      if (look.retry_after.count() > 0) outcome.poll_after = look.retry_after;
      return outcome;
    }
    transport_.pause(next);
    waited_ += next;
    const Status before = look.order.status;
    look = look_at(transaction);
    if (look.order.status != before) looks = -1;
  }
}

Enrollment::Ended Enrollment::step(Transaction& transaction, Look& look) {
  switch (look.order.status) {
    case Status::pending: answer_challenges(transaction, look.order); return std::nullopt;
    case Status::ready: withdraw(transaction); return finalize(transaction, look);
    case Status::processing: withdraw(transaction); return std::nullopt;
    case Status::valid: withdraw(transaction); return download(transaction, look.order);
    default: break;
  }
  return failed(transaction, look.order);
}

// P12: from here on the name is ours, whatever the server wrote.
Identifier Enrollment::ours(const Transaction& transaction, const Authorization& authorization) const {
  for (const Identifier& one : transaction.identifiers) {
    const bool wild = one.value.starts_with("*.");
    Identifier plain{one.type, wild ? one.value.substr(2) : one.value};
    // RFC 8555 §7.1.4: without the "*."; some servers leave it there.
    if (same_identifier(plain, authorization.identifier) || same_identifier(one, authorization.identifier))
      return plain;
  }
  throw Failure("not-acme",
                "the server wants to know about a name that was not asked for: " +
                    sys::printable_start(authorization.identifier.value, kShownName),
                "ask the operator of the CA");
}

// The answer is in the token before it is anywhere else: a run that is killed leaves nothing that the next one does not
// know.
void Enrollment::lay_out(Transaction& transaction, const Authorization& authorization, const Challenge& challenge) {
  const Presented answer{challenge.type, ours(transaction, authorization), challenge.token,
                         key_authorization(challenge.token, client_.key())};
  auto& all = transaction.presented;
  if (std::find(all.begin(), all.end(), answer) == all.end()) {
    all.push_back(answer);
    save(transaction, Checkpoint::awaiting);
  }
  challenges_.present(answer);
}

// ACME-010, ACME-015
void Enrollment::answer_challenges(Transaction& transaction, const Order& order) {
  std::vector<std::string> to_answer;
  unproved_.clear();
  for (const std::string& url : order.authorizations) {
    const HttpReply reply = client_.read(url, "an authorization");
    Authorization authorization;
    try {
      authorization = parse_authorization(reply.body);
    } catch (const Failure& failure) {
      throw unreadable(reply, "an authorization", failure.error().message);
    }
    if (authorization.status != Status::pending) continue;
    const Challenge* challenge = challenges_.choose(authorization);
    if (challenge == nullptr) {
      std::string offered;
      for (const Challenge& one : authorization.challenges) offered += (offered.empty() ? "" : ", ") + one.type;
      throw Failure::never("no-challenge",
                           "no challenge that is set up proves " + ours(transaction, authorization).value +
                               "; the server offers: " + sys::printable_start(offered, kShownName),
                           authorization.wildcard ? "a wildcard needs `dns_01`" : "set up one of these");
    }
    if (challenge->status != Status::pending && challenge->status != Status::processing) continue;
    // RFC 8555 §8.2: it has looked in vain, and may look again.
    if (challenge->error && unproved_.empty())
      unproved_ = not_proved(ours(transaction, authorization), *challenge, "not proved yet").message;
    lay_out(transaction, authorization, *challenge);
    if (challenge->status == Status::pending) to_answer.push_back(challenge->url);
  }
  if (to_answer.empty() || last_poll_) return;
  challenges_.wait_for_propagation();
  for (const std::string& url : to_answer) (void)client_.post(url, "{}", "a challenge");
}

void Enrollment::withdraw(Transaction& transaction) {
  if (transaction.presented.empty()) return;
  for (const Presented& one : transaction.presented) challenges_.withdraw(one);
  transaction.presented.clear();
  save(transaction, transaction.order_url.empty() ? Checkpoint::not_sent : Checkpoint::awaiting);
}

Enrollment::Ended Enrollment::finalize(Transaction& transaction, Look& look) {
  if (last_poll_) return std::nullopt;
  try {
    const HttpReply reply = client_.post(look.order.finalize, printed(Json{{"csr", base64url(transaction.csr)}}),
                                         "the request for the certificate");
    const Look now = read_order(transaction, reply);
    look.retry_after = now.retry_after;
    if (now.order.status == Status::valid) return download(transaction, now.order);
    if (now.order.status == Status::invalid) return failed(transaction, now.order);
    return std::nullopt;
  } catch (const Refused& refused) {
    if (refused.kind() == "orderNotReady") return std::nullopt;
    if (refused.error().retry == RetryClass::never) return rejected(transaction, refused.error());
    throw;
  }
}

Error Enrollment::not_proved(const Identifier& identifier, const Challenge& challenge, const std::string& how) const {
  return error_of(*challenge.error, "the name " + sys::printable_start(identifier.value, kShownName) + " is " + how +
                                        " (" + sys::printable_start(challenge.type, 40) + ")");
}

// The words about the challenge that failed, for they name it; or the order's own.
Error Enrollment::reason_of(const Order& order) {
  for (const std::string& url : order.authorizations) {
    try {
      const Authorization one = parse_authorization(client_.read(url, "an authorization").body);
      for (const Challenge& challenge : one.challenges) {
        if (!challenge.error) continue;
        Error error = not_proved(one.identifier, challenge, "not proved");
        // What is served there is wrong, not what the account may do.
        if (challenge.error->type == "unauthorized") {
          error.hint = "something else answers there: does the name lead to this machine?";
          error.retry = RetryClass::later;
        }
        return error;
      }
    } catch (const Failure& failure) {
      host_.log(LogLevel::info, failure.error().message);
    }
  }
  if (order.error) return error_of(*order.error, "the order failed");
  return {"order-refused", "the server ended the order without a reason", "ask the operator of the CA",
          RetryClass::never, seconds{0}};
}

EnrollOutcome Enrollment::failed(Transaction& transaction, const Order& order) {
  const Error reason = reason_of(order);
  if (reason.retry == RetryClass::never) return rejected(transaction, reason);
  end(transaction);
  throw Failure(reason);
}

}  // namespace certctl::acme
