// The enroller as the engine sees it, over TLS on loopback: the suite of its kind.
#include "enrollers/acme/test_acme_server.hpp"
#include "framework/devca/http_server.hpp"
#include "tests/contract/enroller_suite.hpp"
#include "tests/contract/test_authority.hpp"

#include <catch2/catch.hpp>

using namespace certctl;
using acme_test::AcmeServer;

namespace {

class AcmeCa : public contract::EnrollerFixture {
 public:
  AcmeCa() : now_(std::chrono::system_clock::now()), ca_(now_) {
    const Credential credential = tls_.issue("localhost", "localhost");
    devca::TlsServing serving{credential.certificate_pem, credential.key.pem, {}};
    for (const std::string& pem : credential.chain_pem) serving.chain_pem += pem;
    http_ = std::make_unique<devca::HttpServer>([this](const devca::HttpRequest& request) { return answer(request); },
                                                "127.0.0.1", 0, std::chrono::seconds{20}, serving);
    ca_.base = "https://localhost:" + std::to_string(http_->port());
    tls_file_ = scratch_.write("tls.pem", tls_.root().to_pem());
    pin_file_ = scratch_.write("root.pem", ca_.root.certificate.to_pem());
    ca_.interfere = [this](const AcmeServer::Seen& seen) { return interfere(seen); };
  }

  contract::Made<EnrollerApi> make(Host& host) override { return make_with(tls_file_, host); }
  contract::Made<EnrollerApi> make_distrusting(Host& host) override { return make_with(pin_file_, host); }

  void mood(contract::CaMood mood) override {
    mood_ = mood;
    ca_.waits = mood == contract::CaMood::waits;
    ca_.lose_certificate = mood == contract::CaMood::loses_answer;
    if (mood == contract::CaMood::unreachable) http_.reset();
  }
  void decide(bool approve) override { ca_.decide(approve); }
  [[nodiscard]] std::size_t requests() const override { return ca_.orders.size(); }
  [[nodiscard]] std::size_t transactions() const override { return ca_.orders.size(); }
  [[nodiscard]] std::size_t certificates() const override { return ca_.issued; }
  [[nodiscard]] TimePoint now() const override { return now_; }

  ~AcmeCa() override {
    http_.reset();
    for (const std::string& complaint : ca_.complaints) FAIL_CHECK(complaint);
  }

 private:
  std::optional<acme::HttpReply> interfere(const AcmeServer::Seen& seen) const {
    if (mood_ == contract::CaMood::babbles) {
      acme::HttpReply reply;
      reply.status = 200;
      const std::string page = "<html>Welcome</html>";
      reply.body.assign(page.begin(), page.end());
      return reply;
    }
    if (mood_ == contract::CaMood::refuses && seen.path == "/order")
      return AcmeServer::problem(403, "rejectedIdentifier", "this name is not certified");
    return std::nullopt;
  }

  devca::Answer answer(const devca::HttpRequest& request) {
    devca::Answer answer;
    try {
      const std::string body(request.body.begin(), request.body.end());
      const acme::HttpReply reply =
          request.post ? ca_.post(ca_.base + request.uri, body, {}) : ca_.get(ca_.base + request.uri);
      answer.status = reply.status;
      answer.content_type = reply.content_type;
      answer.body = reply.body;
      if (!reply.nonce.empty()) answer.headers.emplace_back("Replay-Nonce", reply.nonce);
      if (!reply.location.empty()) answer.headers.emplace_back("Location", reply.location);
      for (const std::string& link : reply.links) answer.headers.emplace_back("Link", link);
      if (reply.retry_after.count() > 0)
        answer.headers.emplace_back("Retry-After", std::to_string(reply.retry_after.count()));
    } catch (const acme::TransportFailure&) {
      answer.manner = devca::Manner::close;
    } catch (const std::exception& exception) {
      answer.status = 500;
      answer.content_type = exception.what();
    }
    return answer;
  }

  contract::Made<EnrollerApi> make_with(const std::filesystem::path& tls_file, Host& host) {
    Options all = contract::options(CERTCTL_KIND_ENROLLER, "acme",
                                    {{"url", ca_.base + "/dir"},
                                     {"account_key", (scratch_.path() / "account.key").string()},
                                     {"tls_ca_file", tls_file.string()},
                                     {"ca_file", pin_file_.string()},
                                     {"drop_subject", true},
                                     {"wait", std::chrono::seconds{3}},
                                     {"timeout", std::chrono::seconds{20}}});
    all.set("http_01",
            std::vector<std::pair<std::string, std::string>>{{"webroot", (scratch_.path() / "www").string()}});
    return contract::instance<EnrollerApi>("acme", std::move(all), host);
  }

  TimePoint now_;
  contract::Scratch scratch_{contract::Scratch::Where::memory};
  contract::TestAuthority tls_{"TLS"};
  AcmeServer ca_;
  std::filesystem::path tls_file_;
  std::filesystem::path pin_file_;
  contract::CaMood mood_ = contract::CaMood::issues;
  std::unique_ptr<devca::HttpServer> http_;
};

}  // namespace

TEST_CASE("the enroller acme keeps the promises of an enroller") {
  contract::enroller_suite({[] { return std::make_unique<AcmeCa>(); }});
}
