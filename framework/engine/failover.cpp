#include "framework/engine/failover.hpp"

#include <algorithm>

#include "framework/engine/retry.hpp"

namespace certctl::engine {

bool is_aside(const IssuerRecord& record, EpochSeconds now, const std::string& configuration_hash) {
  return record.aside_until > now && record.aside_until <= now + kLongestHint.count() &&
         record.configuration_hash == configuration_hash;
}

std::size_t choose_issuer(const std::vector<std::string>& hashes, const Journal& journal, EpochSeconds now,
                          const std::string& configuration_hash) {
  std::size_t soonest = 0;
  EpochSeconds soonest_at = 0;
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    const auto it = journal.issuers.find(hashes[i]);
    if (it == journal.issuers.end() || !is_aside(it->second, now, configuration_hash)) return i;
    if (i == 0 || it->second.aside_until < soonest_at) {
      soonest = i;
      soonest_at = it->second.aside_until;
    }
  }
  return soonest;
}

std::optional<std::chrono::seconds> aside_after(const Error& error, int failures, bool serviceable) {
  if (error.retry == RetryClass::never) return kAsideAfterRefusal;
  if (serviceable && failures < kFailuresInARow) return std::nullopt;
  return std::clamp(error.delay, kAsideAfterFailures, kLongestHint);
}

EpochSeconds request_end(const RequestRecord& request, std::chrono::seconds give_up, bool further_issuers,
                         const std::optional<ActiveFacts>& active) {
  EpochSeconds end = request.since + give_up.count();
  if (!further_issuers) return end;
  if (active && active->whole && active->not_after > request.since)
    end = std::min(end, request.since + (active->not_after - request.since) / 2);
  if (request.phase == RequestPhase::sent) end = std::min(end, request.since + kLongestDoubt.count());
  return end;
}

}  // namespace certctl::engine
