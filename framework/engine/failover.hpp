// Failover: which of a profile's issuers (`issuers: [ … ]`) a request goes to, and when a failure passes it on to the
// next. Pure functions over the journal, with time and facts handed in.
//
// * A new request goes to the first issuer of the list that is not set aside; when all are, to the one whose time comes
//   first. So the next renewal tries the first again.
// * The class of an error decides. *never* (refused, misconfigured, not trusted) sets the issuer aside at once. *later*
//   and *after* are tried again at the same issuer, which is set aside after kFailuresInARow; at once when there is no
//   certificate that a service could use meanwhile.
// * While an answer is possible nothing is passed on, so that nothing is issued twice: a pending or in-doubt request
//   ends first, by an answer or at its deadline (request_end).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "framework/engine/journal.hpp"
#include "framework/engine/plan.hpp"

namespace certctl::engine {

inline constexpr int kFailuresInARow = 3;
inline constexpr std::chrono::seconds kAsideAfterFailures{3600};
inline constexpr std::chrono::seconds kAsideAfterRefusal{24 * 3600};
inline constexpr std::chrono::seconds kLongestDoubt{24 * 3600};

// Whether the others come first. A time that no rule could have set (a clock that ran ahead) does not count, nor does
// one of another configuration.
[[nodiscard]] bool is_aside(const IssuerRecord& record, EpochSeconds now, const std::string& configuration_hash);

// The place in `hashes` (issuer hashes in the profile's order; not empty) of the issuer that a new request goes to.
[[nodiscard]] std::size_t choose_issuer(const std::vector<std::string>& hashes, const Journal& journal,
                                        EpochSeconds now, const std::string& configuration_hash);

// How long an issuer is set aside after its failure with this error; nothing: it is tried again. `failures`: in a row,
// this one included. `serviceable`: there is an active certificate that is whole and has not expired.
[[nodiscard]] std::optional<std::chrono::seconds> aside_after(const Error& error, int failures, bool serviceable);

// When the open request is given up. With further issuers a request ends at half of what is left of the active
// certificate's life at the latest, and one in doubt after kLongestDoubt: the others need time too.
[[nodiscard]] EpochSeconds request_end(const RequestRecord& request, std::chrono::seconds give_up, bool further_issuers,
                                       const std::optional<ActiveFacts>& active);

}  // namespace certctl::engine
