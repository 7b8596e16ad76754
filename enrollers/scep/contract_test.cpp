// The enroller as the engine sees it, against the development CA over HTTP on loopback: the suite of its kind. It
// proves nothing about the wire (both sides are ours): vectors and foreign servers do.
#include "framework/crypto/digest.hpp"
#include "framework/devca/commands.hpp"
#include "framework/devca/http_server.hpp"
#include "framework/devca/responder.hpp"
#include "framework/devca/state.hpp"
#include "tests/contract/enroller_suite.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <map>
#include <set>

using namespace certctl;

namespace {

class DevelopmentCa : public contract::EnrollerFixture {
 public:
  static constexpr TimePoint kNow{std::chrono::seconds{1'800'000'000}};

  // `made`: the state directory of a CA of this shape.
  DevelopmentCa(const devca::ServeSettings& settings, const std::string& made) : clock_(kNow), settings_(settings) {
    settings_.state = (scratch_.path() / "ca").string();
    std::filesystem::copy(made, settings_.state, std::filesystem::copy_options::recursive);
    responder_ = std::make_unique<devca::Responder>(settings_, clock_);
    server_ = std::make_unique<devca::HttpServer>(*responder_, "127.0.0.1", 0, std::chrono::seconds{20});
    port_ = server_->port();
  }

  contract::Made<EnrollerApi> make(Host& host) override { return make_with(responder_->authority().top(), host); }
  contract::Made<EnrollerApi> make_distrusting(Host& host) override {
    return make_with(devca::impostor_of(responder_->authority().issuing, kNow).certificate, host);
  }

  void mood(contract::CaMood mood) override {
    using contract::CaMood;
    switch (mood) {
      case CaMood::issues: return faults("");
      case CaMood::waits: settings_.approval = devca::Approval::manual; return;
      case CaMood::refuses: return faults("pki/refuse");
      case CaMood::loses_answer: return faults("pki/drop-success");
      case CaMood::babbles: return faults("pki/garbage");
      case CaMood::unreachable: server_.reset(); return;
    }
  }
  void decide(bool approve) override {
    if (approve) {
      devca::approve(settings_.state, {});
    } else {
      devca::deny(settings_.state, {}, "not known here");
    }
  }
  [[nodiscard]] std::size_t requests() const override { return new_requests().size(); }
  [[nodiscard]] std::size_t transactions() const override {
    const auto all = new_requests();
    return std::set<std::string>(all.begin(), all.end()).size();
  }
  [[nodiscard]] std::size_t certificates() const override { return devca::State(settings_.state).all_issued().size(); }
  [[nodiscard]] TimePoint now() const override { return kNow; }

 private:
  contract::Made<EnrollerApi> make_with(const crypto::Certificate& pin, Host& host) {
    return contract::instance<EnrollerApi>("scep",
                                           {{"url", "http://127.0.0.1:" + std::to_string(port_) + "/scep"},
                                            {"ca_fingerprint", std::vector<std::string>{pin.fingerprint()}},
                                            {"timeout", std::chrono::seconds{20}}},
                                           host);
  }
  void faults(const std::string& text) const { devca::State(settings_.state).set_faults(text + "\n"); }

  // Transaction IDs of the messages that ask for a new certificate, as the CA logged them.
  [[nodiscard]] std::vector<std::string> new_requests() const {
    const std::string file = settings_.state + "/requests.log";
    std::vector<std::string> ids;
    if (!std::filesystem::exists(file)) return ids;
    std::istringstream lines(contract::Scratch::read(file));
    for (std::string line; std::getline(lines, line);) {
      const auto entry = nlohmann::json::parse(line);
      const std::string type = entry.value("type", "");
      if (type == "PKCSReq" || type == "RenewalReq") ids.push_back(entry.at("transaction").get<std::string>());
    }
    return ids;
  }

  contract::Scratch scratch_{contract::Scratch::Where::memory};
  sys::FixedClock clock_;
  devca::ServeSettings settings_;
  std::unique_ptr<devca::Responder> responder_;
  std::unique_ptr<devca::HttpServer> server_;
  std::uint16_t port_ = 0;
};

void suite_with(const std::function<void(devca::ServeSettings&)>& shape) {
  // The CA's keys are made once, not for each section.
  static std::map<std::string, std::unique_ptr<contract::Scratch>> made;
  devca::ServeSettings settings;
  shape(settings);
  auto& directory = made[Catch::getResultCapture().getCurrentTestName()];
  if (!directory) {
    directory = std::make_unique<contract::Scratch>(contract::Scratch::Where::memory);
    settings.state = (directory->path() / "ca").string();
    const sys::FixedClock clock(DevelopmentCa::kNow);
    devca::Responder(settings, clock);
  }
  contract::enroller_suite(
      {[&] { return std::make_unique<DevelopmentCa>(settings, (directory->path() / "ca").string()); }});
}

}  // namespace

TEST_CASE("the enroller scep keeps the promises of an enroller, at a CA that answers itself") {
  suite_with([](devca::ServeSettings&) {});
}

TEST_CASE("the enroller scep keeps the promises of an enroller, at a chain of two CAs with RA certificates") {
  suite_with([](devca::ServeSettings& settings) {
    settings.shape.chain = true;
    settings.shape.ra = devca::RaMode::pair;
  });
}
