// Faults of EST answers: how certificates travel, what is wished for, keys that the server makes.
#pragma once

#include "enrollers/est/protocol/csr_attributes.hpp"
#include "framework/devca/answer.hpp"
#include "framework/devca/authority.hpp"
#include "framework/devca/faults.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace certctl::devca {

// Any EST operation that answers with certificates.
std::span<const std::string_view> est_list_faults();
// 200 with these certificates, in the usual way or as a fault has it.
Answer certificates_answer(Faults& faults, const std::vector<crypto::Certificate>& certificates, TimePoint now);

// csrattrs.
std::span<const std::string_view> est_attribute_faults();
Answer attributes_answer(Faults& faults, const est::CsrAttributes& attributes);

// What is decided: simpleenroll, simplereenroll, serverkeygen.
std::span<const std::string_view> est_behaviour_faults();
// HTTP 202.
Answer pending_answer(Faults& faults, int retry_after);
// Another status than the request deserves; false: none.
bool refuse_by_fault(Faults& faults, Answer& answer);

// serverkeygen.
std::span<const std::string_view> est_key_faults();
Answer key_answer(Faults& faults, const std::string& key_pem, const crypto::Certificate& certificate);

}  // namespace certctl::devca
