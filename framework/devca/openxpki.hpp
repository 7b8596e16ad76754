// `--like openxpki`: how OpenXPKI (3.32, sample configuration) differs from a plain server, as far as a client notices.
// What it decides: openxpki_rules.cpp.
#pragma once

#include "enrollers/scep/protocol/reply.hpp"
#include "framework/devca/answer.hpp"
#include "framework/devca/enrollment.hpp"
#include "framework/devca/settings.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace certctl::devca::openxpki {

// EC P-384 for root and issuing CA, and one RSA RA that the root issued: GetCACert has no issuing CA.
void shape(CaShape& shape);

// GetCACaps: no line end after the last word.
std::string capabilities(std::vector<std::string> words, bool given);

// 16 to 128 of [0-9A-Za-z_-], perhaps `word:` before and `:number` after.
[[nodiscard]] bool is_transaction_id(std::string_view text) noexcept;

// The first common name below DC=org, DC=OpenXPKI, DC=Test Deployment. Empty without a common name.
Bytes rewritten_subject(const std::vector<NameAttribute>& asked);

// Content absent, algorithm parameters absent, no failInfoText.
void dress(scep::ReplySpec& spec);
// PENDING is HTTP 202, FAILURE is HTTP 400, each with its reason in the status line.
void dress(Answer& answer, const Decision& decision, std::string_view transaction_id);
// A server fault: text, no message.
Answer fault(std::string_view reason);
// What a client with an EC key gets instead of its certificate.
Answer bad_gateway();

}  // namespace certctl::devca::openxpki
