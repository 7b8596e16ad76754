// SCEP requests to answers; knows nothing of HTTP but the query and the body.
#pragma once

#include "framework/devca/answer.hpp"
#include "framework/devca/authority.hpp"
#include "framework/devca/enrollment.hpp"
#include "framework/devca/faults.hpp"
#include "framework/devca/settings.hpp"
#include "framework/sys/clock.hpp"

#include <mutex>
#include <string>
#include <string_view>

namespace certctl::devca {

struct Exchange;  // one request on its way

class Responder {
 public:
  // Both are borrowed and outlive this.
  Responder(const ServeSettings& settings, const sys::Clock& clock);

  // `post`: the body is the message. May be called from several threads. Never throws.
  Answer answer(bool post, std::string_view query, crypto::BytesView body) noexcept;

  [[nodiscard]] const Authority& authority() const noexcept { return authority_; }

 private:
  Answer dispatch(Exchange& exchange, bool post, std::string_view query, crypto::BytesView body);
  Answer capabilities(Faults& faults) const;
  Answer ca_certificates(Faults& faults) const;
  Answer next_ca_certificates(Faults& faults) const;
  Answer pki_operation(Exchange& exchange, crypto::BytesView message);
  Decision decide(Exchange& exchange, const scep::ReceivedRequest& request);
  Answer reply(Exchange& exchange, const scep::ReceivedRequest& request, const Decision& decision);
  void fill_success(Exchange& exchange, const scep::ReceivedRequest& request, const Decision& decision,
                    scep::ReplySpec& spec);
  Decision find_certificate(Exchange& exchange, const scep::ReceivedRequest& request);
  Bytes current_crl(const State& state) const;

  const ServeSettings& settings_;
  const sys::Clock& clock_;
  Authority authority_;
  std::mutex mutex_;
};

}  // namespace certctl::devca
