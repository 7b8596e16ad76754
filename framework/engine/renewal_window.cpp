#include "framework/engine/renewal_window.hpp"

#include <algorithm>

#include "framework/engine/words.hpp"

namespace certctl::engine {
namespace {

// RFC 9773 §4.3: what is usual where the server's own interval is not known.
constexpr EpochSeconds kUsual = 6 * 3600;
constexpr EpochSeconds kAfterFailure = 3600;

EpochSeconds seconds_of(TimePoint time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

EpochSeconds wait_after(const Error& error) {
  switch (error.retry) {
    case RetryClass::after: return std::clamp(error.delay, kShortestHint, kLongestHint).count();
    case RetryClass::later: return kAfterFailure;
    case RetryClass::never: break;
  }
  return kUsual;
}

}  // namespace

EpochSeconds next_window_question(const ProfileSession& session) {
  const auto& active = session.active();
  const crypto::Certificate* certificate = session.active_certificate();
  if (!active || !active->whole || certificate == nullptr || !session.clock_trusted()) return 0;
  const Journal& journal = session.journal();
  const auto it = journal.generations.find(active->number);
  if (it == journal.generations.end()) return 0;
  const auto& own = session.issuer_hashes();
  const bool of_ours = std::find(own.begin(), own.end(), it->second.issuer_hash) != own.end();
  return window_question_of(it->second, of_ours, journal.request.open(), certificate->not_after_seconds(),
                            session.now());
}

EpochSeconds window_question_of(const GenerationRecord& record, bool issuer_is_ours, bool request_is_open,
                                EpochSeconds not_after, EpochSeconds now) {
  // One that is over, or about to be replaced, is of no interest to the issuer any more.
  if (record.window_question == 0 || !issuer_is_ours || request_is_open || not_after <= now) return 0;
  const bool from_the_future = record.window_question > now + 2 * kLongestHint.count();
  return from_the_future ? now : record.window_question;
}

// ACME-022, ACME-023
void ask_for_renewal_window(ProfileSession& session) {
  const EpochSeconds question = next_window_question(session);
  if (question == 0 || question > session.now()) return;
  GenerationRecord* record = &session.journal().generations[session.active()->number];
  try {
    const config::PluginUse& issuer = session.profile().issuers[session.issuer_in_service()];
    EngineHost host(session.context(), session.profile().name, nullptr, "enroller",
                    [&session] { return session.clock_trusted(); });
    auto enroller = session.context().registry->make<EnrollerApi>(issuer.plugin, issuer.options, host);
    record->window_question = session.now() + kUsual;
    const Credential current = session.store().call(&StoreApi::read, session.active()->number);
    const RenewalWindow window = enroller.call(&EnrollerApi::renewal_window, current, host);
    if (window.ask_again.count() > 0)
      record->window_question = session.now() + std::clamp(window.ask_again, kShortestHint, kLongestHint).count();
    const EpochSeconds from = seconds_of(window.from);
    const EpochSeconds until = std::max(seconds_of(window.until), from);
    if (from != record->window_from || until != record->window_until) {
      record->window_from = from;
      record->window_until = until;
      record->renew_at = std::max<EpochSeconds>(
          from + static_cast<EpochSeconds>(static_cast<double>(until - from) * session.context().random()), 1);
      session.log(LogLevel::info, "the issuer suggests to renew between " + say_time(from) + " and " + say_time(until));
    }
  } catch (const Failure& failure) {
    record->window_question = session.now() + wait_after(failure.error());
    session.log(LogLevel::info, "when the issuer wants a renewal is not known: " + failure.error().message);
  }
  session.commit();
}

}  // namespace certctl::engine
