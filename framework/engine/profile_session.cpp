#include "framework/engine/profile_session.hpp"

#include <algorithm>
#include <cstdlib>

#include "framework/config/profile_hash.hpp"
#include "framework/engine/failover.hpp"
#include "framework/engine/rollover.hpp"
#include "framework/engine/words.hpp"

namespace certctl::engine {
namespace {

// `renew` and `deliver` inside a script of the same profile would wait for themselves.
void refuse_nested_run(const std::string& profile) {
  const char* outer = std::getenv("CERTCTL_PROFILE");
  if (outer != nullptr && profile == outer) {
    throw Failure::never("nested-run", "this runs inside a script of profile '" + profile + "', which holds its lock",
                         "scripts may call `status`, `sscep` and `scep_replace_pem`; remove the call from the script");
  }
}

}  // namespace

EpochSeconds Context::now() const {
  return epoch(clock());
}

ProfileSession::ProfileSession(const Context& context, const config::Profile& profile, Access access)
    : context_(context), profile_(profile), access_(access), state_(context.settings.state, profile.name) {
  issuer_hashes_ = config::issuer_hashes(profile_);
  was_interrupted_ = state_.was_interrupted();
  if (access_ == Access::work) {
    refuse_nested_run(profile_.name);
    state_.create(context_.settings.allow_volatile);
    lock_.emplace(sys::FileLock::acquire(state_.lock_file(), context_.lock_timeout, "profile '" + profile_.name + "'"));
    state_.lock_tokens().push_back(lock_->token());
    was_interrupted_ = state_.was_interrupted();
  }
  load_journal();
  host_ = std::make_unique<EngineHost>(context_, profile_.name, &state_, "store", [this] { return clock_trusted(); });
  store_.emplace(context_.registry->make<StoreApi>(profile_.store.plugin, profile_.store.options, *host_));
  store_location_ = profile_.store.plugin + ":" + store_->call(&StoreApi::location);
  refresh_active();
  if (access_ == Access::work) {
    state_.remove_left_overs();
    drop_ended_request();
    if (journal_.delivery.phase == DeliveryPhase::idle && journal_damage_.empty()) state_.erase_all();
  }
}

ProfileSession::~ProfileSession() {
  if (access_ != Access::work || (!at_work_ && !was_interrupted_)) return;
  try {
    state_.unmark_at_work();
  } catch (const Failure&) {
    // The next run then reports an interruption that was none: harmless.
  }
}

void ProfileSession::load_journal() {
  LoadedJournal loaded = state_.load();
  journal_ = std::move(loaded.journal);
  journal_damage_ = loaded.damage;
  if (!journal_damage_.empty() && access_ == Access::work) {
    state_.set_aside_damaged_journal();
    // A key of which nothing else is known may have been certified.
    if (!journal_.request.open()) {
      state_.keep_transaction("in-doubt", "the journal was damaged: " + journal_damage_, now());
      bool usable = false;
      try {
        usable = state_.key().has_value();
      } catch (const Failure&) {
        usable = false;
      }
      if (!usable) state_.clear_transaction();  // else it serves the next attempt
    }
    commit();
  }
}

// What a crash left of a request that ended, or that had not begun: its key never left this device. A key after a
// verified FAILURE stays for the next attempt.
void ProfileSession::drop_ended_request() {
  const RequestPhase phase = journal_.request.phase;
  if (!journal_damage_.empty() || (phase != RequestPhase::idle && phase != RequestPhase::attempt)) return;
  if (state_.has_transaction()) state_.clear_transaction();
  if (phase == RequestPhase::attempt) {
    const bool again = journal_.request.resumed;
    journal_.request = RequestRecord{};
    // Nothing had left: the attempt, which stays counted, is made again at once. Only once: what ends the process each
    // time must not be tried without a pause.
    journal_.request.resumed = true;
    if (!again) journal_.attempts.next_try = 0;
    commit();
  }
}

void ProfileSession::commit() {
  // Not earlier: a run that changes nothing writes nothing.
  if (access_ == Access::work && !at_work_) {
    state_.mark_at_work();
    at_work_ = true;
  }
  state_.save(journal_);
}

void ProfileSession::log(LogLevel level, const std::string& line) const {
  context_.log(level, profile_.name, line);
}

void ProfileSession::remember(const Error& error) {
  journal_.last_error = ErrorRecord{error, now()};
}

void ProfileSession::report_rollover_damage(const Error& error) const {
  if (!rollover_damage_) log(LogLevel::error, error.message + " (" + error.hint + ")");
  rollover_damage_ = error;
}

EpochSeconds ProfileSession::floor() const {
  return std::max(context_.build_date, journal_.floor);
}

void ProfileSession::refresh_active() {
  active_ = store_->call(&StoreApi::active);
  certificate_.reset();
  if (!active_ || !active_->whole) return;
  try {
    certificate_ = crypto::Certificate::from_pem(store_->call(&StoreApi::read, active_->number).certificate_pem);
  } catch (const Failure& failure) {
    active_->whole = false;
    active_->problem = failure.error().message;
  }
}

registry::Instance<KeyProviderApi> ProfileSession::key_provider(const std::string& name) {
  return context_.registry->make<KeyProviderApi>(name, profile_.key_provider.options, *host_);
}

Credential ProfileSession::read_for_targets(int generation) {
  Credential credential = store_->call(&StoreApi::read, generation);
  complete_authorities(*this, credential);
  return credential;
}

OpenedKey ProfileSession::open_key(const KeyRef& reference) {
  const std::string provider = reference.provider.empty() ? profile_.key_provider.plugin : reference.provider;
  OpenedKey opened;
  opened.reference = reference;
  opened.handle = key_provider(provider).call(&KeyProviderApi::load, reference);
  return opened;
}

std::vector<std::unique_ptr<PluginTarget>>& ProfileSession::targets() {
  if (targets_made_) return targets_;
  for (const auto& target : profile_.targets) {
    auto host = std::make_unique<EngineHost>(context_, profile_.name, &state_, "target-" + target.name,
                                             [this] { return clock_trusted(); });
    auto instance = context_.registry->make<DistributorApi>(target.plugin.plugin, target.plugin.options, *host);
    targets_.push_back(std::make_unique<PluginTarget>(target, std::move(host), std::move(instance)));
  }
  targets_made_ = true;
  return targets_;
}

std::size_t ProfileSession::next_issuer() const {
  if (issuer_hashes_.size() == 1) return 0;
  return choose_issuer(issuer_hashes_, journal_, now(), config::hash_profile(profile_).configuration);
}

std::size_t ProfileSession::issuer_in_service() const {
  const auto record = journal_.generations.find(active_ ? active_->number : 0);
  if (record != journal_.generations.end()) {
    const auto it = std::find(issuer_hashes_.begin(), issuer_hashes_.end(), record->second.issuer_hash);
    if (it != issuer_hashes_.end()) return static_cast<std::size_t>(it - issuer_hashes_.begin());
  }
  return next_issuer();
}

std::string ProfileSession::issuer_text(std::size_t issuer) const {
  const std::string name = profile_.issuers[issuer].plugin;
  if (issuer_hashes_.size() == 1) return name;
  return name + " (issuer " + std::to_string(issuer + 1) + " of " + std::to_string(issuer_hashes_.size()) + ")";
}

std::string ProfileSession::issuer_note(std::size_t issuer) const {
  if (issuer_hashes_.size() == 1) return {};
  std::string note = "asking " + issuer_text(issuer);
  for (std::size_t i = 0; i < issuer; ++i) {
    const IssuerRecord& record = journal_.issuers.at(issuer_hashes_[i]);
    note += "; " + issuer_text(i) + " is set aside until " + say_time(record.aside_until) +
            (record.why ? ": " + record.why->error.message : "");
  }
  return note;
}

PlanInput ProfileSession::plan_input(const Wishes& wishes, bool look_at_targets) {
  PlanInput input;
  input.now = now();
  input.floor = floor();
  input.clock_trusted = clock_trusted();
  input.clock_ignored = context_.settings.clock == config::ClockPolicy::ignore;
  input.journal = &journal_;
  input.store_location = store_location_;
  const config::ProfileHashes hashes = config::hash_profile(profile_);
  const std::size_t in_service = issuer_in_service();
  input.request_hash = in_service == 0 ? hashes.request : config::request_hash(profile_, in_service);
  input.subject_hash = hashes.subject;
  input.configuration_hash = hashes.configuration;
  const std::size_t issuer = next_issuer();
  input.issuer_hash = issuer_hashes_[issuer];
  for (const std::string& hash : issuer_hashes_) {
    if (hash != input.issuer_hash) input.further_issuer_hashes.push_back(hash);
  }
  input.issuer_note = issuer_note(issuer);
  input.renew = profile_.renew;
  input.rotate = profile_.rotate;
  input.rotate_age = profile_.rotate_age;
  input.wishes = wishes;
  if (active_) {
    ActiveFacts facts;
    facts.generation = active_->number;
    facts.whole = active_->whole;
    facts.problem = active_->problem;
    facts.fingerprint = active_->fingerprint;
    if (certificate_) {
      facts.not_before = certificate_->not_before_seconds();
      facts.not_after = certificate_->not_after_seconds();
    }
    input.active = facts;
  }
  input.request_ends = request_end(journal_.request, profile_.pending_give_up, issuer_hashes_.size() > 1, input.active);
  if (!look_at_targets) return input;
  std::optional<Credential> credential;
  if (active_ && active_->whole && !profile_.targets.empty()) credential = read_for_targets(active_->number);
  inspections_.clear();
  for (const auto& target : targets()) {
    Inspection inspection;
    try {
      inspection = target->inspect(credential ? &*credential : nullptr);
    } catch (const Failure& failure) {
      inspection.present = Present::unreadable;
      inspection.detail = failure.error().message;
    }
    input.targets.push_back({target->name(), inspection.present, inspection.serial, inspection.detail});
    inspections_.emplace_back(target->name(), std::move(inspection));
  }
  return input;
}

}  // namespace certctl::engine
