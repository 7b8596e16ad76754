// The enroller `acme`: Automatic Certificate Management Environment (RFC 8555, RFC 8737, RFC 8738).
#include "enrollers/acme/account_key.hpp"
#include "enrollers/acme/enrollment.hpp"
#include "enrollers/acme/http_transport.hpp"
#include "enrollers/acme/lookups.hpp"

#include <certctl/plugin.hpp>

namespace {

using namespace certctl;

class Acme : public Enroller, public SuggestsRenewalWindow, public Revokes {
 private:
  template <class Body>
  auto with_account(Host& host, Body&& body) {
    const crypto::Key key = acme::load_or_make_account_key(settings_);
    acme::HttpTransport transport(settings_, host.clock_trusted());
    return body(transport, key);
  }

 public:
  Acme(const Options& options, Host& host) : settings_(acme::read_settings(options)) { (void)host; }

  EnrollOutcome enroll(const EnrollRequest& request, EnrollHost& host) override {
    return with_account(host, [&](acme::Transport& transport, const crypto::Key& key) {
      return acme::Enrollment(settings_, transport, key, request, host).begin();
    });
  }
  EnrollOutcome resume(const EnrollRequest& request, const std::string& token, ResumeReason reason,
                       EnrollHost& host) override {
    return with_account(host, [&](acme::Transport& transport, const crypto::Key& key) {
      return acme::Enrollment(settings_, transport, key, request, host).resume(token, reason);
    });
  }
  RenewalWindow renewal_window(const Credential& current, Host& host) override {
    return with_account(host, [&](acme::Transport& transport, const crypto::Key& key) {
      acme::Client client(settings_, transport, key);
      return acme::suggested_window(settings_, client, current, host);
    });
  }
  void revoke(const EnrollRequest& request, int reason, Host& host) override {
    with_account(host, [&](acme::Transport& transport, const crypto::Key& key) {
      acme::Client client(settings_, transport, key);
      acme::revoke_current(settings_, client, request, reason, host);
    });
  }

 private:
  acme::Settings settings_;
};

}  // namespace

CERTCTL_PLUGIN(Enroller, Acme, "acme", "1.0", "enrolls and renews over ACME (RFC 8555)", acme::kOptions);
