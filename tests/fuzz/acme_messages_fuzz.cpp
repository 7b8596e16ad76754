// Any text as what an ACME server says: directory, order, authorization, problem, renewal information, times,
// addresses, links; and as a key that somebody pastes.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "enrollers/acme/problems.hpp"
#include "enrollers/acme/protocol/base64url.hpp"
#include "enrollers/acme/protocol/messages.hpp"
#include "tests/fuzz/require.hpp"

using namespace certctl;
using fuzz::accepts;
using fuzz::planted;
using fuzz::require;

namespace {

void check_address(const std::string& url) {
  if (url.empty()) return;
  const auto origin = acme::origin_of(planted(url));
  require(origin.has_value(), "what is taken as an address is one");
  require(acme::origin_of(*origin) == origin, "an origin is its own");
}

void check_shown(const Error& error) {
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  require(std::none_of(error.message.begin(), error.message.end(), control), "what is shown has no control characters");
  require(error.message.size() < 64U << 10U, "what is shown is short");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const crypto::BytesView body(data, size);
  const std::string text = fuzz::text_of(data, size);
  accepts([&] {
    const acme::Directory directory = acme::parse_directory(body);
    for (const std::string& url : {directory.new_nonce, directory.new_account, directory.new_order,
                                   directory.revoke_certificate, directory.renewal_info})
      check_address(url);
  });
  accepts([&] {
    const acme::Order order = acme::parse_order(body);
    check_address(order.finalize);
    check_address(order.certificate);
    for (const std::string& url : order.authorizations) check_address(url);
    if (order.error) check_shown(acme::error_of(*order.error, "the order failed"));
  });
  accepts([&] {
    for (const acme::Challenge& challenge : acme::parse_authorization(body).challenges) {
      check_address(challenge.url);
      require(challenge.token.empty() || acme::is_base64url(planted(challenge.token)), "a token can be a file's name");
    }
  });
  accepts([&] {
    const acme::RenewalInfo info = acme::parse_renewal_info(body);
    require(info.start < info.end, "a window has a length");
  });
  accepts([&] { (void)acme::parse_account(body); });
  if (const auto problem = acme::parse_problem(body)) check_shown(acme::error_of(*problem, "the server refuses it"));
  if (const auto time = acme::parse_time(text)) {
    require(*time > TimePoint(std::chrono::hours(-48)), "a time is after 1970");
    require(!acme::parse_time(planted(text)) || !fuzz::planted_bug, "a time has nothing after it");
  }
  for (const std::string& url : acme::alternate_links(text)) check_address(url);
  if (const auto origin = acme::origin_of(text)) check_address(text);
  if (const auto key = acme::from_pasted_base64(text))
    require(acme::from_pasted_base64(acme::base64url(*key)) == key, "a key comes back");
  acme::HttpReply reply;
  reply.status = 400;
  reply.body.assign(data, data + size);
  check_shown(acme::refusal_of(reply, "it").error());
  return 0;
}
