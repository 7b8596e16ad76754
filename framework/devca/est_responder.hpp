// EST requests to answers (RFC 7030), beside the Responder of SCEP: the same CA, the same records, the same operator.
#pragma once

#include "enrollers/est/protocol/csr_attributes.hpp"
#include "framework/devca/answer.hpp"
#include "framework/devca/authority.hpp"
#include "framework/devca/enrollment.hpp"
#include "framework/devca/est_login.hpp"
#include "framework/devca/exchange.hpp"
#include "framework/devca/http_server.hpp"
#include "framework/devca/settings.hpp"
#include "framework/sys/clock.hpp"

#include <mutex>
#include <string>
#include <string_view>

namespace certctl::devca {

class EstResponder {
 public:
  // All are borrowed and outlive this.
  EstResponder(const ServeSettings& settings, const Authority& authority, const sys::Clock& clock);

  // May be called from several threads. Never throws.
  Answer answer(const HttpRequest& request) noexcept;

 private:
  // Who asks.
  struct Client {
    std::optional<crypto::Certificate> certificate;  // that may authenticate
    std::string signer = "self-signed";              // for the log: issued, foreign
    std::string problem;                             // why a certificate that came authenticates nothing
    std::string challenge = "absent";                // for the log
  };
  Answer dispatch(Exchange& exchange, const HttpRequest& request);
  [[nodiscard]] Client judge_certificate(const Exchange& exchange, const HttpRequest& request) const;
  void judge_login(Exchange& exchange, const HttpRequest& request, const std::string& transaction_id,
                   Client& client) const;
  Answer enroll(Exchange& exchange, const HttpRequest& request, const std::string& operation);
  Answer login_answer(const Exchange& exchange) const;

  const ServeSettings& settings_;
  const Authority& authority_;
  const sys::Clock& clock_;
  EstLogin login_;
  std::vector<crypto::Certificate> client_cas_;
  std::mutex mutex_;
};

}  // namespace certctl::devca
