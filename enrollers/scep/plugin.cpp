// The enroller `scep`: SCEP (RFC 8894 and what came before it) over HTTP.
#include "enrollers/scep/enrollment.hpp"
#include "enrollers/scep/http_transport.hpp"
#include "enrollers/scep/lookups.hpp"

#include <certctl/plugin.hpp>

namespace {

using namespace certctl;

class Scep : public Enroller,
             public FetchesTrustAnchors,
             public FetchesNextAnchors,
             public FetchesCertificate,
             public FetchesCrl {
 public:
  Scep(const Options& options, Host& host) : settings_(scep::read_settings(options)) { (void)host; }

  EnrollOutcome enroll(const EnrollRequest& request, EnrollHost& host) override {
    scep::HttpTransport transport(settings_);
    return scep::Enrollment(settings_, transport, request, host).begin();
  }
  EnrollOutcome resume(const EnrollRequest& request, const std::string& token, ResumeReason reason,
                       EnrollHost& host) override {
    scep::HttpTransport transport(settings_);
    return scep::Enrollment(settings_, transport, request, host).resume(token, reason);
  }
  TrustAnchors fetch_trust_anchors(const std::vector<std::string>& vouched_pem, Host& host) override {
    scep::HttpTransport transport(settings_);
    return scep::look_up_anchors(settings_, transport, vouched_pem, host);
  }
  std::vector<std::string> fetch_next_anchors(const std::vector<std::string>& current_ca_set_pem,
                                              const std::vector<std::string>& vouched_pem, Host& host) override {
    scep::HttpTransport transport(settings_);
    return scep::look_up_next_anchors(settings_, transport, current_ca_set_pem, vouched_pem, host);
  }
  std::string fetch_certificate(const std::string& serial, const EnrollRequest& request, Host& host) override {
    scep::HttpTransport transport(settings_);
    return scep::look_up_certificate(settings_, transport, serial, request, host);
  }
  Bytes fetch_crl(const EnrollRequest& request, Host& host) override {
    scep::HttpTransport transport(settings_);
    return scep::look_up_crl(settings_, transport, request, host);
  }

 private:
  scep::Settings settings_;
};

}  // namespace

CERTCTL_PLUGIN(Enroller, Scep, "scep", "1.0", "enrolls and renews over SCEP (RFC 8894)", scep::kOptions);
