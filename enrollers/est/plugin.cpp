// The enroller `est`: Enrollment over Secure Transport (RFC 7030, RFC 8951).
#include "enrollers/est/enrollment.hpp"
#include "enrollers/est/http_transport.hpp"
#include "enrollers/est/lookups.hpp"

#include <certctl/plugin.hpp>

namespace {

using namespace certctl;

class Est : public Enroller, public FetchesTrustAnchors, public FetchesNextAnchors, public FetchesCrl {
 public:
  Est(const Options& options, Host& host) : settings_(est::read_settings(options)) { (void)host; }

  EnrollOutcome enroll(const EnrollRequest& request, EnrollHost& host) override {
    est::HttpTransport transport(settings_);
    return est::Enrollment(settings_, transport, request, host).begin();
  }
  EnrollOutcome resume(const EnrollRequest& request, const std::string& token, ResumeReason reason,
                       EnrollHost& host) override {
    est::HttpTransport transport(settings_);
    return est::Enrollment(settings_, transport, request, host).resume(token, reason);
  }
  TrustAnchors fetch_trust_anchors(const std::vector<std::string>& vouched_pem, Host& host) override {
    est::HttpTransport transport(settings_);
    return est::look_up_anchors(settings_, transport, vouched_pem, host);
  }
  std::vector<std::string> fetch_next_anchors(const std::vector<std::string>& current_ca_set_pem,
                                              const std::vector<std::string>& vouched_pem, Host& host) override {
    est::HttpTransport transport(settings_);
    return est::look_up_next_anchors(settings_, transport, current_ca_set_pem, vouched_pem, host);
  }
  Bytes fetch_crl(const EnrollRequest& request, Host& host) override {
    est::HttpTransport transport(settings_);
    return est::look_up_crl(transport, request, host);
  }

 private:
  est::Settings settings_;
};

}  // namespace

CERTCTL_PLUGIN(Enroller, Est, "est", "1.0", "enrolls and renews over EST (RFC 7030)", est::kOptions);
